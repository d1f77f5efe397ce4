/** After the load a stranger asks for orders that are not theirs: to read, to cancel, to pay. */
import type { Clock } from '../../base/clock.ts';
import type { ForeignProbe, ForeignQuestion } from '../../contract/audit-probe.ts';
import { type History, PROBE_JOURNEY } from '../../contract/history.ts';
import type { Target } from '../../contract/target.ts';

/** Orders of the load that are tried: each customer's is guarded by the same code. */
const ORDERS_TRIED = 8;
const ORDERS_CONSIDERED = 4096;
const TRIES_MAX = 5;
const PAUSE_MS = 300;
/** Turned away before anybody looked whose order it is. */
const NOT_LOOKED_AT: ReadonlySet<number> = new Set([0, 429, 503]);

export interface Stranger {
  readonly target: Target;
  readonly clock: Clock;
  readonly customer: number;
  readonly token: string;
  /** Makes the stranger's own idempotency keys. */
  readonly keyPrefix: string;
}

interface OwnedOrder {
  readonly owner: number;
  readonly orderId: string;
  readonly key: string;
}

/** Acknowledged orders of different customers, from all over the run. */
export function ordersToTry(history: History): OwnedOrder[] {
  const found = new Map<number, OwnedOrder>();
  history.forEach(({ operation, outcome, orderId, key, customer, journey }) => {
    if (operation !== 'order' || outcome !== 'ok' || orderId === '') return;
    if (journey === PROBE_JOURNEY || found.size >= ORDERS_CONSIDERED) return;
    found.set(customer, { owner: customer, orderId, key });
  });
  const orders = [...found.values()];
  const step = Math.max(1, orders.length / ORDERS_TRIED);
  return Array.from(
    { length: Math.min(ORDERS_TRIED, orders.length) },
    (_, i) => orders[Math.floor(i * step)] as OwnedOrder,
  );
}

/** Every way to get at an order of somebody else; the last ones without any token. */
export async function tryOrders(
  stranger: Stranger,
  orders: readonly OwnedOrder[],
): Promise<ForeignProbe[]> {
  const probes: ForeignProbe[] = [];
  for (const { owner, orderId, key } of orders) {
    const known = { owner, subject: orderId, key };
    for (const action of ['read', 'readByKey', 'list', 'cancel'] as const) {
      probes.push(await askAs(stranger, { ...known, action }));
    }
    const nobody = { ...stranger, customer: -1, token: '' };
    probes.push(await askAs(nobody, { ...known, action: 'read' }));
    probes.push(await askAs(nobody, { ...known, action: 'cancel' }));
  }
  return probes;
}

/** Pays for the open checkout of somebody else. */
export async function tryCheckout(
  stranger: Stranger,
  owner: number,
  checkoutId: string,
): Promise<ForeignProbe[]> {
  const key = `${stranger.keyPrefix}-stranger`;
  return [await askAs(stranger, { owner, subject: checkoutId, key, action: 'pay' })];
}

type Question = Omit<ForeignQuestion, 'intruder' | 'token'>;

async function askAs(
  { target, clock, customer, token }: Stranger,
  question: Question,
): Promise<ForeignProbe> {
  const { action, owner, subject } = question;
  let probe: ForeignProbe = {
    action,
    owner,
    intruder: customer,
    subject,
    status: 0,
    leaked: false,
  };
  for (let retry = 0; retry < TRIES_MAX; retry++) {
    if (retry > 0) await clock.sleep(PAUSE_MS);
    probe = (await target.askAsStranger?.({ ...question, intruder: customer, token })) ?? probe;
    if (!NOT_LOOKED_AT.has(probe.status)) return probe;
  }
  return probe;
}
