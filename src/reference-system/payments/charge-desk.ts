/** What the payment gateway decides: capture or decline, how long it takes, which answer is lost. */
import type { Clock } from '../../base/clock.ts';
import { sampleMs } from '../../base/distributions.ts';
import { Prng } from '../../base/prng.ts';
import type { PaymentBehaviour } from '../../contract/profile.ts';
import type { ChargeStatus, ChargeStore } from './charge-store.ts';

/** Paid at once and never declined or lost: for probes that must not depend on chance. */
const INSTANT_TOKEN = 'tok_instant';
/** A charge whose answer was lost loses that of a retry as often, so that both paths are seen. */
const LOST_AGAIN = 0.5;
/** Of the lost answers, this share cuts the connection; the others stay silent. */
const CUT_SHARE = 0.5;
/** Orders whose lost attempts are remembered; beyond it the oldest counts as a first attempt. */
const REMEMBERED_LOSSES = 10_000;

export interface ChargeOrder {
  readonly orderId: string;
  readonly key: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly paymentToken: string;
}

export type ChargeDecision =
  | {
      readonly kind: 'answer';
      readonly id: string;
      readonly status: 'captured' | 'declined';
      readonly lost: 'no' | 'cut' | 'silent';
    }
  /** The order was cancelled: it can no longer be charged. */
  | { readonly kind: 'barred' }
  /** The key was used for another order. */
  | { readonly kind: 'key_reused' };

interface Draws {
  readonly latencyMs: number;
  readonly declined: boolean;
  readonly prng: Prng;
}

export class ChargeDesk {
  readonly #store: ChargeStore;
  readonly #clock: Clock;
  #behaviour: PaymentBehaviour;
  readonly #seed: number;
  /** Charges on their way, by order: a retry joins the first attempt. */
  readonly #underWay = new Map<string, Promise<ChargeDecision>>();
  /** Orders one answer of which was lost, with how many attempts were. */
  readonly #lostAttempts = new Map<string, number>();

  constructor(parts: {
    store: ChargeStore;
    clock: Clock;
    options: PaymentBehaviour;
    seed: number;
  }) {
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#behaviour = parts.options;
    this.#seed = parts.seed;
  }

  /** For every charge that is decided from now on; those under way go on as they began. */
  behave(behaviour: PaymentBehaviour): void {
    this.#behaviour = behaviour;
  }

  /** Idempotent by key and by order; decided by (seed, order), whatever the order of arrival. */
  async charge(order: ChargeOrder): Promise<ChargeDecision> {
    const running = this.#underWay.get(order.orderId);
    if (running !== undefined) return this.#mayLose(order, await running);
    const decision = this.#decide(order);
    this.#underWay.set(order.orderId, decision);
    try {
      return this.#mayLose(order, await decision);
    } finally {
      this.#underWay.delete(order.orderId);
    }
  }

  async statusOf(orderId: string): Promise<{ id: string; status: ChargeStatus } | undefined> {
    return this.#store.transact(() => this.#store.byOrder(orderId));
  }

  /** Refunds a capture, or makes sure that the order cannot be charged any more. */
  async cancel(orderId: string): Promise<'refunded' | 'voided'> {
    return this.#store.transact(() => {
      const charge = this.#store.byOrder(orderId);
      if (charge === undefined) {
        this.#store.insert({
          orderId,
          key: '',
          amountMinor: 0,
          currency: '',
          status: 'voided',
          atUs: this.#clock.nowUs(),
        });
        return 'voided';
      }
      if (charge.status === 'captured') this.#store.setStatus(orderId, 'refunded');
      return charge.status === 'captured' || charge.status === 'refunded' ? 'refunded' : 'voided';
    });
  }

  async #decide(order: ChargeOrder): Promise<ChargeDecision> {
    const draws = this.#drawsOf(order);
    if (draws.latencyMs > 0) await this.#clock.sleep(draws.latencyMs);
    return this.#store.transact(() => {
      const known = this.#store.byOrder(order.orderId);
      if (known !== undefined) return decisionOf(known.id, known.status);
      if (this.#store.byKey(order.key) !== undefined) return { kind: 'key_reused' };
      const status = draws.declined ? 'declined' : 'captured';
      const { id } = this.#store.insert({ ...order, status, atUs: this.#clock.nowUs() });
      return decisionOf(id, status);
    });
  }

  #drawsOf(order: ChargeOrder): Draws {
    const prng = new Prng(this.#seed, `charge ${order.orderId}`);
    if (order.paymentToken === INSTANT_TOKEN) return { latencyMs: 0, declined: false, prng };
    const latencyMs = sampleMs({ kind: 'lognormal', ...this.#behaviour.latency }, prng);
    return { latencyMs, declined: prng.chance(this.#behaviour.declined), prng };
  }

  #mayLose(order: ChargeOrder, decision: ChargeDecision): ChargeDecision {
    if (decision.kind !== 'answer' || decision.status !== 'captured') return decision;
    if (order.paymentToken === INSTANT_TOKEN || this.#behaviour.lostAnswers === 0) return decision;
    const attempts = this.#lostAttempts.get(order.orderId) ?? 0;
    const prng = new Prng(this.#seed, `answer ${attempts} ${order.orderId}`);
    const chance =
      attempts === 0
        ? this.#behaviour.lostAnswers
        : Math.max(LOST_AGAIN, this.#behaviour.lostAnswers);
    if (!prng.chance(chance)) {
      this.#lostAttempts.delete(order.orderId);
      return decision;
    }
    this.#remember(order.orderId, attempts + 1);
    return { ...decision, lost: prng.chance(CUT_SHARE) ? 'cut' : 'silent' };
  }

  #remember(orderId: string, attempts: number): void {
    if (this.#lostAttempts.size >= REMEMBERED_LOSSES) {
      for (const oldest of this.#lostAttempts.keys()) {
        this.#lostAttempts.delete(oldest);
        break;
      }
    }
    this.#lostAttempts.set(orderId, attempts);
  }
}

function decisionOf(id: string, status: ChargeStatus): ChargeDecision {
  if (status === 'captured' || status === 'declined') {
    return { kind: 'answer', id, status, lost: 'no' };
  }
  return { kind: 'barred' };
}
