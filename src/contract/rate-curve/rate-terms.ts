/** The summands of smooth curves: a level, a decaying surge, a gamma-shaped peak, a sine. */
import type { Surge } from '../scenario.ts';
import type { RateTerm } from './smooth-curve.ts';

/** The same rate all the time. */
export function level(perSec: number): RateTerm {
  return {
    rateAt: () => perSec,
    expectedUntil: (atMs) => (perSec * atMs) / 1000,
  };
}

/** Nothing before `atMs`, then a surplus that decays exponentially. */
export function surge({ atMs: startMs, surplusPerSec, decayMs }: Surge): RateTerm {
  const whole = (surplusPerSec * decayMs) / 1000;
  return {
    rateAt: (atMs) => (atMs < startMs ? 0 : surplusPerSec * Math.exp((startMs - atMs) / decayMs)),
    expectedUntil: (atMs) => (atMs < startMs ? 0 : -whole * Math.expm1((startMs - atMs) / decayMs)),
  };
}

/**
 * The density of a gamma distribution of shape 2, scaled to `surplusPerSec` at its mode:
 * x·e^(1−x) with x = t ÷ mode, whose integral is mode · e · (1 − (1 + x)·e^(−x)).
 */
export function gammaPeak(surplusPerSec: number, modeMs: number): RateTerm {
  const whole = (surplusPerSec * modeMs * Math.E) / 1000;
  return {
    rateAt: (atMs) => surplusPerSec * (atMs / modeMs) * Math.exp(1 - atMs / modeMs),
    expectedUntil: (atMs) => {
      const x = atMs / modeMs;
      return whole * (-Math.expm1(-x) - x * Math.exp(-x));
    },
  };
}

/** `amplitudePerSec` · cos: highest at `highAtMs` and one period later. */
export function wave(options: {
  readonly amplitudePerSec: number;
  readonly periodMs: number;
  readonly highAtMs: number;
}): RateTerm {
  const { amplitudePerSec, periodMs, highAtMs } = options;
  const perMs = (2 * Math.PI) / periodMs;
  const scale = amplitudePerSec / perMs / 1000;
  const atStart = Math.sin(-highAtMs * perMs);
  return {
    rateAt: (atMs) => amplitudePerSec * Math.cos((atMs - highAtMs) * perMs),
    expectedUntil: (atMs) => scale * (Math.sin((atMs - highAtMs) * perMs) - atStart),
  };
}
