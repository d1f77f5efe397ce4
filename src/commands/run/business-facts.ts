/** What the sale came to, counted from what clients were told, never from the shop's ledger. */
import type { BusinessFacts } from '../../analysis/result-parts.ts';
import type { AuditInput } from '../../contract/audit.ts';
import { PROBE_JOURNEY } from '../../contract/history.ts';
import type { Scenario } from '../../contract/scenario.ts';

/** States in which an order was confirmed and not taken back. */
const CONFIRMED: ReadonlySet<string> = new Set(['confirmed', 'archived']);

type Known = Pick<AuditInput, 'history' | 'resolutions' | 'restocks'>;

export function countBusiness(
  scenario: Scenario,
  { history, resolutions, restocks }: Known,
): BusinessFacts {
  const { catalogue, sale, currency } = scenario;
  const hot = new Set(sale.hotItems);
  const cameIn = (restocks ?? []).filter(({ item }) => hot.has(item));
  const seeded = sale.hotItems.reduce((sum, item) => sum + (catalogue[item]?.units ?? 0), 0);
  const revenueByOrder = new Map<string, number>();
  let soldOutUs = Number.POSITIVE_INFINITY;
  history.forEach((record) => {
    // The drain probe buys too, after the sale.
    if (record.journey === PROBE_JOURNEY) return;
    if (record.orderId !== '' && record.outcome === 'ok' && CONFIRMED.has(record.orderStatus)) {
      const known = revenueByOrder.get(record.orderId) ?? 0;
      revenueByOrder.set(record.orderId, Math.max(known, record.totalMinor));
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
  };
}
