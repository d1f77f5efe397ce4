/** Typed access to the procedures of the orders store. */
import type { CallbackEffectRow } from '../../contract/ledger.ts';
import type { Outbox } from '../events/relay.ts';
import type { PaymentNotice } from '../services.ts';
import type { Store } from '../storage/store.ts';
import type { HearArgs, HearReply } from './callback-procedures.ts';
import type { ClaimArgs, ClaimReply } from './claim-procedures.ts';
import type { OrderState } from './order-states.ts';
import { type OrderTuple, orderOf, type StoredOrder } from './stored-order.ts';

export interface MoveChanges {
  readonly refusal?: string;
  readonly hold?: string;
  /** Id of the gateway's message that brings the change. */
  readonly by?: string;
}

/** `order` is undefined when there is none to be changed. */
export interface Heard {
  readonly kind: HearReply[0];
  readonly order: StoredOrder | undefined;
}

export interface OrderStore {
  claim(args: ClaimArgs): Promise<ClaimReply>;
  /** Throws EcomsimError STORE_FAILED (an illegal transition among them). */
  move(id: string, to: OrderState, changes?: MoveChanges): Promise<StoredOrder>;
  numberReturn(id: string): Promise<void>;
  tombstone(customer: string, key: string): Promise<StoredOrder | undefined>;
  byId(id: string): Promise<StoredOrder | undefined>;
  byKey(customer: string, key: string): Promise<StoredOrder | 'tombstoned' | undefined>;
  openIds(after: string, limit: number): Promise<readonly string[]>;
  pending(): Promise<readonly [open: number, confirmed: number]>;
  rows(after: string, limit: number): Promise<readonly StoredOrder[]>;
  /** Removes unused checkouts that expired before `untilUs`; returns how many. */
  removeCheckouts(untilUs: number, limit: number): Promise<number>;
  /** Counts a rightly signed message of the gateway and finds the order that it is about. */
  hearCallback(notice: PaymentNotice): Promise<Heard>;
  refuseCallback(id: string): Promise<void>;
  callbackRows(after: string, limit: number): Promise<readonly CallbackEffectRow[]>;
}

export function createOrderStore(store: Store): OrderStore {
  return {
    claim: (args) => store.call('claim', args),
    async move(id, to, { refusal = null, hold = null, by }: MoveFields = {}) {
      const args = by === undefined ? [id, to, refusal, hold] : [id, to, refusal, hold, by];
      return orderOf(await store.callAdmitted<OrderTuple>('move', args));
    },
    numberReturn: (id) => store.callAdmitted('numberReturn', id),
    async tombstone(customer, key) {
      const tuple = await store.call<OrderTuple | null>('tombstone', [customer, key]);
      return tuple === null ? undefined : orderOf(tuple);
    },
    async byId(id) {
      const tuple = await store.callAdmitted<OrderTuple | null>('byId', id);
      return tuple === null ? undefined : orderOf(tuple);
    },
    async byKey(customer, key) {
      const args = [customer, key];
      const found = await store.call<OrderTuple | 'tombstoned' | null>('byKey', args);
      if (found === null) return undefined;
      return found === 'tombstoned' ? found : orderOf(found);
    },
    openIds: (after, limit) => store.callAdmitted('openIds', [after, limit]),
    pending: () => store.callAdmitted('pending', null),
    async rows(after, limit) {
      const tuples = await store.callAdmitted<OrderTuple[]>('orderRows', [after, limit]);
      return tuples.map(orderOf);
    },
    removeCheckouts: (untilUs, limit) => store.callAdmitted('removeCheckouts', [untilUs, limit]),
    async hearCallback({ id, orderId, kind, amountMinor, currency }) {
      const args: HearArgs = [id, orderId, kind, amountMinor, currency];
      const [heard, tuple] = await store.call<HearReply>('hearCallback', args);
      return { kind: heard, order: tuple === undefined ? undefined : orderOf(tuple) };
    },
    refuseCallback: (id) => store.call('refuseCallback', id),
    callbackRows: (after, limit) => store.callAdmitted('callbackRows', [after, limit]),
  };
}

interface MoveFields {
  readonly refusal?: string | null;
  readonly hold?: string | null;
  readonly by?: string;
}

/** The events that were stored with the orders' own changes. */
export function createOutbox({ store }: { store: Store }): Outbox {
  return {
    unpublished: (limit) => store.callAdmitted('outboxUnpublished', limit),
    published: (seq) => store.callAdmitted('outboxPublished', seq),
    count: () => store.callAdmitted('outboxCount', null),
  };
}
