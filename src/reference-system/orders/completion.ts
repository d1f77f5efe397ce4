/** Unfinished orders: asks what became of each payment until every order has come to its end. */
import type { Clock, TimerHandle } from '../../base/clock.ts';
import type { PaymentService } from '../services.ts';
import { isOpen } from './order-states.ts';
import type { OrderStore } from './order-store.ts';
import type { OrderTurns } from './order-turns.ts';
import type { Settlement } from './settlement.ts';
import type { StoredOrder } from './stored-order.ts';

export interface CompletionDeps {
  readonly orders: OrderStore;
  readonly payments: PaymentService;
  readonly settlement: Settlement;
  readonly turns: OrderTurns;
  readonly clock: Clock;
  /** Told of every attempt that failed; the order is tried again. */
  readonly onError: (error: unknown) => void;
}

const TICK_MS = 50;
const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 5000;
const MAX_AT_ONCE = 32;
const RECOVERY_PAGE = 256;

interface Attempt {
  dueUs: number;
  retryMs: number;
}

export class Completion {
  readonly #deps: CompletionDeps;
  readonly #waiting = new Map<string, Attempt>();
  readonly #running = new Map<string, Promise<void>>();
  #timer: TimerHandle | undefined;

  constructor(deps: CompletionDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer ??= this.#deps.clock.every(TICK_MS, () => this.#tick());
  }

  /** Resolves when the attempts in progress are over; what is unfinished is left for recovery. */
  async stop(): Promise<void> {
    if (this.#timer !== undefined) this.#deps.clock.cancel(this.#timer);
    this.#timer = undefined;
    this.#waiting.clear();
    await Promise.all(this.#running.values());
  }

  /** Looks after the order from now on; bounded by the orders that are open in the store. */
  add(orderId: string): void {
    const dueUs = this.#deps.clock.nowUs() + FIRST_RETRY_MS * 1000;
    if (!this.#waiting.has(orderId)) this.#waiting.set(orderId, { dueUs, retryMs: FIRST_RETRY_MS });
  }

  /** Pays back now if the gateway answers, otherwise as soon as it does. */
  async refundSoon(order: StoredOrder): Promise<StoredOrder> {
    try {
      return await this.#deps.settlement.refund(order);
    } catch (error) {
      this.#deps.onError(error);
      this.add(order.id);
      return order;
    }
  }

  /**
   * For a start after a crash: no request of the earlier life is still running, so a payment that
   * the gateway does not know is barred at once. Returns how many orders came to their end.
   */
  async recover(): Promise<number> {
    let completed = 0;
    let after = '';
    for (;;) {
      const ids = await this.#deps.orders.openIds(after, RECOVERY_PAGE);
      for (let i = 0; i < ids.length; i += MAX_AT_ONCE) {
        const ended = await Promise.all(
          ids.slice(i, i + MAX_AT_ONCE).map((id) => this.#recoverOne(id)),
        );
        completed += ended.filter(Boolean).length;
      }
      const last = ids.at(-1);
      if (last === undefined) return completed;
      after = last;
    }
  }

  async #recoverOne(id: string): Promise<boolean> {
    try {
      return await this.#complete(id, false);
    } catch (error) {
      this.#deps.onError(error);
      this.add(id);
      return false;
    }
  }

  #tick(): void {
    const nowUs = this.#deps.clock.nowUs();
    for (const [id, attempt] of this.#waiting) {
      if (this.#running.size >= MAX_AT_ONCE) return;
      if (attempt.dueUs > nowUs || this.#running.has(id)) continue;
      this.#running.set(id, this.#attempt(id, attempt));
    }
  }

  async #attempt(id: string, attempt: Attempt): Promise<void> {
    try {
      if (await this.#complete(id, true)) this.#waiting.delete(id);
    } catch (error) {
      this.#deps.onError(error);
    }
    attempt.retryMs = Math.min(attempt.retryMs * 2, MAX_RETRY_MS);
    attempt.dueUs = this.#deps.clock.nowUs() + attempt.retryMs * 1000;
    this.#running.delete(id);
  }

  /** True when the order has come to its end. */
  #complete(id: string, mayWait: boolean): Promise<boolean> {
    return this.#deps.turns.run(id, () => this.#completeNow(id, mayWait));
  }

  async #completeNow(id: string, mayWait: boolean): Promise<boolean> {
    const order = await this.#deps.orders.byId(id);
    if (order === undefined || !isOpen(order.status)) return true;
    const settled = order.status === 'refunding' ? order : await this.#settle(order, mayWait);
    if (settled.status !== 'refunding') return !isOpen(settled.status);
    await this.#deps.settlement.refund(settled);
    return true;
  }

  async #settle(order: StoredOrder, mayWait: boolean): Promise<StoredOrder> {
    const { payments, settlement, clock } = this.#deps;
    const known = await payments.lookup(order.id);
    if (known === 'captured') return settlement.captured(order);
    if (known === 'declined') return settlement.declined(order);
    // A charge may still be on its way: until the hold ends there is time to wait for it.
    if (mayWait && known === 'none' && clock.nowUs() < order.expiresUs) return order;
    return settlement.abandon(order);
  }
}
