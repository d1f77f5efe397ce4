/** What the sale came to, counted from what clients were told, never from the shop's ledger. */
import { queueFairness } from '../../analysis/queue-fairness.ts';
import type { BusinessFacts } from '../../analysis/result-parts.ts';
import type { AuditInput } from '../../contract/audit.ts';
import { type OperationRecord, PROBE_JOURNEY } from '../../contract/history.ts';
import type { Scenario } from '../../contract/scenario.ts';

/** States in which an order was confirmed and not taken back. */
const CONFIRMED: ReadonlySet<string> = new Set(['confirmed', 'archived']);

/** A target that states no status confirms an order by answering ok to it. */
function isConfirmation({ operation, outcome, reason, orderId, orderStatus }: OperationRecord) {
  if (outcome !== 'ok') return false;
  if (orderStatus === '') return operation === 'order' && reason !== 'accepted';
  return CONFIRMED.has(orderStatus) && (orderId !== '' || operation === 'order');
}

type Known = Pick<AuditInput, 'history' | 'resolutions' | 'restocks' | 'ledgers' | 'promises'>;

export function countBusiness(scenario: Scenario, known: Known): BusinessFacts {
  const { history, resolutions, restocks } = known;
  const { catalogue, sale, currency } = scenario;
  const hot = new Set(sale.hotItems);
  const cameIn = (restocks ?? []).filter(({ item }) => hot.has(item));
  const seeded = sale.hotItems.reduce((sum, item) => sum + (catalogue[item]?.units ?? 0), 0);
  const revenueByOrder = new Map<string, number>();
  let soldOutUs = Number.POSITIVE_INFINITY;
  history.forEach((record) => {
    // The drain probe buys too, after the sale.
    if (record.journey === PROBE_JOURNEY) return;
    if (isConfirmation(record)) {
      // A target may name its orders or not; their keys are ours.
      const order = record.orderId === '' ? `key ${record.key}` : record.orderId;
      const known = revenueByOrder.get(order) ?? 0;
      revenueByOrder.set(order, Math.max(known, record.totalMinor));
    }
    if (record.reason === 'sold_out' && hot.has(record.item)) {
      soldOutUs = Math.min(soldOutUs, record.doneUs);
    }
  });
  for (const resolution of resolutions) {
    if (resolution.result !== 'applied' || !CONFIRMED.has(resolution.orderStatus)) continue;
    if (revenueByOrder.has(resolution.orderId)) continue;
    const price = catalogue[resolution.item]?.priceMinor ?? 0;
    revenueByOrder.set(resolution.orderId, price * resolution.units);
  }
  let revenueMinor = 0;
  for (const amount of revenueByOrder.values()) revenueMinor += amount;
  return {
    unitsForSale: cameIn.reduce((sum, { units }) => sum + units, seeded),
    ordersConfirmed: revenueByOrder.size,
    revenueMinor,
    currency,
    saleOpensAtMs: sale.opensAtMs,
    soldOutAtMs: Number.isFinite(soldOutUs) ? soldOutUs / 1000 : null,
    waitingRoom: waitingRoomOf(scenario, known),
  };
}

function waitingRoomOf(scenario: Scenario, { promises, ledgers, history }: Known) {
  if (promises.waitingRoom === undefined) return null;
  const populations = scenario.populations.map(({ name }) => name);
  const admissions = ledgers.at(-1)?.admissions;
  const book = admissions === undefined ? undefined : [...admissions];
  return queueFairness({ book, history, populations });
}
