/** What is wrong with a rate shape in a phase of a given length: every problem, in plain words. */
import type { RatePoint, RateShape, Surge } from '../scenario.ts';

export const MAX_RATE_PER_SEC = 1_000_000;
export const MAX_REPLAY_POINTS = 1_000_000;
const MAX_STEPS = 10_000;
const MAX_SPIKES = 1000;
/** Of a long list with the same mistake everywhere, only so many are told. */
const MAX_TOLD = 10;
/** Sums of lengths given in fractions may miss the phase's end by a rounding error. */
const SLACK_MS = 1e-6;

/** None means usable. The phase's own length is judged elsewhere; NaN is allowed here. */
export function shapeProblems(shape: RateShape, durationMs: number): string[] {
  const problems = ratesOf(shape)
    .filter((rate) => !isRate(rate))
    .map((rate) => `rate ${rate}/s`);
  const ends = (endMs: number): void => {
    if (endMs > durationMs + SLACK_MS) {
      problems.push(`the curve ends at ${endMs} ms, after its phase (${durationMs} ms)`);
    }
  };
  switch (shape.kind) {
    case 'constant':
    case 'ramp':
      break;
    case 'steps':
      problems.push(...countProblems(shape.steps.length, 'step', MAX_STEPS));
      for (const [index, step] of shape.steps.entries()) {
        problems.push(...lengthProblems(`step ${index + 1}`, step.durationMs));
      }
      ends(shape.steps.reduce((sum, step) => sum + step.durationMs, 0));
      break;
    case 'drop':
      problems.push(...lengthProblems('decay', shape.decayMs));
      break;
    case 'peak-after-start':
      if (shape.modeMs !== undefined) problems.push(...lengthProblems('mode', shape.modeMs));
      break;
    case 'plateau':
      for (const name of ['surgeMs', 'fallMs'] as const) {
        if (!isLength(shape[name])) problems.push(`${name.slice(0, -2)} of ${shape[name]} ms`);
      }
      problems.push(...lengthProblems('sustain', shape.sustainMs));
      ends(shape.surgeMs + shape.sustainMs + shape.fallMs);
      break;
    case 'double-hump':
      problems.push(...surgeProblems('hump', shape.humps, durationMs));
      if (shape.humps.length !== 2) problems.push(`${shape.humps.length} humps instead of 2`);
      break;
    case 'diurnal':
      problems.push(...lengthProblems('period', shape.periodMs));
      if (!Number.isFinite(shape.highAtMs)) problems.push(`highest at ${shape.highAtMs} ms`);
      if (shape.lowPerSec > shape.highPerSec) {
        problems.push(`low rate ${shape.lowPerSec}/s above high rate ${shape.highPerSec}/s`);
      }
      if (shape.spikes.length > MAX_SPIKES) {
        problems.push(`${shape.spikes.length} spikes, at most ${MAX_SPIKES} are allowed`);
      }
      problems.push(...surgeProblems('spike', shape.spikes, durationMs));
      break;
    case 'replay':
      problems.push(...countProblems(shape.points.length, 'point', MAX_REPLAY_POINTS));
      problems.push(...replayProblems(shape.points));
      ends(shape.points.at(-1)?.atMs ?? 0);
      break;
  }
  return shortened(problems);
}

/** Every rate the shape names, and what it can add up to. */
function ratesOf(shape: RateShape): readonly number[] {
  switch (shape.kind) {
    case 'constant':
      return [shape.perSec];
    case 'ramp':
      return [shape.fromPerSec, shape.toPerSec];
    case 'drop':
    case 'peak-after-start':
    case 'plateau':
      return [shape.basePerSec, shape.peakPerSec];
    case 'steps':
      return shape.steps.map(({ perSec }) => perSec);
    case 'replay':
      return shape.points.map(({ perSec }) => perSec);
    case 'double-hump':
      return [shape.basePerSec, ...withSum(shape.basePerSec, shape.humps)];
    case 'diurnal':
      return [shape.lowPerSec, shape.highPerSec, ...withSum(shape.highPerSec, shape.spikes)];
  }
}

function withSum(basePerSec: number, surges: readonly Surge[]): number[] {
  const rates = surges.map(({ surplusPerSec }) => surplusPerSec);
  const sum = rates.reduce((total, rate) => total + rate, basePerSec);
  return rates.every(isRate) && isLength(basePerSec) && sum > MAX_RATE_PER_SEC
    ? [...rates, sum]
    : rates;
}

function surgeProblems(what: string, surges: readonly Surge[], durationMs: number): string[] {
  return surges.flatMap(({ atMs, decayMs }, index) => {
    const problems = lengthProblems(`${what} ${index + 1}: decay`, decayMs);
    if (!isLength(atMs)) problems.push(`${what} ${index + 1} at ${atMs} ms`);
    else if (atMs > durationMs) {
      problems.push(`${what} ${index + 1} at ${atMs} ms, after its phase (${durationMs} ms)`);
    }
    return problems;
  });
}

function replayProblems(points: readonly RatePoint[]): string[] {
  const problems: string[] = [];
  const first = points[0];
  if (first !== undefined && first.atMs !== 0) {
    problems.push(`point 1 is at ${first.atMs} ms; a replay begins at 0`);
  }
  let lastMs = 0;
  for (const [index, { atMs }] of points.entries()) {
    if (!Number.isFinite(atMs)) problems.push(`point ${index + 1} is at ${atMs} ms`);
    else if (atMs < lastMs) {
      problems.push(`point ${index + 1} goes back in time, from ${lastMs} ms to ${atMs} ms`);
    } else lastMs = atMs;
  }
  return problems;
}

function countProblems(count: number, what: string, max: number): string[] {
  if (count === 0) return [`has no ${what}s`];
  return count > max ? [`${count} ${what}s, at most ${max} are allowed`] : [];
}

function lengthProblems(what: string, lengthMs: number): string[] {
  return isLength(lengthMs) && lengthMs > 0 ? [] : [`${what} of ${lengthMs} ms`];
}

function isRate(rate: number): boolean {
  return isLength(rate) && rate <= MAX_RATE_PER_SEC;
}

function isLength(value: number): boolean {
  return Number.isFinite(value) && value >= 0;
}

function shortened(problems: string[]): string[] {
  if (problems.length <= MAX_TOLD) return problems;
  const told = problems.slice(0, MAX_TOLD);
  return [...told, `and ${problems.length - MAX_TOLD} more problems of this shape`];
}
