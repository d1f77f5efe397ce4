/** A clock that can be made to show another time than it is, as after a bad synchronisation. */
import type { Clock } from '../base/clock.ts';

export interface SkewedClock extends Clock {
  /** From now on it shows so many ms too much, or too little; timers run as before. */
  skew(ms: number): void;
}

export function createSkewedClock(clock: Clock): SkewedClock {
  let skewMs = 0;
  return {
    ...clock,
    nowUs: () => clock.nowUs() + skewMs * 1000,
    wallMs: () => clock.wallMs() + skewMs,
    skew: (ms) => {
      skewMs = ms;
    },
  };
}
