/** How many may be admitted now, and how long the last in the line will wait. */
import type { AdmissionOptions } from '../../contract/profile.ts';

/** What the rate saves up while nobody waits, in seconds of it; one admission in any case. */
const BURST_S = 0.2;
/** The pace is judged by what was admitted in this time. */
const WINDOW_US = 5e6;

export class AdmissionPace {
  readonly #ratePerSec: number;
  readonly #atOnce: number;
  readonly #burst: number;
  /** Nothing is saved up at the start: a restart must not be a way around the rate. */
  #credit = 0;
  #atUs: number;
  /** [instant, admitted then], the oldest first, none older than the window. */
  #recent: [number, number][] = [];

  constructor(
    { ratePerSec, atOnce }: Pick<AdmissionOptions, 'ratePerSec' | 'atOnce'>,
    nowUs: number,
  ) {
    this.#atUs = nowUs;
    this.#ratePerSec = ratePerSec;
    this.#atOnce = atOnce;
    this.#burst = Math.max(1, ratePerSec * BURST_S);
  }

  /** Whole admissions that rate and bound allow at `nowUs` with `active` people inside. */
  allowance(nowUs: number, active: number): number {
    const earned = ((nowUs - this.#atUs) * this.#ratePerSec) / 1e6;
    this.#credit = Math.min(this.#burst, this.#credit + earned);
    this.#atUs = nowUs;
    const byRate = this.#ratePerSec === 0 ? Number.POSITIVE_INFINITY : Math.floor(this.#credit);
    const byBound = this.#atOnce === 0 ? Number.POSITIVE_INFINITY : this.#atOnce - active;
    return Math.max(0, Math.min(byRate, byBound));
  }

  admitted(nowUs: number, count: number): void {
    this.#credit -= count;
    if (this.#atOnce === 0) return;
    this.#forget(nowUs);
    this.#recent.push([nowUs, count]);
  }

  /** Milliseconds until `places` more have been admitted; null while nothing tells. */
  waitMs(places: number, nowUs: number): number | null {
    if (this.#atOnce === 0) return Math.ceil((places / this.#ratePerSec) * 1000);
    this.#forget(nowUs);
    const admitted = this.#recent.reduce((sum, [, count]) => sum + count, 0);
    if (admitted === 0) return null;
    return Math.ceil((places / admitted) * (WINDOW_US / 1000));
  }

  #forget(nowUs: number): void {
    const fromUs = nowUs - WINDOW_US;
    if ((this.#recent[0]?.[0] ?? nowUs) >= fromUs) return;
    this.#recent = this.#recent.filter(([atUs]) => atUs >= fromUs);
  }
}
