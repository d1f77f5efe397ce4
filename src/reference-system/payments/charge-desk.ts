/** What the payment gateway does with a charge: capture or decline, refund, and tell the shop. */
import type { Clock } from '../../base/clock.ts';
import type { PaymentBehaviour } from '../../contract/profile.ts';
import type { CallbackSender, NotedMessages } from './callback-sender.ts';
import type { Notice } from './callback-table.ts';
import { type AnswerLoss, ChargeDraws, type DrawnPayment } from './charge-draws.ts';
import type { ChargeStatus, ChargeStore, StoredCharge } from './charge-store.ts';

export interface ChargeOrder extends DrawnPayment {
  readonly key: string;
  readonly amountMinor: number;
  readonly currency: string;
  /** The card is known not to be good: declined whatever chance says. */
  readonly isRefused?: boolean;
}

export type ChargeDecision =
  | {
      readonly kind: 'answer';
      readonly id: string;
      readonly status: 'captured' | 'declined';
      readonly lost: AnswerLoss;
    }
  /** The order was cancelled: it can no longer be charged. */
  | { readonly kind: 'barred' }
  /** The key was used for another order. */
  | { readonly kind: 'key_reused' };

/** A decision that was stored, with the messages that were stored with it. */
interface Change<T> {
  readonly result: T;
  readonly messages: NotedMessages | null;
}

export class ChargeDesk {
  readonly #store: ChargeStore;
  readonly #clock: Clock;
  readonly #sender: CallbackSender | null;
  readonly #configured: PaymentBehaviour;
  readonly #draws: ChargeDraws;
  #behaviour: PaymentBehaviour;
  /** Charges on their way, by order: a retry joins the first attempt. */
  readonly #underWay = new Map<string, Promise<ChargeDecision>>();

  constructor(parts: {
    store: ChargeStore;
    clock: Clock;
    options: PaymentBehaviour;
    seed: number;
    /** Without one the shop is told nothing but the answers. */
    sender?: CallbackSender;
  }) {
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#configured = parts.options;
    this.#behaviour = parts.options;
    this.#draws = new ChargeDraws(parts.seed);
    this.#sender = parts.sender ?? null;
  }

  /** For every charge that is decided from now on; null: as configured. */
  behave(behaviour: PaymentBehaviour | null): void {
    this.#behaviour =
      behaviour === null ? this.#configured : { ...behaviour, ...this.#callbacksOf(behaviour) };
  }

  /** Idempotent by key and by order. */
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

  /** Refunds a capture in full, or makes sure that the order cannot be charged any more. */
  async cancel(orderId: string): Promise<'refunded' | 'voided'> {
    const { result, messages } = await this.#store.transact(() => this.#cancelNow(orderId));
    await this.#tell(messages);
    return result;
  }

  #cancelNow(orderId: string): Change<'refunded' | 'voided'> {
    const store = this.#store;
    const charge = store.byOrder(orderId);
    const atUs = this.#clock.nowUs();
    if (charge === undefined) {
      const nothing = { orderId, key: '', amountMinor: 0, currency: '', atUs } as const;
      const barred = store.insert({ ...nothing, status: 'voided' });
      return { result: 'voided', messages: this.#note(barred, 'voided') };
    }
    if (charge.status === 'captured') {
      store.refund(charge, atUs);
      return { result: 'refunded', messages: this.#note({ ...charge, atUs }, 'refunded') };
    }
    return { result: charge.status === 'refunded' ? 'refunded' : 'voided', messages: null };
  }

  async #decide(order: ChargeOrder): Promise<ChargeDecision> {
    const draws = this.#draws.outcome(order, this.#behaviour);
    if (draws.latencyMs > 0) await this.#clock.sleep(draws.latencyMs);
    const declined = draws.declined || order.isRefused === true;
    const { result, messages } = await this.#store.transact(() => this.#chargeNow(order, declined));
    await this.#tell(messages);
    return result;
  }

  #chargeNow(order: ChargeOrder, declined: boolean): Change<ChargeDecision> {
    const store = this.#store;
    const known = store.byOrder(order.orderId);
    if (known !== undefined) return { result: decisionOf(known), messages: null };
    if (store.byKey(order.key) !== undefined) {
      return { result: { kind: 'key_reused' }, messages: null };
    }
    const status = declined ? 'declined' : 'captured';
    const charge = store.insert({ ...order, status, atUs: this.#clock.nowUs() });
    return { result: decisionOf(charge), messages: this.#note(charge, status) };
  }

  #note(charge: StoredCharge, kind: Notice['kind']): NotedMessages | null {
    if (this.#sender === null) return null;
    const { orderId, amountMinor, currency, atUs } = charge;
    const plan = this.#draws.callback(orderId, kind, this.#behaviour);
    const notice = { orderId, kind, amountMinor, currency, atUs };
    return plan === null ? null : this.#sender.note(notice, plan);
  }

  async #tell(messages: NotedMessages | null): Promise<void> {
    if (messages !== null) await this.#sender?.dispatch(messages);
  }

  #mayLose(order: ChargeOrder, decision: ChargeDecision): ChargeDecision {
    if (decision.kind !== 'answer') return decision;
    const captured = decision.status === 'captured';
    return { ...decision, lost: this.#draws.answerLoss(order, captured, this.#behaviour) };
  }

  #callbacksOf({ callbacks }: PaymentBehaviour): Pick<PaymentBehaviour, 'callbacks'> {
    const chosen = callbacks ?? this.#configured.callbacks;
    return chosen === undefined ? {} : { callbacks: chosen };
  }
}

function decisionOf({ id, status }: StoredCharge): ChargeDecision {
  if (status === 'captured' || status === 'declined') {
    return { kind: 'answer', id, status, lost: 'no' };
  }
  return { kind: 'barred' };
}
