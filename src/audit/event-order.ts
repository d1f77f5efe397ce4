/** E2: the events of every order are numbered without a gap, in the order of the log. */
import type { EventRow } from '../contract/ledger.ts';
import type { AuditContext } from './context.ts';
import { shown } from './describe.ts';
import type { Findings } from './findings.ts';
import type { LedgerIndex } from './ledger-index.ts';
import { duplicatesBy } from './row-lookup.ts';

export function checkEventOrder(context: AuditContext, findings: Findings): void {
  const { before, last, stable, quiet } = context;
  // In a listing that still changed, the row between two others may be missing for a moment.
  if (before === undefined || last === undefined || !stable) return;
  if (!quiet) findings.unknown('events were still on their way when the ledger was read');
  for (const [orderId, rows] of byOrder(last)) {
    findings.check();
    const problem = problemOf(rows, quiet);
    if (problem === '') continue;
    findings.violation(`order ${shown(orderId)}: ${problem}`, () => rows.map(describe));
  }
}

/** In the order of the log; one event that the log lists twice is the business of E1. */
function* byOrder({ ledger, eventsByOrder }: LedgerIndex): Generator<[string, EventRow[]]> {
  const twice = new Set(duplicatesBy(ledger.events, ledger.texts.id, 'id').map(([id]) => id));
  for (const [orderId, events] of eventsByOrder) {
    if (orderId === '') continue;
    const seen = new Set<string>();
    const once =
      twice.size === 0
        ? events
        : events.filter(({ id }) => !twice.has(id) || (!seen.has(id) && seen.add(id)));
    yield [orderId, once.length < 2 ? once : once.sort((a, b) => a.seq - b.seq)];
  }
}

function problemOf(rows: readonly EventRow[], quiet: boolean): string {
  let expected = 1;
  for (const { id, version } of rows) {
    if (version === undefined) return `event ${shown(id)} has no version`;
    if (version < expected) return `version ${version} comes after version ${expected - 1}`;
    // A gap may still be filled while events are under way, and never by a higher number before.
    if (version > expected && quiet) return `version ${expected} is missing before ${version}`;
    expected = version + 1;
  }
  return '';
}

function describe({ id, seq, type, version }: EventRow): string {
  return (
    `shop's log, place ${seq}: event ${shown(id)} ${shown(type)}, ` +
    (version === undefined ? 'without a version' : `version ${version}`)
  );
}
