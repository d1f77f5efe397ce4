/** Orders as documents of the archive, and back. */
import { defined } from '../../base/assert.ts';
import type { ArchiveDocument, ArchiveService, Page } from '../services.ts';
import { type OrderTuple, orderOf, type StoredOrder } from './stored-order.ts';

export function documentOf(order: OrderTuple): ArchiveDocument {
  const [id, , customer] = order;
  return { id, customer, body: JSON.stringify(order) };
}

function tupleIn(body: string): OrderTuple {
  return JSON.parse(body) as OrderTuple;
}

export class ArchivedOrders {
  readonly #archive: ArchiveService;

  constructor(archive: ArchiveService) {
    this.#archive = archive;
  }

  async find(id: string): Promise<StoredOrder | undefined> {
    const body = await this.#archive.byId(id);
    return body === undefined ? undefined : orderOf(tupleIn(body));
  }

  /** Of an order that is known to have been archived: it is copied before it is let go of. */
  async tupleOf(id: string): Promise<OrderTuple> {
    return tupleIn(defined(await this.#archive.byId(id), `order ${id} in the archive`));
  }

  async get(id: string): Promise<StoredOrder> {
    return orderOf(await this.tupleOf(id));
  }

  async ofCustomer(customer: string, before: string, limit: number): Promise<StoredOrder[]> {
    const bodies = await this.#archive.ofCustomer(customer, before, limit);
    return bodies.map((body) => orderOf(tupleIn(body)));
  }

  async rows(after: string | null, limit: number): Promise<Page<StoredOrder>> {
    const { items, next } = await this.#archive.rows(after, limit);
    return { items: items.map((body) => orderOf(tupleIn(body))), next };
  }
}
