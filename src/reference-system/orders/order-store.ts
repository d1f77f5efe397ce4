/** Typed access to the procedures of the orders store, and to the orders that have left it. */
import type { Clock } from '../../base/clock.ts';
import type { Outbox } from '../events/relay.ts';
import type { ArchiveService, Page } from '../services.ts';
import type { Store } from '../storage/store.ts';
import { ArchivedOrders } from './archived-orders.ts';
import type { ClaimArgs, ClaimReply } from './claim-procedures.ts';
import type { DueArgs } from './hand-over-procedures.ts';
import type { MoveArgs } from './order-procedures.ts';
import type { KeyReply } from './order-reads.ts';
import type { OrderState } from './order-states.ts';
import { type OrderTuple, orderOf, type StoredOrder } from './stored-order.ts';

export interface MoveChanges {
  readonly refusal?: string;
  readonly hold?: string;
}

type LiveClaimReply = Exclude<ClaimReply, readonly ['moved', string]>;

/** Looks for an order first among the live ones, then in the archive: the way in which it moves. */
export interface OrderStore {
  claim(args: ClaimArgs): Promise<LiveClaimReply>;
  /** Throws EcomsimError STORE_FAILED (an illegal transition among them). */
  move(id: string, to: OrderState, changes?: MoveChanges): Promise<StoredOrder>;
  numberReturn(id: string): Promise<void>;
  tombstone(customer: string, key: string): Promise<StoredOrder | undefined>;
  byId(id: string): Promise<StoredOrder | undefined>;
  byKey(customer: string, key: string): Promise<StoredOrder | 'tombstoned' | undefined>;
  /** Newest first; `before` is exclusive, '' for the newest. */
  ofCustomer(customer: string, before: string, limit: number): Promise<readonly StoredOrder[]>;
  openIds(after: string, limit: number): Promise<readonly string[]>;
  pending(): Promise<readonly [open: number, confirmed: number]>;
  /** Of the live ones. */
  rows(after: string, limit: number): Promise<readonly StoredOrder[]>;
  archivedRows(after: string | null, limit: number): Promise<Page<StoredOrder>>;
  /** Completed orders that have rested since `untilUs`, marked so that nothing changes them. */
  archiveDue(untilUs: number, limit: number): Promise<readonly OrderTuple[]>;
  /** Lets go of orders that are safe in the archive. */
  removeArchived(ids: readonly string[]): Promise<void>;
  /** Removes unused checkouts that expired before `untilUs`; returns how many. */
  removeCheckouts(untilUs: number, limit: number): Promise<number>;
}

export interface OrderStoreParts {
  readonly store: Store;
  readonly archive: ArchiveService;
  readonly clock: Clock;
}

export function createOrderStore({ store, archive, clock }: OrderStoreParts): OrderStore {
  const archived = new ArchivedOrders(archive);
  const nowUs = (): number => Math.floor(clock.nowUs());

  async function byId(id: string): Promise<StoredOrder | undefined> {
    const tuple = await store.callAdmitted<OrderTuple | null>('byId', id);
    return tuple === null ? archived.find(id) : orderOf(tuple);
  }

  return {
    async claim(args) {
      const reply = await store.call<ClaimReply>('claim', args);
      if (reply[0] !== 'moved') return reply;
      return ['existing', await archived.tupleOf(reply[1])];
    },
    async move(id, to, { refusal = null, hold = null }: Partial<Nullable<MoveChanges>> = {}) {
      const args: MoveArgs = [id, to, refusal, hold, nowUs()];
      return orderOf(await store.callAdmitted<OrderTuple>('move', args));
    },
    numberReturn: (id) => store.callAdmitted('numberReturn', id),
    async tombstone(customer, key) {
      const found = await store.call<OrderTuple | string | null>('tombstone', [customer, key]);
      if (found === null) return undefined;
      return typeof found === 'string' ? archived.get(found) : orderOf(found);
    },
    byId,
    async byKey(customer, key) {
      const reply = await store.call<KeyReply>('byKey', [customer, key]);
      if (reply[0] === 'order') return orderOf(reply[1]);
      if (reply[0] === 'moved') return archived.get(reply[1]);
      return reply[0] === 'tombstoned' ? 'tombstoned' : undefined;
    },
    async ofCustomer(customer, before, limit) {
      const args = [customer, before, limit];
      const live = (await store.call<OrderTuple[]>('ofCustomer', args)).map(orderOf);
      return merged(live, await archived.ofCustomer(customer, before, limit)).slice(0, limit);
    },
    openIds: (after, limit) => store.callAdmitted('openIds', [after, limit]),
    pending: () => store.callAdmitted('pending', null),
    async rows(after, limit) {
      const tuples = await store.callAdmitted<OrderTuple[]>('orderRows', [after, limit]);
      return tuples.map(orderOf);
    },
    archivedRows: (after, limit) => archived.rows(after, limit),
    archiveDue: (untilUs, limit) => {
      const args: DueArgs = [untilUs, nowUs(), limit];
      return store.callAdmitted('archiveDue', args);
    },
    removeArchived: (ids) => store.callAdmitted('removeArchived', ids),
    removeCheckouts: (untilUs, limit) => store.callAdmitted('removeCheckouts', [untilUs, limit]),
  };
}

/** Both by descending id; an order that is in both, while it is handed over, counts once. */
function merged(live: readonly StoredOrder[], archived: readonly StoredOrder[]): StoredOrder[] {
  const ids = new Set(live.map(({ id }) => id));
  const all = [...live, ...archived.filter(({ id }) => !ids.has(id))];
  return all.sort((a, b) => (a.id < b.id ? 1 : -1));
}

type Nullable<T> = { readonly [K in keyof T]: T[K] | null };

/** The events that were stored with the orders' own changes. */
export function createOutbox({ store }: { store: Store }): Outbox {
  return {
    unpublished: (limit) => store.callAdmitted('outboxUnpublished', limit),
    published: (seq) => store.callAdmitted('outboxPublished', seq),
    count: () => store.callAdmitted('outboxCount', null),
  };
}
