/**
 * How long after a spike of the offered load, or after what was done to it on purpose, a target was
 * itself again, read from the timeline alone: the same function for a run just finished and for one
 * that was stored.
 */
import type { RecoveryResult, TimelineResult } from '../contract/run-result.ts';

/** Response-time P99 and share of bad outcomes count as back within this factor of their level. */
const FACTOR = 2;
/** Added to the share: a level of nothing bad at all would allow nothing ever after. */
const BAD_SHARE_SLACK = 0.01;
/** It is not recovered before it has been well for so long. */
const GOOD_SECONDS = 5;
/** Seconds before the spike that a level can be read from. */
const BASELINE_SECONDS_MIN = 3;
/** The first seconds say how much is offered before anything happens. */
const FIRST_SECONDS = 3;
/** A spike is this much above that, and further than arrivals scatter (Poisson: √n). */
const SPIKE_FACTOR = 1.5;
const SPIKE_SIGMAS = 5;

export interface RecoverySpan {
  /** The measured load, ms since its start. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** T0 of the sale on the same scale, from when people do something else than before. */
  readonly saleOpensAtMs?: number;
}

interface Spike {
  /** Indexes of its first second and of the first one after it. */
  readonly from: number;
  readonly until: number;
  readonly halfway: number;
}

const NONE = { timeMs: null, spikeFromMs: null, spikeUntilMs: null, baselineP99Ms: null } as const;

/** Definition in docs/measurement.md. Whole seconds of the measured load are looked at. */
export function recoveryOf(
  timeline: readonly TimelineResult[],
  { fromMs, untilMs, saleOpensAtMs = 0 }: RecoverySpan,
): RecoveryResult {
  const seconds = timeline.filter(({ atMs }) => atMs >= fromMs && atMs + 1000 <= untilMs);
  const disturbance = findDisturbance(seconds);
  if (disturbance === undefined && saleOpensAtMs > fromMs) {
    const reason = 'before the sale opened people did something else: there is no level to compare';
    return { ...NONE, reason };
  }
  const spike = disturbance ?? findSpike(seconds);
  if (spike === undefined) return { ...NONE, reason: 'the offered load had no peak' };
  const found = {
    ...NONE,
    spikeFromMs: seconds[spike.from]?.atMs ?? null,
    spikeUntilMs: seconds[spike.until]?.atMs ?? untilMs,
  };
  const level = levelBefore(seconds, spike);
  if (level === undefined) {
    const reason = `fewer than ${BASELINE_SECONDS_MIN} s of ordinary load came before the peak`;
    return { ...found, reason };
  }
  const told = { ...found, baselineP99Ms: level.p99Ms };
  if (seconds.length - spike.until < GOOD_SECONDS) {
    const left = seconds.length - spike.until;
    return {
      ...told,
      reason: `the load ended ${left} s after its peak, ${GOOD_SECONDS} are needed`,
    };
  }
  const isGood = seconds.map((second) => isBack(second, level));
  for (let i = spike.until; i + GOOD_SECONDS <= seconds.length; i++) {
    if (!isGood.slice(i, i + GOOD_SECONDS).every(Boolean)) continue;
    return { ...told, timeMs: (i - spike.until) * 1000, reason: '' };
  }
  return { ...told, reason: 'it was not back at its level before the load ended' };
}

/** From the first second that something was done to the target in, to the last. */
function findDisturbance(seconds: readonly TimelineResult[]): Spike | undefined {
  const from = seconds.findIndex(({ faults }) => faults.length > 0);
  if (from < 0) return undefined;
  const until = seconds.findLastIndex(({ faults }) => faults.length > 0) + 1;
  return { from, until, halfway: Number.POSITIVE_INFINITY };
}

/** The stretch around the busiest second in which more than half of the surge was offered. */
function findSpike(seconds: readonly TimelineResult[]): Spike | undefined {
  const first = seconds.slice(0, FIRST_SECONDS);
  if (first.length < FIRST_SECONDS) return undefined;
  const before = first.reduce((sum, { due }) => sum + due, 0) / FIRST_SECONDS;
  let peak = 0;
  seconds.forEach(({ due }, i) => {
    if (due > (seconds[peak]?.due ?? 0)) peak = i;
  });
  const most = seconds[peak]?.due ?? 0;
  if (most < SPIKE_FACTOR * before || most < before + SPIKE_SIGMAS * Math.sqrt(before)) {
    return undefined;
  }
  const halfway = (before + most) / 2;
  const isAbove = (i: number): boolean => (seconds[i]?.due ?? 0) > halfway;
  let from = peak;
  while (isAbove(from - 1)) from--;
  let until = peak;
  while (isAbove(until)) until++;
  return { from, until, halfway };
}

interface Level {
  readonly p99Ms: number;
  readonly badShare: number;
}

function answers({ ok, refused, failed, unknown }: TimelineResult): number {
  return ok + refused + failed + unknown;
}

/** Of the seconds before the spike: median P99, so that the one it began in weighs little. */
function levelBefore(seconds: readonly TimelineResult[], spike: Spike): Level | undefined {
  const ordinary = seconds
    .slice(0, spike.from)
    .filter(({ due, p99Ms }) => due <= spike.halfway && p99Ms !== null);
  if (ordinary.length < BASELINE_SECONDS_MIN) return undefined;
  const p99s = ordinary.map(({ p99Ms }) => p99Ms ?? 0).sort((a, b) => a - b);
  const bad = ordinary.reduce((sum, { failed, unknown }) => sum + failed + unknown, 0);
  const all = ordinary.reduce((sum, second) => sum + answers(second), 0);
  const middle = p99s.length >> 1;
  const upper = p99s[middle] ?? 0;
  const lower = p99s.length % 2 === 1 ? upper : (p99s[middle - 1] ?? upper);
  return { p99Ms: (lower + upper) / 2, badShare: all === 0 ? 0 : bad / all };
}

/** A second in which nothing was ok shows no recovery. */
function isBack(second: TimelineResult, level: Level): boolean {
  const { p99Ms, failed, unknown } = second;
  if (p99Ms === null || p99Ms > FACTOR * level.p99Ms) return false;
  return (failed + unknown) / answers(second) <= FACTOR * level.badShare + BAD_SHARE_SLACK;
}
