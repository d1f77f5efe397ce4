/** How long people and programs wait between two actions. */
import { type Distribution, meanMs } from '../base/distributions.ts';

/** From this length on nobody has to hurry. */
const UNHURRIED_MS = 20_000;

export const NO_THINK: Distribution = { kind: 'constant', ms: 0 };

/** Between `low` and `high` times `meanMs`, whole milliseconds. */
export function around(meanMs: number, low = 0.6, high = 1.4): Distribution {
  return { kind: 'uniform', minMs: Math.round(meanMs * low), maxMs: Math.round(meanMs * high) };
}

/** People: most decide quickly, some dither; cut off so that journeys end within the run. */
export function human(meanMs: number, pace: number): Distribution {
  const mean = Math.round(meanMs * pace);
  return { kind: 'exponential', meanMs: mean, capMs: mean * 4 };
}

/** 1 = unhurried; a short run thinks faster, so that journeys end within it. */
export function paceOf(durationMs: number): number {
  return Math.min(1, Math.max(0.3, durationMs / UNHURRIED_MS));
}

/** The length of a run that has this pace. */
export function durationOfPace(pace: number): number {
  return pace * UNHURRIED_MS;
}

/** Whether a distribution can be waited for: no negative and no endless times. */
export function isThinkTime(think: Distribution): boolean {
  const mean = meanMs(think);
  if (!(Number.isFinite(mean) && mean >= 0)) return false;
  if (think.kind === 'uniform') return think.minMs >= 0 && think.maxMs >= think.minMs;
  if (think.kind === 'lognormal') return think.p50Ms > 0 && think.p99Ms >= think.p50Ms;
  return true;
}
