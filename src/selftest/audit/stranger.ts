/** Somebody who asks the shop's services for what belongs to others. */
import type { ForeignProbe } from '../../contract/audit-probe.ts';
import { customerIdOf } from '../../contract/customer.ts';
import { type History, PROBE_JOURNEY } from '../../contract/history.ts';
import { type OrdersService, Refusal } from '../../reference-system/services.ts';

const ORDERS_TRIED = 3;

interface OwnedOrder {
  readonly owner: number;
  readonly orderId: string;
  readonly key: string;
}

export class Stranger {
  readonly #orders: OrdersService;
  readonly #customer: number;

  constructor(orders: OrdersService, customer: number) {
    this.#orders = orders;
    this.#customer = customer;
  }

  async tryOrders(history: History): Promise<ForeignProbe[]> {
    const probes: ForeignProbe[] = [];
    const me = customerIdOf(this.#customer);
    for (const { owner, orderId, key } of ordersOf(history)) {
      const about = { owner, subject: orderId };
      probes.push(
        await this.#ask({ ...about, action: 'read' }, async () => this.#orders.byId(me, orderId)),
        await this.#ask({ ...about, action: 'readByKey' }, async () => {
          const found = await this.#orders.byKey(me, key);
          return found === 'tombstoned' ? undefined : found;
        }),
        await this.#ask({ ...about, action: 'cancel' }, () => this.#orders.cancel(me, orderId)),
      );
    }
    return probes;
  }

  payFor(owner: number, checkoutId: string): Promise<ForeignProbe> {
    const request = { checkoutId, paymentToken: 'tok_instant' };
    const me = customerIdOf(this.#customer);
    return this.#ask({ owner, subject: checkoutId, action: 'pay' }, async () => {
      const { order } = await this.#orders.order(me, 'stranger', request);
      return order;
    });
  }

  /** Status as the shop's public port would give it. */
  async #ask(
    about: Pick<ForeignProbe, 'action' | 'owner' | 'subject'>,
    ask: () => Promise<object | undefined>,
  ): Promise<ForeignProbe> {
    const intruder = this.#customer;
    try {
      const found = await ask();
      const isGiven = found !== undefined;
      return { ...about, intruder, status: isGiven ? 200 : 404, leaked: isGiven };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { ...about, intruder, status: error.status, leaked: false };
    }
  }
}

/** The first acknowledged orders of different customers. */
function ordersOf(history: History): OwnedOrder[] {
  const found = new Map<number, OwnedOrder>();
  history.forEach(({ operation, outcome, orderId, key, customer, journey }) => {
    if (operation !== 'order' || outcome !== 'ok' || orderId === '') return;
    if (journey === PROBE_JOURNEY || found.size >= ORDERS_TRIED) return;
    found.set(customer, { owner: customer, orderId, key });
  });
  return [...found.values()];
}
