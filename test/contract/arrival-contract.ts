// What every arrival process must do, whatever its law: run it against each implementation.
import { describe, expect, test } from 'vitest';
import type { ArrivalProcess } from '../../src/engine/arrivals.ts';

export interface ArrivalContract {
  readonly name: string;
  /** A fresh process; equal seeds give equal sequences. */
  readonly create: (seed: number) => ArrivalProcess;
  readonly durationMs: number;
  /** Expected arrivals in [0, atMs], by a way of its own. */
  readonly expectedUntil: (atMs: number) => number;
}

const SEEDS = [1, 2, 3, 5, 8, 13, 21, 34];
/** Kolmogorov–Smirnov at 0.1 % (Smirnov 1948): fixed seeds, so it holds or it does not. */
const KS_CRITICAL = 1.95;
const BEYOND_END = 100_000_000;

export function collect(process: ArrivalProcess): number[] {
  const times: number[] = [];
  for (let t = process.next(); t !== undefined; t = process.next()) {
    times.push(t);
    if (times.length > BEYOND_END) throw new Error('the process never ends');
  }
  return times;
}

/** Largest distance between the empirical and the stated distribution, times √n. */
function kolmogorovSmirnov(values: readonly number[], cdf: (value: number) => number): number {
  let largest = 0;
  values.forEach((value, index) => {
    const p = cdf(value);
    largest = Math.max(largest, Math.abs(p - index / values.length));
    largest = Math.max(largest, Math.abs(p - (index + 1) / values.length));
  });
  return largest * Math.sqrt(values.length);
}

export function runArrivalContract(contract: ArrivalContract): void {
  const { name, create, durationMs, expectedUntil } = contract;
  const expected = expectedUntil(durationMs);

  describe(name, () => {
    test('never goes back, never leaves the phase and stays at its end', () => {
      for (const seed of SEEDS) {
        const process = create(seed);
        const times = collect(process);
        const wrong = times.filter(
          (atMs, index) => atMs < (times[index - 1] ?? 0) || atMs > durationMs,
        );
        expect(wrong).toEqual([]);
        expect(times.length).toBeGreaterThan(0);
        expect(process.next()).toBeUndefined();
      }
    });

    test('the same seed gives the same arrivals, another seed gives others', () => {
      expect(collect(create(7))).toEqual(collect(create(7)));
      expect(collect(create(7))).not.toEqual(collect(create(8)));
    });

    test('the number of arrivals is Poisson around the area under the rate', () => {
      const counts = SEEDS.map((seed) => collect(create(seed)).length);
      const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
      // Four standard deviations of a mean of Poisson numbers.
      const tolerance = 4 * Math.sqrt(expected / counts.length);
      expect(Math.abs(mean - expected)).toBeLessThan(tolerance);
      const squares = counts.reduce((sum, count) => sum + (count - expected) ** 2, 0);
      const dispersion = squares / counts.length / expected;
      expect(dispersion).toBeGreaterThan(0.1);
      expect(dispersion).toBeLessThan(3.5);
    });

    test('the instants follow the rate curve', () => {
      for (const seed of SEEDS) {
        const distance = kolmogorovSmirnov(
          collect(create(seed)),
          (atMs) => expectedUntil(atMs) / expected,
        );
        expect(distance).toBeLessThan(KS_CRITICAL);
      }
    });

    test('the gaps, measured in expected arrivals, are exponential', () => {
      for (const seed of SEEDS) {
        const areas = collect(create(seed)).map(expectedUntil);
        const gaps = areas.map((area, index) => area - (index === 0 ? 0 : (areas[index - 1] ?? 0)));
        gaps.sort((a, b) => a - b);
        expect(kolmogorovSmirnov(gaps, (gap) => 1 - Math.exp(-gap))).toBeLessThan(KS_CRITICAL);
      }
    });
  });
}
