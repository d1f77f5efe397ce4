/** Ctrl-C once stops arrivals, twice stops everything; nothing is left behind either way. */
import type { Clock } from '../../base/clock.ts';

export interface Interrupts {
  /** True from the first signal on. */
  readonly interrupted: boolean;
  /** Called at the first signal, at once when it already came. */
  onFirst(listener: () => void): void;
  /** Rejects at the second signal, for racing against long waits. */
  readonly second: Promise<never>;
  dispose(): void;
}

/** Thrown by the race against `second`. */
export class StoppedNow extends Error {
  override readonly name = 'StoppedNow';
}

/** `timeout` and shells signal a process and then its group: that is one wish, not two. */
const SAME_SIGNAL_US = 300_000;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function watchInterrupts(clock: Clock): Interrupts {
  let count = 0;
  let firstUs = 0;
  const listeners: (() => void)[] = [];
  let rejectSecond: (reason: StoppedNow) => void = () => {};
  const second = new Promise<never>((_, reject) => {
    rejectSecond = reject;
  });
  second.catch(() => {
    // Only a race that is under way wants to hear of it.
  });
  const onSignal = (): void => {
    if (count > 0 && clock.nowUs() - firstUs < SAME_SIGNAL_US) return;
    if (count === 0) firstUs = clock.nowUs();
    count++;
    if (count === 1) for (const listener of listeners) listener();
    else rejectSecond(new StoppedNow('stopped by a second signal'));
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    get interrupted() {
      return count > 0;
    },
    onFirst: (listener) => {
      listeners.push(listener);
      if (count > 0) listener();
    },
    second,
    dispose: () => {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
