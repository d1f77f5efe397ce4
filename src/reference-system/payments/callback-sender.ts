/**
 * Brings the gateway's messages to the shop: each at least once unless the plan loses it, signed
 * when it is sent, tried again while the shop does not answer.
 */
import { randomBytes } from 'node:crypto';
import type { Clock, TimerHandle } from '../../base/clock.ts';
import type { CallbackPlan, Forgery } from './callback-plan.ts';
import { type SignedMessage, signMessage } from './callback-signature.ts';
import type { Notice, StoredCallback } from './callback-table.ts';
import type { ChargeStore } from './charge-store.ts';

/** Resolves with the HTTP status of the answer; rejects when there was none. */
export type Deliver = (message: SignedMessage) => Promise<number>;

export interface CallbackSenderParts {
  readonly store: ChargeStore;
  readonly clock: Clock;
  readonly secret: string;
  readonly deliver: Deliver;
  readonly onError: (error: unknown) => void;
}

/** Messages that were stored with a change and are to be sent once it is committed. */
export interface NotedMessages {
  readonly genuine: StoredCallback;
  readonly forged: StoredCallback | null;
  readonly plan: CallbackPlan;
}

const MAX_AT_ONCE = 64;
const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 5_000;
/** About 45 s of a shop that does not answer. */
const MAX_ATTEMPTS = 16;
const REPLAY_AFTER_MS = 1_000;
/** How long an answer waits at most for the message that goes before it. */
const EARLY_WAIT_MS = 1_000;
const RECORD_EVERY_MS = 50;
const RESUME_LIMIT = 100_000;
const DAY_MS = 24 * 3_600_000;

/** The opposite of the truth: what does most harm to whoever believes it. */
const LIES = {
  captured: 'declined',
  declined: 'captured',
  voided: 'captured',
  refunded: 'captured',
} as const;

interface Work {
  readonly run: () => void;
  readonly timer: TimerHandle;
}

export class CallbackSender {
  readonly #parts: CallbackSenderParts;
  /** Of no use to anybody but who wants to be refused. */
  readonly #foreignSecret = randomBytes(32).toString('base64url');
  readonly #timed = new Set<Work>();
  readonly #queue: (() => Promise<void>)[] = [];
  readonly #results = new Map<number, { sent: number; isWaiting: boolean }>();
  #recording: TimerHandle | undefined;
  #atOnce = 0;
  #closed = false;
  /** Messages and repetitions that are still to be sent. */
  pending = 0;

  constructor(parts: CallbackSenderParts) {
    this.#parts = parts;
  }

  /** To be called inside `ChargeStore.transact`, with the change that the message tells of. */
  note(notice: Notice, plan: CallbackPlan): NotedMessages {
    const { callbacks } = this.#parts.store;
    const genuine = callbacks.insert(notice, false, !plan.isLost);
    if (plan.forgery === null) return { genuine, forged: null, plan };
    return { genuine, forged: callbacks.insert(lieOf(notice, plan.forgery), true, false), plan };
  }

  /** After the commit. Resolves at once, or when a message that goes before the answer has gone. */
  async dispatch({ genuine, forged, plan }: NotedMessages): Promise<void> {
    if (forged !== null) this.#afterMs(0, () => this.#sendForged(forged, genuine, plan));
    if (plan.isLost) return;
    const sent = new Promise<void>((resolve) => {
      this.#afterMs(plan.delayMs, () => this.#send(genuine, plan, resolve));
    });
    if (!plan.isEarly) return;
    await Promise.race([sent, this.#parts.clock.sleep(EARLY_WAIT_MS)]);
  }

  /** Sends what an earlier life left behind, once and plainly. */
  async resume(): Promise<void> {
    const { store } = this.#parts;
    const left = await store.transact(() => store.callbacks.waiting(RESUME_LIMIT));
    for (const callback of left) this.#afterMs(0, () => this.#send(callback, null, () => {}));
  }

  /** Everything that waits for its time goes now. */
  hurry(): void {
    for (const work of this.#timed) {
      this.#parts.clock.cancel(work.timer);
      work.run();
    }
  }

  /** Records how often each message was sent so far. */
  async record(): Promise<void> {
    if (this.#recording !== undefined) this.#parts.clock.cancel(this.#recording);
    this.#recording = undefined;
    const results = [...this.#results];
    this.#results.clear();
    const { store } = this.#parts;
    await store.transact(() => {
      for (const [seq, { sent, isWaiting }] of results) {
        store.callbacks.settle(seq, sent, isWaiting);
      }
    });
  }

  /** What was not delivered is left for the next life. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { timer } of this.#timed) this.#parts.clock.cancel(timer);
    this.#timed.clear();
    await this.record();
  }

  #send(callback: StoredCallback, plan: CallbackPlan | null, first: () => void): void {
    let attempt = 0;
    const body = bodyOf(callback);
    const sendOnce = async (): Promise<void> => {
      attempt++;
      const message = this.#sign(callback.id, body);
      const copies = attempt === 1 ? (plan?.copies ?? 1) : 1;
      const taken = await this.#deliver(message, copies);
      const isOver = taken || attempt >= MAX_ATTEMPTS || this.#closed;
      this.#note(callback.seq, copies, !taken && (!isOver || this.#closed));
      if (taken) first();
      if (isOver) {
        if (taken && plan?.isReplayed === true) this.#replay(callback.seq, message);
        return;
      }
      const pauseMs = Math.min(FIRST_RETRY_MS * 2 ** (attempt - 1), MAX_RETRY_MS);
      this.#afterMs(pauseMs, () => this.#enqueue(sendOnce));
    };
    this.#enqueue(sendOnce);
  }

  /** The same bytes, as somebody who has listened could send them. */
  #replay(seq: number, message: SignedMessage): void {
    this.#afterMs(REPLAY_AFTER_MS, () =>
      this.#enqueue(async () => {
        await this.#deliver(message, 1);
        this.#note(seq, 1, false);
      }),
    );
  }

