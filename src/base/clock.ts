/** The only file that touches real time: a clock is a value that is passed in. */

export type TimerHandle = { readonly id: unknown };

/**
 * Time as a capability. `nowUs` is monotonic microseconds with one base for every process and
 * thread of this host (so instants taken in the generator and in the shop can be compared).
 */
export interface Clock {
  nowUs(): number;
  /** Wall-clock milliseconds since 1970, for names and reports only; never for durations. */
  wallMs(): number;
  /** Runs `task` once after `delayMs` (≥ 0). */
  after(delayMs: number, task: () => void): TimerHandle;
  /** Runs `task` every `intervalMs`; does not keep the process alive. */
  every(intervalMs: number, task: () => void): TimerHandle;
  cancel(handle: TimerHandle): void;
  /** Runs `task` as soon as pending I/O has been served. */
  soon(task: () => void): void;
  sleep(delayMs: number): Promise<void>;
  /**
   * Blocks this thread for about `pauseUs` without using the processor: nothing else runs on it
   * meanwhile, so keep it far below what anybody waits for. A virtual clock does not move.
   */
  pause(pauseUs: number): void;
}

/** Nobody ever notifies it: waiting on it is a plain, short sleep of the thread. */
const NEVER_NOTIFIED = new Int32Array(new SharedArrayBuffer(4));

/** The global of this name is a getter that costs as much as the reading itself. */
const monotonic = globalThis.performance;

/** performance.now() is the cheap reading; its offset to the host-wide base is fixed at start. */
function hostOffsetUs(): number {
  const before = monotonic.now();
  const hostUs = Number(process.hrtime.bigint() / 1000n);
  const after = monotonic.now();
  return hostUs - ((before + after) / 2) * 1000;
}

export function createSystemClock(): Clock {
  const offsetUs = hostOffsetUs();
  return {
    nowUs: () => monotonic.now() * 1000 + offsetUs,
    wallMs: () => Date.now(),
    after: (delayMs, task) => ({ id: setTimeout(task, delayMs) }),
    every: (intervalMs, task) => {
      const timer = setInterval(task, intervalMs);
      timer.unref();
      return { id: timer };
    },
    cancel: (handle) => clearTimeout(handle.id as NodeJS.Timeout),
    soon: (task) => {
      setImmediate(task);
    },
    sleep: (delayMs) => new Promise((resolve) => setTimeout(resolve, delayMs)),
    pause: (pauseUs) => {
      Atomics.wait(NEVER_NOTIFIED, 0, 0, pauseUs / 1000);
    },
  };
}

/** A clock that moves only when told to; tasks run in time order, ties in order of arrival. */
export interface VirtualClock extends Clock {
  /** Moves time forward by `ms`, running everything that falls due. */
  advance(ms: number): void;
  /** Moves time to the task that falls due next and runs it alone; false when there is none. */
  runNext(): boolean;
}

interface VirtualTimer {
  atUs: number;
  order: number;
  everyUs: number;
  task: () => void;
  cancelled: boolean;
}

export function createVirtualClock(startUs = 0, wallStartMs = 0): VirtualClock {
  let nowUs = startUs;
  let order = 0;
  const timers: VirtualTimer[] = [];

  function add(delayMs: number, everyMs: number, task: () => void): TimerHandle {
    const timer: VirtualTimer = {
      atUs: nowUs + Math.max(0, delayMs) * 1000,
      order: order++,
      everyUs: everyMs * 1000,
      task,
      cancelled: false,
    };
    timers.push(timer);
    return { id: timer };
  }

  function nextDue(untilUs: number): VirtualTimer | undefined {
    let best: VirtualTimer | undefined;
    for (const timer of timers) {
      if (timer.cancelled || timer.atUs > untilUs) continue;
      const sooner =
        best === undefined ||
        timer.atUs < best.atUs ||
        (timer.atUs === best.atUs && timer.order < best.order);
      if (sooner) best = timer;
    }
    return best;
  }

  function runOne(timer: VirtualTimer): void {
    nowUs = Math.max(nowUs, timer.atUs);
    if (timer.everyUs > 0) {
      timer.atUs += timer.everyUs;
      timer.order = order++;
    } else {
      timers.splice(timers.indexOf(timer), 1);
    }
    timer.task();
  }

  return {
    nowUs: () => nowUs,
    wallMs: () => wallStartMs + (nowUs - startUs) / 1000,
    after: (delayMs, task) => add(delayMs, 0, task),
    every: (intervalMs, task) => add(intervalMs, intervalMs, task),
    cancel: (handle) => {
      const timer = handle.id as VirtualTimer;
      timer.cancelled = true;
      const index = timers.indexOf(timer);
      if (index >= 0) timers.splice(index, 1);
    },
    soon: (task) => {
      add(0, 0, task);
    },
    sleep: (delayMs) => new Promise((resolve) => add(delayMs, 0, resolve)),
    pause: () => {},
    advance: (ms) => {
      const untilUs = nowUs + ms * 1000;
      for (let due = nextDue(untilUs); due !== undefined; due = nextDue(untilUs)) runOne(due);
      nowUs = untilUs;
    },
    runNext: () => {
      const due = nextDue(Number.POSITIVE_INFINITY);
      if (due !== undefined) runOne(due);
      return due !== undefined;
    },
  };
}
