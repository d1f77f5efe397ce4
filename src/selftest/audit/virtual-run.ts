/** Runs asynchronous work on a clock that moves only when everything of an instant is done. */
import type { VirtualClock } from '../../base/clock.ts';

/** No sale takes so long; one that does waits for something that will never come. */
const LIMIT_US = 600_000_000;

/** Lets every promise that can be settled be settled: ticks run when no promise job is left. */
function promiseJobs(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

export interface Drive {
  readonly clock: VirtualClock;
  /** Asked between two tasks: work outside of virtual time that must end before time goes on. */
  readonly interruption?: () => Promise<unknown> | undefined;
}

/** Moves the clock from task to task until `work` is settled. */
export async function drive<T>({ clock, interruption }: Drive, work: Promise<T>): Promise<T> {
  const untilUs = clock.nowUs() + LIMIT_US;
  let isSettled = false;
  const settle = (): void => {
    isSettled = true;
  };
  work.then(settle, settle);
  for (;;) {
    await promiseJobs();
    await interruption?.();
    if (isSettled) return work;
    if (!clock.runNext()) throw new Error('the simulated sale waits for what nobody will do');
    if (clock.nowUs() > untilUs) throw new Error('the simulated sale does not come to its end');
  }
}
