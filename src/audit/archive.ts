/** E4: no order is lost, changed or doubled on its way into the archive. */
import type { OrderRow } from '../contract/ledger.ts';
import type { AuditContext } from './context.ts';
import { shown } from './describe.ts';
import type { Findings } from './findings.ts';
import type { LedgerIndex } from './ledger-index.ts';
import { KNOWN_STATES, UNFINISHED } from './order-states.ts';

/** While an order is handed over both lists may hold it; ample for a batch and its sync. */
const HAND_OVER_US = 3_000_000;

export function checkArchive(context: AuditContext, findings: Findings): void {
  const { before, last, stable, describe } = context;
  if (before === undefined || last === undefined) return;
  for (const index of new Set([before, last])) checkReading(context, findings, index);
  // In a listing that still changed, an order may be in neither list for a moment of the reading.
  if (!stable || before === last) return;
  const later = last.orderById;
  for (const [id, row] of before.orderById) {
    findings.check();
    const kept = later.get(id);
    if (kept === undefined) {
      findings.violation(
        `order ${shown(id)} was there, and later neither live nor archived`,
        () => [describe.order(row)],
      );
    } else if (contentOf(kept) !== contentOf(row)) {
      findings.violation(`order ${shown(id)} has changed between two readings`, () => [
        describe.order(row),
        describe.order(kept),
      ]);
    }
  }
}

function checkReading(context: AuditContext, findings: Findings, index: LedgerIndex): void {
  const { describe } = context;
  const overlapped = overlapBefore(context, index);
  const { archived = [] } = index.ledger;
  const live = new Map(index.live.map((row) => [row.id, row]));
  const known = new Set<string>();
  for (const row of archived) {
    findings.check();
    const name = `order ${shown(row.id)}`;
    if (known.has(row.id)) {
      findings.violation(`${name} is in the archive twice`, () => [describe.order(row)]);
    }
    known.add(row.id);
    if (UNFINISHED.has(row.status) || !KNOWN_STATES.has(row.status)) {
      findings.violation(`${name} was archived as ${shown(row.status)}`, () => [
        describe.order(row),
      ]);
    }
    const twin = live.get(row.id);
    if (twin === undefined) continue;
    const both = (): string[] => [describe.order(twin), describe.order(row)];
    if (contentOf(twin) !== contentOf(row) || twin.confirmedSeq !== row.confirmedSeq) {
      findings.violation(`${name} differs between the live list and the archive`, both);
    } else if (overlapped.has(row.id)) {
      findings.violation(`${name} stays in the live list and in the archive`, both);
    }
  }
}

/** Ids that were in both long before this reading: no hand-over takes that long. */
function overlapBefore({ before }: AuditContext, index: LedgerIndex): ReadonlySet<string> {
  if (before === undefined || index.readAtUs - before.readAtUs < HAND_OVER_US) return new Set();
  const { archived = [] } = before.ledger;
  const live = new Set(before.live.map(({ id }) => id));
  return new Set(archived.filter(({ id }) => live.has(id)).map(({ id }) => id));
}

/** What may never change once an order is at rest; its status may, from confirmed to archived. */
function contentOf(row: OrderRow): string {
  const { id, key, customer, checkoutId, lines, totalMinor, currency } = row;
  const wares = lines.map(({ sku, units, priceMinor }) => [sku, units, priceMinor]);
  return JSON.stringify([
    id,
    key,
    customer,
    checkoutId,
    wares.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
    totalMinor,
    currency,
  ]);
}
