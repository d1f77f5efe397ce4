/** The event log: an append-only list that every consumer reads at its own position. */
import type { EventRow } from '../../contract/ledger.ts';
import type { Page } from '../services.ts';
import type { Store } from '../storage/store.ts';

export interface ShopEvent {
  /** Unique per fact, also when it is delivered again. */
  readonly id: string;
  /** Position in the log. */
  readonly seq: number;
  /** `order.<state>`: the state that the order moved to; `order.returned`: its units came back. */
  readonly type: string;
  readonly orderId: string;
  /** Position among the events of its order, from 1 without a gap. */
  readonly version: number;
  readonly customer: string;
  /** When the order was made of a cart: the instant it was read, host-wide µs; 0 otherwise. */
  readonly cartUntilUs: number;
}

/** An event on its way: position at its source, then the fields of `ShopEvent`. */
export type EventTuple = readonly [
  seq: number,
  id: string,
  type: string,
  orderId: string,
  customer: string,
  cartUntilUs: number,
  version: number,
];

/** Gets every event at least once and in order; must recognise one it has had by its id. */
export interface EventConsumer {
  readonly name: string;
  readonly consume: (events: readonly ShopEvent[]) => Promise<void>;
}

export interface EventLog {
  /** Adds events; those whose id is in the log already are left out. */
  append(events: readonly EventTuple[]): Promise<void>;
  /** The next events for a consumer. */
  read(consumer: string, limit: number): Promise<readonly ShopEvent[]>;
  /** The consumer has dealt with everything up to `seq`. */
  advance(consumer: string, seq: number): Promise<void>;
  /** Events that the slowest of these consumers has not dealt with. */
  lag(consumers: readonly string[]): Promise<number>;
  rows(after: string | null, limit: number): Promise<Page<EventRow>>;
}

const MAX_PAGE = 10_000;

export function createEventLog({ store }: { store: Store }): EventLog {
  return {
    append: (events) => store.callAdmitted('append', events),
    async read(consumer, limit) {
      const tuples = await store.callAdmitted<EventTuple[]>('read', [consumer, limit]);
      return tuples.map(([seq, id, type, orderId, customer, cartUntilUs, version]) => {
        return { seq, id, type, orderId, version, customer, cartUntilUs };
      });
    },
    advance: (consumer, seq) => store.callAdmitted('advance', [consumer, seq]),
    lag: (consumers) => store.callAdmitted('lag', consumers),
    async rows(after, limit) {
      const size = Math.max(1, Math.min(limit, MAX_PAGE));
      const items = await store.callAdmitted<EventRow[]>('rows', [Number(after ?? 0), size]);
      const last = items.at(-1);
      return { items, next: items.length === size && last !== undefined ? `${last.seq}` : null };
    },
  };
}
