/**
 * How the payment gateway is to behave while several want it otherwise: a scenario's disturbance and
 * faults that overlap. The worst of what each asks for holds until that one is over.
 */
import type { CallbackOptions, LatencySpec, PaymentBehaviour } from '../../contract/profile.ts';

export class PaymentWishes {
  /** Tells the gateway how to behave; null: as configured. */
  readonly #send: (behaviour: PaymentBehaviour | null) => Promise<void>;
  #base: PaymentBehaviour | null = null;
  readonly #troubles: PaymentBehaviour[] = [];

  constructor(send: (behaviour: PaymentBehaviour | null) => Promise<void>) {
    this.#send = send;
  }

  /** What holds without any fault; null: as configured. */
  setBase(behaviour: PaymentBehaviour | null): Promise<void> {
    this.#base = behaviour;
    return this.#send(this.#worst);
  }

  add(trouble: PaymentBehaviour): Promise<void> {
    this.#troubles.push(trouble);
    return this.#send(this.#worst);
  }

  /** One that asks for the same; unknown ones are over already. */
  remove(trouble: PaymentBehaviour): Promise<void> {
    const text = JSON.stringify(trouble);
    const at = this.#troubles.findIndex((one) => JSON.stringify(one) === text);
    if (at >= 0) this.#troubles.splice(at, 1);
    return this.#send(this.#worst);
  }

  get #worst(): PaymentBehaviour | null {
    return this.#troubles.reduce<PaymentBehaviour | null>(
      (sum, one) => (sum === null ? one : worseOf(sum, one)),
      this.#base,
    );
  }
}

function worseOf(a: PaymentBehaviour, b: PaymentBehaviour): PaymentBehaviour {
  const callbacks = worseCallbacks(a.callbacks, b.callbacks);
  const script = [...(a.script ?? []), ...(b.script ?? [])];
  return {
    latency: slowerOf(a.latency, b.latency),
    declined: Math.max(a.declined, b.declined),
    lostAnswers: Math.max(a.lostAnswers, b.lostAnswers),
    ...(callbacks !== undefined && { callbacks }),
    ...(script.length > 0 && { script }),
  };
}

/** Whoever says nothing of them would have them as configured, which no fault makes better. */
function worseCallbacks(
  a: CallbackOptions | undefined,
  b: CallbackOptions | undefined,
): CallbackOptions | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return {
    delay: slowerOf(a.delay, b.delay),
    lost: Math.max(a.lost, b.lost),
    late: Math.max(a.late, b.late),
    lateMs: Math.max(a.lateMs, b.lateMs),
    duplicated: Math.max(a.duplicated, b.duplicated),
    early: Math.max(a.early, b.early),
    replayed: Math.max(a.replayed, b.replayed),
    forged: Math.max(a.forged, b.forged),
  };
}

function slowerOf(a: LatencySpec, b: LatencySpec): LatencySpec {
  return { p50Ms: Math.max(a.p50Ms, b.p50Ms), p99Ms: Math.max(a.p99Ms, b.p99Ms) };
}
