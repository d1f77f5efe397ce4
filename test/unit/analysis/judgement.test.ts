// Verdicts: what is told apart, what is not, and how seldom chance alone is called a change.
import { describe, expect, it } from 'vitest';
import { judgeArms, type MetricValues } from '../../../src/analysis/judgement.ts';
import { sampleNormal } from '../../../src/base/distributions.ts';
import { Prng } from '../../../src/base/prng.ts';

const STEADY = [100, 101, 99, 100, 100.5, 99.5];

const times = (values: readonly number[], factor: number): number[] =>
  values.map((value) => value * factor);

function judge(baseline: MetricValues, current: MetricValues, margin = 0.05) {
  const [judgement] = judgeArms(
    [
      { label: 'baseline', values: baseline },
      { label: 'current', values: current },
    ],
    margin,
  );
  if (judgement === undefined) throw new Error('two arms and no judgement');
  const verdicts = judgement.metrics.map(({ metric, verdict }) => [metric, verdict] as const);
  return { ...judgement, verdicts: Object.fromEntries(verdicts) };
}

/** Six runs a side whose figures scatter by themselves and, in part, together. */
function experiment(prng: Prng, spread: number, shift: number): MetricValues {
  const runs = Array.from({ length: 6 }, () => sampleNormal(prng));
  const values = (center: number, sign: number): number[] =>
    runs.map((shared) => {
      const own = 0.8 * sampleNormal(prng) + sign * 0.6 * shared;
      return center * Math.exp(spread * own);
    });
  return { p99: values(80 * shift, 1), goodput: values(40, -1), capacity: values(300, -1) };
}

describe('the verdict on a metric', () => {
  const alike = { p99: STEADY, goodput: STEADY };

  it('knows for which metrics more is better', () => {
    const grown = { p99: times(STEADY, 1.2), goodput: times(STEADY, 1.2) };
    expect(judge(alike, grown).verdicts).toEqual({ p99: 'slower', goodput: 'faster' });
    expect(judge(grown, alike).verdicts).toEqual({ p99: 'faster', goodput: 'slower' });
  });

  it('is "same" inside the margin, and neither when the runs scatter too much', () => {
    expect(judge(alike, alike).verdicts).toEqual({ p99: 'same', goodput: 'same' });
    const wild = { p99: [60, 90, 100, 110, 140, 170], goodput: STEADY };
    expect(judge(alike, wild).verdicts).toEqual({ p99: 'cannot tell', goodput: 'same' });
  });

  it('is never given for a small p-value alone: what is sure and within the margin is the same', () => {
    const shifted = { p99: times(STEADY, 1.025), goodput: STEADY };
    const { metrics, verdicts } = judge(alike, shifted);
    expect(metrics[0]?.mannWhitneyP).toBeLessThan(0.01);
    expect(verdicts['p99']).toBe('same');
    expect(judge(alike, shifted, 0.005).verdicts['p99']).toBe('slower');
  });

  it('is "cannot tell" under four results a side, however clear the figures look', () => {
    const few = { p99: [200, 201, 202], goodput: [1, 1, 1] };
    const { metrics, verdicts, regression } = judge(alike, few);
    expect(verdicts).toEqual({ p99: 'cannot tell', goodput: 'cannot tell' });
    expect(metrics[0]).toMatchObject({ interval: null, counted: [6, 3] });
    expect(metrics[0]?.reason).toBe('3 of the 4 results it takes a side');
    expect(regression).toBe('open');
  });

  it('counts only the runs that tell the metric, and finds no ratio of nothing', () => {
    const unproven = { p99: [100, 101, 102, null, null, null], goodput: [0, 0, 0, 0] };
    const { metrics } = judge(alike, unproven);
    expect(metrics.map(({ counted }) => counted)).toEqual([
      [6, 3],
      [6, 4],
    ]);
    expect(metrics[1]?.reason).toBe('a value of 0 has no ratio');
  });

  it('is left out for a capacity that no run tells, and open for one that only a side tells', () => {
    const none = { ...alike, capacity: [null, null, null, null] };
    expect(judge(none, none).verdicts).not.toHaveProperty('capacity');
    expect(judge({ ...alike, capacity: STEADY }, none).verdicts['capacity']).toBe('cannot tell');
  });

  it('is made harder by every further arm that is judged with it', () => {
    const prng = new Prng(3, 'arms');
    const arms = Array.from({ length: 5 }, (_, i) => ({
      label: `${i}`,
      values: experiment(prng, 0.03, i === 1 ? 1.12 : 1),
    }));
    const alone = judgeArms(arms.slice(0, 2), 0.05)[0]?.metrics[0];
    const among = judgeArms(arms, 0.05)[0]?.metrics[0];
    expect(among?.interval).toEqual(alone?.interval);
    expect(among?.beyondP).toBeGreaterThan(alone?.beyondP ?? 1);
  });
});

describe('a regression', () => {
  const alike = { p99: STEADY, goodput: STEADY };

  it('is ruled out by an interval that ends before the margin, though the verdict stays open', () => {
    // Clearly better, but by less or by more than the margin is not known.
    const better = { p99: [90, 93, 95, 97, 99, 92], goodput: STEADY };
    const { verdicts, regression } = judge(alike, better);
    expect(verdicts['p99']).toBe('cannot tell');
    expect(regression).toBe('ruled out');
    expect(judge(better, alike).regression).toBe('open');
  });

  it('is proven by one metric, whatever the others say', () => {
    const slower = { p99: times(STEADY, 1.2), goodput: times(STEADY, 1.2) };
    expect(judge(alike, slower).regression).toBe('proven');
  });
});

describe('in 2,000 simulated comparisons of six runs a side', () => {
  function share(seed: number, spread: number, shift: number, verdicts: readonly string[]): number {
    const prng = new Prng(seed, 'comparisons');
    let found = 0;
    for (let trial = 0; trial < 2000; trial++) {
      const { metrics } = judge(experiment(prng, spread, 1), experiment(prng, spread, shift));
      if (metrics.some(({ verdict }) => verdicts.includes(verdict))) found++;
    }
    return found / 2000;
  }

  it.each([0.01, 0.03, 0.1, 0.3])('of the same at noise %d, ≤ 5 % are told apart', (spread) => {
    expect(share(1, spread, 1, ['faster', 'slower'])).toBeLessThanOrEqual(0.05);
  });

  it('that differ by just the margin, hardly more are told apart than the 5 % allowed', () => {
    expect(share(2, 0.03, 1.05, ['faster', 'slower'])).toBeLessThanOrEqual(0.06);
  });

  it('that differ by 15 % at 3 % noise, more than 95 % are found', () => {
    expect(share(3, 0.03, 1.15, ['slower'])).toBeGreaterThan(0.95);
  });

  it('of the same at 1 % noise, most are called the same', () => {
    expect(1 - share(4, 0.01, 1, ['cannot tell', 'faster', 'slower'])).toBeGreaterThan(0.95);
  });
});