  #sendForged(lie: StoredCallback, truth: StoredCallback, { forgery }: CallbackPlan): void {
    const body = bodyOf(lie);
    const signed = {
      signature: () => signMessage(this.#foreignSecret, { id: lie.id, body, wallMs: this.#wallMs }),
      body: () => ({ ...this.#sign(lie.id, bodyOf({ ...truth, id: lie.id })), body }),
      amount: () => this.#sign(lie.id, body),
      age: () => this.#sign(lie.id, body, DAY_MS),
    };
    this.#enqueue(async () => {
      await this.#deliver(signed[forgery ?? 'signature'](), 1);
      this.#note(lie.seq, 1, false);
    });
  }

  get #wallMs(): number {
    return this.#parts.clock.wallMs();
  }

  #sign(id: string, body: string, agoMs = 0): SignedMessage {
    return signMessage(this.#parts.secret, { id, body, wallMs: this.#wallMs - agoMs });
  }

  /** True when the shop has taken it, or has refused it for good. */
  async #deliver(message: SignedMessage, copies: number): Promise<boolean> {
    const sends = Array.from({ length: copies }, () => this.#parts.deliver(message));
    const statuses = await Promise.allSettled(sends);
    return statuses.some((sent) => sent.status === 'fulfilled' && isFinal(sent.value));
  }

  #note(seq: number, sent: number, isWaiting: boolean): void {
    const known = this.#results.get(seq);
    this.#results.set(seq, { sent: (known?.sent ?? 0) + sent, isWaiting });
    if (this.#closed) return;
    this.#recording ??= this.#parts.clock.after(RECORD_EVERY_MS, () => {
      this.#recording = undefined;
      this.record().catch(this.#parts.onError);
    });
  }

  /** Every way to `#enqueue` leads through here, so that `pending` counts what waits as well. */
  #afterMs(delayMs: number, task: () => void): void {
    if (this.#closed) return;
    this.pending++;
    const run = (): void => {
      this.#timed.delete(work);
      task();
      this.pending--;
    };
    const work: Work = { run, timer: this.#parts.clock.after(delayMs, run) };
    this.#timed.add(work);
  }

  #enqueue(send: () => Promise<void>): void {
    this.pending++;
    this.#queue.push(send);
    this.#pump();
  }

  #pump(): void {
    while (this.#atOnce < MAX_AT_ONCE) {
      const send = this.#queue.shift();
      if (send === undefined) return;
      this.#atOnce++;
      send()
        .catch(this.#parts.onError)
        .finally(() => {
          this.pending--;
          this.#atOnce--;
          this.#pump();
        });
    }
  }
}

function bodyOf(callback: StoredCallback): string {
  const { id, orderId, kind, amountMinor, currency, atUs } = callback;
  return JSON.stringify({ id, orderId, kind, amountMinor, currency, atUs });
}

function lieOf(notice: Notice, forgery: Forgery): Notice {
  if (forgery !== 'amount') return { ...notice, kind: LIES[notice.kind] };
  return { ...notice, kind: 'captured', amountMinor: notice.amountMinor + 1 };
}

/** What it could not take now it may take later: asked to slow down, or failed itself. */
function isFinal(status: number): boolean {
  return status < 500 && status !== 408 && status !== 429;
}
