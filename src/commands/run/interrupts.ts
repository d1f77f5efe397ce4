/** Ctrl-C once stops arrivals, twice stops everything; nothing is left behind either way. */

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

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function watchInterrupts(): Interrupts {
  let count = 0;
  const listeners: (() => void)[] = [];
  let rejectSecond: (reason: StoppedNow) => void = () => {};
  const second = new Promise<never>((_, reject) => {
    rejectSecond = reject;
  });
  second.catch(() => {
    // Only a race that is under way wants to hear of it.
  });
  const onSignal = (): void => {
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
