/** Carries out planned faults against a target, heals them, and keeps a record of what was done. */
import type { Clock } from '../../base/clock.ts';
import { EcomsimError, messageOf } from '../../base/errors.ts';
import type { FaultSpan, Injection, PlannedFault } from '../../contract/fault.ts';
import type { Target } from '../../contract/target.ts';

interface Span {
  readonly name: string;
  readonly fromMs: number;
  toMs: number;
  readonly isOutage?: boolean;
  readonly clockSkewMs?: number;
}

export interface FaultRunnerParts {
  readonly target: Target;
  readonly clock: Clock;
  /** Host-wide µs at which the load begins. */
  readonly startUs: number;
  /** Told when a target that was ended on purpose does not come back. */
  readonly onLost: (reason: string) => void;
}

/** While these last nothing else can be asked of the target. */
export function isExclusive({ kind }: Injection): boolean {
  return kind === 'kill' || kind === 'pause' || kind === 'stall';
}

export class FaultRunner {
  readonly problems: string[] = [];
  readonly #parts: FaultRunnerParts;
  readonly #spans: Span[] = [];
  /** Not healed yet, with their record. */
  readonly #active = new Map<PlannedFault, Span>();
  #isOut = false;
  #isOver = false;
  #wake: () => void = () => {};

  constructor(parts: FaultRunnerParts) {
    this.#parts = parts;
  }

  /** The target cannot answer just now, and that is no surprise. */
  get isOut(): boolean {
    return this.#isOut;
  }

  get spans(): readonly FaultSpan[] {
    return this.#spans;
  }

  /** From beginning to end, for what nothing else can go on beside. */
  async carryOut(fault: PlannedFault): Promise<void> {
    if (this.#isOver) return;
    this.#isOut = true;
    if (await this.begin(fault)) await this.#sleepUntilEnd(fault.forMs);
    await this.end(fault);
    this.#isOut = false;
  }

  /** False when it could not be done. */
  async begin(fault: PlannedFault): Promise<boolean> {
    if (this.#isOver) return false;
    const { name, injection } = fault;
    const span: Span = {
      name,
      fromMs: this.#nowMs(),
      toMs: Number.POSITIVE_INFINITY,
      ...(stopsShop(injection) && { isOutage: true }),
      ...(injection.kind === 'clock' && { clockSkewMs: injection.skewMs }),
    };
    // Without an answer it may have begun all the same: it is recorded and healed in either case.
    this.#active.set(fault, span);
    this.#spans.push(span);
    return this.#try(`the fault "${name}" was to begin`, () =>
      this.#parts.target.inject?.(injection),
    );
  }

  async end(fault: PlannedFault): Promise<void> {
    const span = this.#active.get(fault);
    if (span === undefined) return;
    this.#active.delete(fault);
    try {
      await this.#parts.target.heal?.(fault.injection);
    } catch (error) {
      if (!(error instanceof EcomsimError)) throw error;
      const reason = `it did not recover from the fault "${fault.name}": ${messageOf(error)}`;
      this.problems.push(reason);
      if (fault.injection.kind === 'kill') this.#parts.onLost(reason);
    } finally {
      span.toMs = this.#nowMs();
    }
  }

  /** No fault begins any more, and one that lasts is cut short: to be called before `heal`. */
  stop(): void {
    this.#isOver = true;
    this.#wake();
  }

  /** Ends whatever is still active. */
  async heal(): Promise<void> {
    for (const fault of [...this.#active.keys()]) await this.end(fault);
  }

  #nowMs(): number {
    return Math.round(this.#parts.clock.nowUs() - this.#parts.startUs) / 1000;
  }

  async #sleepUntilEnd(forMs: number): Promise<void> {
    if (forMs <= 0 || this.#isOver) return;
    const { clock } = this.#parts;
    await new Promise<void>((resolve) => {
      const timer = clock.after(forMs, resolve);
      this.#wake = () => {
        clock.cancel(timer);
        resolve();
      };
    });
    this.#wake = () => {};
  }

  async #try(what: string, act: () => Promise<void> | undefined): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (error) {
      if (!(error instanceof EcomsimError)) throw error;
      this.problems.push(`${what}, but ${messageOf(error)}`);
      return false;
    }
  }
}

function stopsShop(injection: Injection): boolean {
  if (injection.kind === 'pause') return injection.process === 'shop';
  return injection.kind === 'kill' || injection.kind === 'stall';
}
