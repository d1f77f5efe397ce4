/**
 * Waits for the next due instant: sleeps to about 1 ms before it, then polls between batches of
 * I/O. A timer alone is 1–2 ms late; polling always would keep a core busy with nothing.
 */
import type { Clock, TimerHandle } from '../base/clock.ts';

/** Timers have whole milliseconds and may be one late. */
const TIMER_GRAIN_US = 1000;
/** A longer gap without work of ours is a pause of the process, not an empty poll. */
const EMPTY_POLL_MAX_US = 5000;
/**
 * Polls in a row that must have found nothing before the thread pauses: under full load the next
 * answer comes within a few of them, and a pause would cost throughput.
 */
const POLLS_BEFORE_NAP = 8;
/** A pause of 50 µs takes up to 0.12 ms: none is begun so short before something is due. */
const NAP_CLEARANCE_US = 150;
/** A later wake-up is not worth a new timer when it moves by less than this. */
const REARM_US = 500;

export interface WaiterOptions {
  /** Polling begins this long before a due instant; 0 trusts the timers, for virtual clocks. */
  readonly spinUs: number;
  /**
   * Pause of the thread after some polls that found nothing; 0 for none. It costs about twice as
   * much lateness and gives the processor to the target where both share too few cores.
   */
  readonly napUs: number;
}

export class Waiter {
  readonly #clock: Clock;
  readonly #spinUs: number;
  readonly #napUs: number;
  readonly #wake: () => void;
  #timer: TimerHandle | undefined;
  #timerUs = 0;
  #polling = false;
  #lastPollUs = 0;
  #eventsAtPoll = 0;
  #emptyPolls = 0;
  /** Earliest due instant that was asked for since the last wake-up. */
  #dueUs = Number.POSITIVE_INFINITY;
  /** Counted up by the owner whenever it does something; polls between are empty. */
  events = 0;
  /** Time spent in empty polls so far. */
  emptyPollUs = 0;
  readonly #onTimer = (): void => {
    this.#timer = undefined;
    this.#dueUs = Number.POSITIVE_INFINITY;
    this.#wake();
  };
  readonly #onPoll = (): void => {
    this.#polling = false;
    const nowUs = this.#clock.nowUs();
    const gapUs = nowUs - this.#lastPollUs;
    if (this.events === this.#eventsAtPoll && gapUs < EMPTY_POLL_MAX_US) {
      this.emptyPollUs += gapUs;
      if (++this.#emptyPolls >= POLLS_BEFORE_NAP) this.#nap(nowUs);
    } else this.#emptyPolls = 0;
    this.#dueUs = Number.POSITIVE_INFINITY;
    this.#wake();
  };

  constructor(clock: Clock, options: WaiterOptions, wake: () => void) {
    this.#clock = clock;
    this.#spinUs = options.spinUs;
    this.#napUs = options.napUs;
    this.#wake = wake;
  }

  /** Calls `wake` once, at `dueUs` or a little before; an earlier wake-up already set is kept. */
  until(dueUs: number): void {
    if (dueUs < this.#dueUs) this.#dueUs = dueUs;
    if (this.#polling) return;
    const nowUs = this.#clock.nowUs();
    const delayUs = dueUs - nowUs;
    if (this.#spinUs > 0 && delayUs <= this.#spinUs + TIMER_GRAIN_US) {
      this.#cancelTimer();
      this.#poll(nowUs);
      return;
    }
    const sleepMs =
      this.#spinUs > 0 ? Math.floor((delayUs - this.#spinUs) / 1000) : Math.max(1, delayUs) / 1000;
    const wakeUs = nowUs + sleepMs * 1000;
    if (this.#timer !== undefined) {
      if (this.#timerUs <= wakeUs + (this.#spinUs > 0 ? REARM_US : 0)) return;
      this.#cancelTimer();
    }
    this.#timerUs = wakeUs;
    this.#timer = this.#clock.after(sleepMs, this.#onTimer);
  }

  /** Calls `wake` as soon as pending I/O has been served. */
  soon(): void {
    if (this.#polling) return;
    this.#cancelTimer();
    this.#poll(this.#clock.nowUs());
  }

  stop(): void {
    this.#cancelTimer();
  }

  #nap(nowUs: number): void {
    if (this.#napUs === 0 || this.#dueUs - nowUs < NAP_CLEARANCE_US) return;
    this.#clock.pause(this.#napUs);
    const napUs = this.#clock.nowUs() - nowUs;
    if (napUs < EMPTY_POLL_MAX_US) this.emptyPollUs += napUs;
  }

  #poll(nowUs: number): void {
    this.#polling = true;
    this.#lastPollUs = nowUs;
    this.#eventsAtPoll = this.events;
    this.#clock.soon(this.#onPoll);
  }

  #cancelTimer(): void {
    if (this.#timer === undefined) return;
    this.#clock.cancel(this.#timer);
    this.#timer = undefined;
  }
}
