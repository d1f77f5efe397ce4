/**
 * How busy an event loop is. Its own utilisation reads near 1 while it polls for the next arrival,
 * so empty polls are taken off: what is left is work of ours.
 */
export class BusyMeter {
  readonly #idleMs: () => number;
  #fromUs: number;
  #idleMsBefore: number;
  #emptyPollUsBefore = 0;

  /** `idleMs`: how long the loop has waited for I/O and timers so far. */
  constructor(idleMs: () => number, fromUs: number) {
    this.#idleMs = idleMs;
    this.#idleMsBefore = idleMs();
    this.#fromUs = fromUs;
  }

  /** Busy share of the time since the last lap, with that time's bounds. */
  lap(
    nowUs: number,
    emptyPollUs: number,
  ): { readonly fromUs: number; readonly untilUs: number; readonly busyRatio: number } {
    const idleMs = this.#idleMs();
    const fromUs = this.#fromUs;
    const wallUs = Math.max(1, nowUs - fromUs);
    const waitedUs = (idleMs - this.#idleMsBefore) * 1000 + emptyPollUs - this.#emptyPollUsBefore;
    this.#idleMsBefore = idleMs;
    this.#emptyPollUsBefore = emptyPollUs;
    this.#fromUs = nowUs;
    const busyRatio = Math.min(1, Math.max(0, 1 - waitedUs / wallUs));
    return { fromUs, untilUs: nowUs, busyRatio };
  }
}
