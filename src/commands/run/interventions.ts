/**
 * What the coordinator itself does to the target while the load runs: restocks and disturbances of
 * the scenario and faults, each at its instant, with a record of what was really done and when.
 */
import type { Clock, TimerHandle } from '../../base/clock.ts';
import { EcomsimError, messageOf } from '../../base/errors.ts';
import type { RestockCommand } from '../../contract/audit.ts';
import type { FaultSpan, PlannedFault } from '../../contract/fault.ts';
import type { Disturbance, Restock, Scenario } from '../../contract/scenario.ts';
import type { Target } from '../../contract/target.ts';
import { FaultRunner, isExclusive } from './fault-runner.ts';

export interface InterventionRecord {
  readonly restocks: readonly RestockCommand[];
  readonly faults: readonly FaultSpan[];
  /** What could not be done, one plain sentence each. */
  readonly problems: readonly string[];
}

/** Throws EcomsimError INVALID_VALUE when something is wanted that the target cannot. */
export function assertCanIntervene(
  scenario: Scenario,
  target: Target,
  faults: readonly PlannedFault[],
): void {
  const details: string[] = [];
  if ((scenario.sale.restocks ?? []).length > 0 && target.restock === undefined) {
    details.push('it restocks during the run, and this target has no way to be restocked');
  }
  if ((scenario.disturbances ?? []).length > 0 && target.setPayment === undefined) {
    details.push('it disturbs the payments, and those of this target are not ours to change');
  }
  if (faults.length > 0 && target.inject === undefined) {
    const names = [...new Set(faults.map(({ name }) => name))].join(', ');
    details.push(`it is to go through faults (${names}), and this target is not ours to harm`);
  }
  if (details.length === 0) return;
  throw new EcomsimError(
    'INVALID_VALUE',
    `the scenario "${scenario.name}" cannot run against ${target.name}:`,
    { details },
  );
}

export interface InterventionsParts {
  readonly scenario: Scenario;
  readonly faults: readonly PlannedFault[];
  readonly target: Target;
  readonly clock: Clock;
  /** Host-wide µs at which the load begins. */
  readonly startUs: number;
  /** Told when a target that was ended on purpose does not come back. */
  readonly onLost: (reason: string) => void;
}

export class Interventions {
  readonly #target: Target;
  readonly #clock: Clock;
  readonly #startUs: number;
  readonly #timers: TimerHandle[] = [];
  readonly #restocks: { item: number; units: number; sentUs: number; doneUs: number | null }[] = [];
  readonly #disturbed: { name: string; fromMs: number; toMs: number }[] = [];
  readonly #runner: FaultRunner;
  readonly #problems: string[] = [];
  /** Commands go out one after the other, so that their order is certain. */
  #queue: Promise<void> = Promise.resolve();
  #isDisturbed = false;

  constructor(parts: InterventionsParts) {
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
    this.#runner = new FaultRunner(parts);
    for (const fault of parts.faults) this.#plan(fault);
  }

  /** The target cannot answer just now because of a fault of ours. */
  get isTargetOut(): boolean {
    return this.#runner.isOut;
  }

  #plan(fault: PlannedFault): void {
    if (isExclusive(fault.injection)) {
      this.#at(fault.atMs, () => this.#runner.carryOut(fault));
      return;
    }
    this.#at(fault.atMs, async () => {
      await this.#runner.begin(fault);
    });
    this.#at(fault.atMs + fault.forMs, () => this.#runner.end(fault));
  }

  /** Nothing more is done from here on; every fault is healed, and payments are as configured. */
  async stop(): Promise<InterventionRecord> {
    for (const timer of this.#timers) this.#clock.cancel(timer);
    this.#runner.stop();
    this.#then(() => this.#runner.heal());
    this.#then(() => this.#calm());
    await this.#queue;
    const faults = [...this.#disturbed, ...this.#runner.spans];
    return {
      restocks: this.#restocks,
      faults: faults.sort((a, b) => a.fromMs - b.fromMs),
      problems: [...this.#problems, ...this.#runner.problems],
    };
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
    if (done) this.#disturbed.push({ name, fromMs, toMs: Number.POSITIVE_INFINITY });
  }

  async #calm(): Promise<void> {
    if (!this.#isDisturbed) return;
    const done = await this.#try('the payments were to be as configured again', () =>
      this.#target.setPayment?.(null),
    );
    if (done) this.#isDisturbed = false;
    const last = this.#disturbed.at(-1);
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
