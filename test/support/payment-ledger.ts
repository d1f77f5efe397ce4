/**
 * A payment gateway in memory: a plug-in of `PaymentService` that keeps a ledger of its own, so
 * that what the shop believes can be compared with what was really charged.
 */
import type { Clock } from '../../src/base/clock.ts';
import type { Prng } from '../../src/base/prng.ts';
import type { CallbackOptions } from '../../src/contract/profile.ts';
import {
  type CallbackPlan,
  planCallback,
} from '../../src/reference-system/payments/callback-plan.ts';
import type {
  ChargeOutcome,
  ChargeRequest,
  PaymentNotice,
  PaymentService,
} from '../../src/reference-system/services.ts';

export interface LedgerCharge {
  readonly orderId: string;
  readonly amountMinor: number;
  status: 'captured' | 'declined' | 'voided' | 'refunded';
  captures: number;
  refunds: number;
}

export interface PaymentBehaviour {
  /** Mean; each charge takes between half and one and a half of it. */
  readonly latencyMs: number;
  readonly declined: number;
  /** Share of charges that are decided but whose answer never arrives. */
  readonly lostAnswers: number;
  /** Share of charges that never reach the gateway, and whose answer never arrives. */
  readonly lostRequests: number;
}

const EARLY_WAIT_MS = 1000;
const RETRY_MS = 100;
const REPLAY_AFTER_MS = 1000;

export const CALM: PaymentBehaviour = {
  latencyMs: 0,
  declined: 0,
  lostAnswers: 0,
  lostRequests: 0,
};

export class PaymentLedger {
  readonly charges = new Map<string, LedgerCharge>();
  /** While true, lookups and cancels throw as if the gateway could not be reached. */
  unreachable = false;
  behaviour: PaymentBehaviour;
  /** What befalls the messages about charges; null: none is sent. */
  callbacks: CallbackOptions | null = null;
  /** Where messages go; rejects when nobody is there. */
  tell: (notice: PaymentNotice) => Promise<unknown> = async () => {};
  /** Messages that are still to be delivered. */
  untold = 0;
  #notices = 0;
  readonly #clock: Clock;
  readonly #prng: Prng;

  constructor(clock: Clock, prng: Prng, behaviour: PaymentBehaviour = CALM) {
    this.#clock = clock;
    this.#prng = prng;
    this.behaviour = behaviour;
  }

  /** A line to the gateway that `cut` makes dead, as a crash of the shop does. */
  connect(): { service: PaymentService; cut: () => void } {
    let alive = true;
    const requireAlive = (): void => {
      if (!alive) throw new Error('the process that asks is dead');
      if (this.unreachable) throw new Error('the gateway cannot be reached');
    };
    const service: PaymentService = {
      charge: async (request) => {
        if (!alive) throw new Error('the process that asks is dead');
        return this.#charge(request);
      },
      lookup: async (orderId) => {
        requireAlive();
        return this.charges.get(orderId)?.status ?? 'none';
      },
      cancel: async (orderId) => {
        requireAlive();
        return this.#cancel(orderId);
      },
    };
    return {
      service,
      cut: () => {
        alive = false;
      },
    };
  }

  async #charge({ orderId, amountMinor, paymentToken }: ChargeRequest): Promise<ChargeOutcome> {
    const { latencyMs, declined, lostAnswers, lostRequests } = this.behaviour;
    const instant = paymentToken === 'tok_instant';
    const isDeclined = this.#prng.chance(declined);
    const isAnswerLost = this.#prng.chance(lostAnswers);
    const isRequestLost = this.#prng.chance(lostRequests);
    if (latencyMs > 0) await this.#clock.sleep(latencyMs * (0.5 + this.#prng.unit()));
    if (isRequestLost && !instant) return { kind: 'unknown' };
    const charge = this.charges.get(orderId) ?? {
      orderId,
      amountMinor,
      status: isDeclined && !instant ? ('declined' as const) : ('captured' as const),
      captures: 0,
      refunds: 0,
    };
    if (!this.charges.has(orderId)) {
      this.charges.set(orderId, charge);
      if (charge.status === 'captured') charge.captures++;
      await this.#announce(charge);
    }
    if (isAnswerLost && !instant) return { kind: 'unknown' };
    if (charge.status === 'captured') return { kind: 'captured', chargeId: `ch-${orderId}` };
    return { kind: 'declined' };
  }

  #cancel(orderId: string): 'refunded' | 'voided' {
    const charge = this.charges.get(orderId);
    if (charge?.status === 'captured') {
      charge.status = 'refunded';
      charge.refunds++;
      void this.#announce(charge);
      return 'refunded';
    }
    if (charge?.status === 'refunded') return 'refunded';
    if (charge === undefined) {
      const barred = {
        orderId,
        amountMinor: 0,
        status: 'voided' as const,
        captures: 0,
        refunds: 0,
      };
      this.charges.set(orderId, barred);
      void this.#announce(barred);
    }
    return 'voided';
  }

  /** Resolves at once, or when a message that goes before the answer has gone. */
  async #announce({ orderId, status, amountMinor }: LedgerCharge): Promise<void> {
    if (this.callbacks === null) return;
    const plan = planCallback(this.callbacks, null, this.#prng);
    if (plan.isLost) return;
    this.untold++;
    const currency = status === 'voided' ? '' : 'EUR';
    const id = `cb_${++this.#notices}`;
    const notice = { id, orderId, kind: status, amountMinor, currency };
    const delivered = this.#deliver(notice, plan).finally(() => {
      this.untold--;
    });
    if (plan.isEarly) await Promise.race([delivered, this.#clock.sleep(EARLY_WAIT_MS)]);
  }

  async #deliver(notice: PaymentNotice, plan: CallbackPlan): Promise<void> {
    await this.#clock.sleep(plan.delayMs);
    for (;;) {
      const copies = Array.from({ length: plan.copies }, () => this.tell(notice));
      const ends = await Promise.allSettled(copies);
      if (ends.some(({ status }) => status === 'fulfilled')) break;
      await this.#clock.sleep(RETRY_MS);
    }
    if (!plan.isReplayed) return;
    await this.#clock.sleep(REPLAY_AFTER_MS);
    await this.tell(notice).catch(() => {});
  }
}
