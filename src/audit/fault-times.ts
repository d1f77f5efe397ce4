/**
 * What declared faults do to what the shop promised about time: work that fell due while it could
 * not work is due when it can again, and a clock that was wrong by so much is believed by so much
 * less. Instants are µs of the history.
 */
import type { FaultSpan } from '../contract/fault.ts';

interface Outage {
  readonly fromUs: number;
  readonly toUs: number;
}

interface Skew extends Outage {
  readonly aheadUs: number;
}

export class FaultTimes {
  readonly #outages: readonly Outage[];
  readonly #skews: readonly Skew[];

  constructor(faults: readonly FaultSpan[] = []) {
    const spans = faults.map((fault) => ({
      ...fault,
      fromUs: Math.floor(fault.fromMs * 1000),
      // Infinity is null in a stored audit.
      toUs: Math.ceil((fault.toMs ?? Number.POSITIVE_INFINITY) * 1000),
      aheadUs: (fault.clockSkewMs ?? 0) * 1000,
    }));
    spans.sort((a, b) => a.fromUs - b.fromUs);
    this.#outages = spans.filter(({ isOutage }) => isOutage === true);
    this.#skews = spans.filter(({ aheadUs }) => aheadUs !== 0);
  }

  /**
   * By when something surely happened that was begun at `sinceUs`, fell due at `dueUs` and may be
   * `graceUs` late: the lateness counts from the end of an outage that it fell into.
   */
  latestUs(sinceUs: number, dueUs: number, graceUs: number): number {
    let latestUs = dueUs + graceUs + this.#errorUs(sinceUs, dueUs + graceUs);
    for (const { fromUs, toUs } of this.#outages) {
      if (fromUs <= latestUs && toUs > dueUs) latestUs = Math.max(latestUs, toUs + graceUs);
    }
    return latestUs;
  }

  /** How much too late it may have seemed to the shop between the two instants. */
  aheadUs(fromUs: number, untilUs: number): number {
    return this.#worst(fromUs, untilUs, ({ aheadUs }) => aheadUs);
  }

  /** How much too early it may have seemed. */
  behindUs(fromUs: number, untilUs: number): number {
    return this.#worst(fromUs, untilUs, ({ aheadUs }) => -aheadUs);
  }

  /** Forward and back again, each may add to what lies between two instants. */
  #errorUs(fromUs: number, untilUs: number): number {
    return this.#worst(fromUs, untilUs, ({ aheadUs }) => Math.abs(aheadUs));
  }

  #worst(fromUs: number, untilUs: number, errorOf: (skew: Skew) => number): number {
    let worstUs = 0;
    for (const skew of this.#skews) {
      // The instants themselves may have been read from the wrong clock.
      const slackUs = Math.abs(skew.aheadUs);
      const touches = skew.fromUs - slackUs <= untilUs && skew.toUs + slackUs >= fromUs;
      if (touches) worstUs = Math.max(worstUs, errorOf(skew));
    }
    return worstUs;
  }
}
