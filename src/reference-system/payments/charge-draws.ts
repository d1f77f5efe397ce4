/**
 * What chance decides about a payment: a pure function of seed, customer and how many payments of
 * that customer came before, so that it is the same in every run. A script goes before chance.
 */
import { sampleMs } from '../../base/distributions.ts';
import { Prng } from '../../base/prng.ts';
import type { CallbackRow } from '../../contract/ledger.ts';
import type { CallbackOptions, PaymentBehaviour, PaymentRule } from '../../contract/profile.ts';
import { type CallbackPlan, planCallback } from './callback-plan.ts';

/** Paid at once and never declined or lost: for probes that must not depend on chance. */
export const INSTANT_TOKEN = 'tok_instant';
/** A charge whose answer was lost loses that of a retry as often, so that both paths are seen. */
const LOST_AGAIN = 0.5;
/** Of the lost answers, this share cuts the connection; the others stay silent. */
const CUT_SHARE = 0.5;
/** Payments and customers that are remembered; beyond it the oldest counts as new. */
const REMEMBERED = 100_000;

export type AnswerLoss = 'no' | 'cut' | 'silent';

/** A payment as far as chance looks at it. */
export interface DrawnPayment {
  readonly orderId: string;
  readonly paymentToken: string;
  /** '' when the shop did not say; then the order stands for itself. */
  readonly customer: string;
}

interface Payment {
  readonly name: string;
  readonly rule: PaymentRule | undefined;
  lostAnswers: number;
}

/** What befalls a message when nothing is configured but a script asks for messages. */
const PLAIN: CallbackOptions = {
  delay: { p50Ms: 50, p99Ms: 500 },
  ...{ lost: 0, late: 0, lateMs: 10_000, duplicated: 0, early: 0, replayed: 0, forged: 0 },
};

export class ChargeDraws {
  readonly #seed: number;
  readonly #payments = new Map<string, Payment>();
  readonly #paymentsOf = new Map<string, number>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** How long a charge takes, and whether the card is refused. */
  outcome(
    order: DrawnPayment,
    behaviour: PaymentBehaviour,
  ): { readonly latencyMs: number; readonly declined: boolean } {
    if (order.paymentToken === INSTANT_TOKEN) return { latencyMs: 0, declined: false };
    const { name, rule } = this.#payment(order, behaviour);
    const prng = new Prng(this.#seed, `charge ${name}`);
    const latencyMs = sampleMs({ kind: 'lognormal', ...behaviour.latency }, prng);
    const declined = prng.chance(behaviour.declined);
    return { latencyMs: rule?.latencyMs ?? latencyMs, declined: rule?.declined ?? declined };
  }

  /** Whether the answer to a decided charge gets lost; another draw for every attempt. */
  answerLoss(order: DrawnPayment, captured: boolean, behaviour: PaymentBehaviour): AnswerLoss {
    if (order.paymentToken === INSTANT_TOKEN) return 'no';
    const payment = this.#payment(order, behaviour);
    const scripted = payment.rule?.answer;
    if (scripted !== undefined) return scripted === 'given' ? 'no' : scripted;
    if (!captured || behaviour.lostAnswers === 0) return 'no';
    const { name, lostAnswers } = payment;
    const prng = new Prng(this.#seed, `answer ${lostAnswers} ${name}`);
    const share =
      lostAnswers === 0 ? behaviour.lostAnswers : Math.max(LOST_AGAIN, behaviour.lostAnswers);
    const isLost = prng.chance(share);
    payment.lostAnswers = isLost ? lostAnswers + 1 : 0;
    if (!isLost) return 'no';
    return prng.chance(CUT_SHARE) ? 'cut' : 'silent';
  }

  /** Null where the gateway tells nothing by itself. Plain for what chance has not looked at. */
  callback(
    orderId: string,
    kind: CallbackRow['kind'],
    behaviour: PaymentBehaviour,
  ): CallbackPlan | null {
    const payment = this.#payments.get(orderId);
    const scripted = payment?.rule?.callbacks;
    const { callbacks } = behaviour;
    if (callbacks === undefined && scripted === undefined) return null;
    const twists = payment === undefined ? [] : (scripted ?? null);
    const prng = new Prng(this.#seed, `callback ${kind} ${payment?.name ?? orderId}`);
    return planCallback(callbacks ?? PLAIN, twists, prng);
  }

  #payment(order: DrawnPayment, { script }: PaymentBehaviour): Payment {
    const known = this.#payments.get(order.orderId);
    if (known !== undefined) return known;
    const { orderId, paymentToken, customer } = order;
    const rule = script?.find((one) => one.paymentToken === paymentToken);
    const payment = { name: this.#nameOf(orderId, customer), rule, lostAnswers: 0 };
    remember(this.#payments, orderId, payment);
    return payment;
  }

  #nameOf(orderId: string, customer: string): string {
    if (customer === '') return orderId;
    const before = this.#paymentsOf.get(customer) ?? 0;
    remember(this.#paymentsOf, customer, before + 1);
    return `${before} ${customer}`;
  }
}

function remember<V>(map: Map<string, V>, name: string, value: V): void {
  if (map.size >= REMEMBERED && !map.has(name)) {
    for (const oldest of map.keys()) {
      map.delete(oldest);
      break;
    }
  }
  map.set(name, value);
}
