/**
 * What the coordinator itself does to the target while the load runs: restocks and disturbances of
 * the scenario, each at its instant, with a record of what was really done and when.
 */
import type { Clock, TimerHandle } from '../../base/clock.ts';
import { EcomsimError, messageOf } from '../../base/errors.ts';
import type { RestockCommand } from '../../contract/audit.ts';
import type { FaultSpan } from '../../contract/fault.ts';
import type { Disturbance, Restock, Scenario } from '../../contract/scenario.ts';
import type { Target } from '../../contract/target.ts';

export interface InterventionRecord {
  readonly restocks: readonly RestockCommand[];
  readonly faults: readonly FaultSpan[];
  /** What could not be done, one plain sentence each. */
  readonly problems: readonly string[];
}

/** Throws EcomsimError INVALID_VALUE when the scenario wants something that the target cannot. */
export function assertCanIntervene(scenario: Scenario, target: Target): void {
  const details: string[] = [];
  if ((scenario.sale.restocks ?? []).length > 0 && target.restock === undefined) {
    details.push('it restocks during the run, and this target has no way to be restocked');
  }
  if ((scenario.disturbances ?? []).length > 0 && target.setPayment === undefined) {
    details.push('it disturbs the payments, and those of this target are not ours to change');
  }
  if (details.length === 0) return;
  throw new EcomsimError(
    'INVALID_VALUE',
    `the scenario "${scenario.name}" cannot run against ${target.name}:`,
    { details },
  );
}

export class Interventions {
  readonly #target: Target;
  readonly #clock: Clock;
  readonly #startUs: number;
  readonly #timers: TimerHandle[] = [];
  readonly #restocks: { item: number; units: number; sentUs: number; doneUs: number | null }[] = [];
  readonly #faults: { name: string; fromMs: number; toMs: number }[] = [];
  readonly #problems: string[] = [];
  /** Commands go out one after the other, so that their order is certain. */
  #queue: Promise<void> = Promise.resolve();
  #isDisturbed = false;

  /** `startUs`: host-wide µs at which the load begins. */
  constructor(parts: { scenario: Scenario; target: Target; clock: Clock; startUs: number }) {
    const { scenario, target, clock, startUs } = parts;
    this.#target = target;
    this.#clock = clock;
    this.#startUs = startUs;
    for (const restock of scenario.sale.restocks ?? []) {
      this.#at(restock.atMs, () => this.#restock(restock));
    }
    for (const disturbance of scenario.disturbances ?? []) {
      this.#at(disturbance.atMs, () => this.#disturb(disturbance));
      this.#at(disturbance.untilMs, () => this.#calm());
    }
  }

  /** Nothing more is done from here on; the payments are as configured again. */
  async stop(): Promise<InterventionRecord> {
    for (const timer of this.#timers) this.#clock.cancel(timer);
    this.#then(() => this.#calm());
    await this.#queue;
    return { restocks: this.#restocks, faults: this.#faults, problems: this.#problems };
  }

  #at(atMs: number, act: () => Promise<void>): void {
    const delayMs = Math.max(0, this.#startUs / 1000 + atMs - this.#clock.nowUs() / 1000);
    this.#timers.push(this.#clock.after(delayMs, () => this.#then(act)));
  }

  #then(act: () => Promise<void>): void {
    this.#queue = this.#queue.then(act);
  }

  #nowUs(): number {
    return Math.round(this.#clock.nowUs() - this.#startUs);
  }

  async #restock({ item, units }: Restock): Promise<void> {
    const command = { item, units, sentUs: this.#nowUs(), doneUs: null as number | null };
    this.#restocks.push(command);
    const done = await this.#try(`${units} units of item ${item} were to be restocked`, () =>
      this.#target.restock?.(item, units),
    );
    if (done) command.doneUs = this.#nowUs();
  }

  async #disturb({ name, payment }: Disturbance): Promise<void> {
    const fromMs = this.#nowUs() / 1000;
    const done = await this.#try(`"${name}" was to begin`, () =>
      this.#target.setPayment?.(payment),
    );
    // Without an answer it may have begun all the same: it is ended in either case.
    this.#isDisturbed = true;
    if (done) this.#faults.push({ name, fromMs, toMs: Number.POSITIVE_INFINITY });
  }

  async #calm(): Promise<void> {
    if (!this.#isDisturbed) return;
    const done = await this.#try('the payments were to be as configured again', () =>
      this.#target.setPayment?.(null),
    );
    if (done) this.#isDisturbed = false;
    const last = this.#faults.at(-1);
    if (done && last?.toMs === Number.POSITIVE_INFINITY) last.toMs = this.#nowUs() / 1000;
  }

  async #try(what: string, act: () => Promise<void> | undefined): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (error) {
      if (!(error instanceof EcomsimError)) throw error;
      this.#problems.push(`${what}, but ${messageOf(error)}`);
      return false;
    }
  }
}
