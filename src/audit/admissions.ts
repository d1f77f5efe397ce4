/**
 * A4: sale items go to the admitted only, and the waiting room keeps its own bounds. Who was told
 * what comes from the clients; when the shop says it admitted somebody may only convict it.
 */
import { customerIdOf } from '../contract/customer.ts';
import { PROBE_JOURNEY } from '../contract/history.ts';
import type { AdmissionRow } from '../contract/ledger.ts';
import type { WaitingRoomPromise } from '../contract/target.ts';
import type { AuditContext } from './context.ts';
import { shown } from './describe.ts';
import type { Findings } from './findings.ts';
import { movesClock } from './unit-returns.ts';

/** Instants are rounded to microseconds and come from one clock; this is ample. */
const TOLERANCE_US = 1000;
/** Whole shares of an admission are counted in floating point. */
const ROUNDING = 0.001;

interface Checkout {
  readonly customer: number;
  readonly invokedUs: number;
  readonly doneUs: number;
  /** Place in the history. */
  readonly index: number;
}

interface Seen {
  /** Checkouts that clients were told of, by id. */
  readonly checkouts: ReadonlyMap<string, Checkout>;
  /** When a customer was first told to be admitted: the request that was answered so. */
  readonly toldSinceUs: ReadonlyMap<number, number>;
}

export function checkAdmissions(context: AuditContext, findings: Findings): void {
  const { promises, faults = [] } = context.input;
  const promise = promises.waitingRoom;
  if (promise === undefined) return;
  const rows = [...(context.last?.ledger.admissions ?? [])];
  const seen = seenByClients(context);
  const bought = holdersOfSaleItems(context, seen);
  checkUses(context, findings, { rows, bought, promise });
  if (context.wholeHistory) checkTold(context, findings, { seen, bought });
  if (faults.some(movesClock)) {
    findings.beyondJudgement('the clock of the shop was moved, and its waiting room with it');
    return;
  }
  checkTurns(context, findings, { rows, bought });
  checkBounds(context, findings, { rows, promise });
}

function seenByClients({ input }: AuditContext): Seen {
  const checkouts = new Map<string, Checkout>();
  const toldSinceUs = new Map<number, number>();
  input.history.forEach((record, index) => {
    const { operation, outcome, reason, customer, invokedUs, doneUs, checkoutId } = record;
    if (outcome !== 'ok' || record.journey === PROBE_JOURNEY) return;
    if (operation === 'checkout' && checkoutId !== '') {
      checkouts.set(checkoutId, { customer, invokedUs, doneUs, index });
    } else if ((operation === 'joinQueue' || operation === 'queueStatus') && reason === 'none') {
      const known = toldSinceUs.get(customer) ?? Number.POSITIVE_INFINITY;
      toldSinceUs.set(customer, Math.min(known, invokedUs));
    }
  });
  return { checkouts, toldSinceUs };
}

/** Checkouts with sale items in them, by customer; a cart may hold others as well. */
function holdersOfSaleItems({ input, last }: AuditContext, seen: Seen): Map<number, Checkout[]> {
  const { catalogue, sale } = input;
  const saleSkus = new Set(sale.hotItems.map((item) => catalogue[item]?.sku));
  const ids = new Set<string>();
  for (const { checkoutId, sku } of last?.ledger.holds ?? []) {
    if (saleSkus.has(sku)) ids.add(checkoutId);
  }
  const holders = new Map<number, Checkout[]>();
  for (const id of ids) {
    const checkout = seen.checkouts.get(id);
    if (checkout === undefined) continue;
    const known = holders.get(checkout.customer);
    if (known === undefined) holders.set(checkout.customer, [checkout]);
    else known.push(checkout);
  }
  return holders;
}

interface Bought {
  readonly bought: ReadonlyMap<number, readonly Checkout[]>;
}
interface Book {
  readonly rows: readonly AdmissionRow[];
}
interface Promised {
  readonly promise: WaitingRoomPromise;
}

function byCustomer(rows: readonly AdmissionRow[]): Map<string, AdmissionRow[]> {
  const book = new Map<string, AdmissionRow[]>();
  for (const row of rows) {
    const known = book.get(row.customer);
    if (known === undefined) book.set(row.customer, [row]);
    else known.push(row);
  }
  return book;
}

/** Every answered checkout is on the book, and no token is good for more than it may be. */
function checkUses(
  context: AuditContext,
  findings: Findings,
  { rows, bought, promise }: Book & Bought & Promised,
): void {
  const most = promise.checkouts;
  for (const row of rows) {
    findings.check();
    if (row.uses <= most) continue;
    findings.violation(
      `the token of ${shown(row.customer)} was used for ${row.uses} checkouts, allowed are ${most}`,
      () => [describeRow(context, row)],
    );
  }
  const book = byCustomer(rows);
  for (const [customer, checkouts] of bought) {
    const own = book.get(customerIdOf(customer)) ?? [];
    const uses = own.reduce((sum, row) => sum + row.uses, 0);
    if (checkouts.length <= uses) continue;
    findings.violation(
      `customer ${customer} held sale items ${checkouts.length} times with tokens used ` +
        `${uses} times`,
      () => witness(context, checkouts, own),
    );
  }
}

function checkTold(
  context: AuditContext,
  findings: Findings,
  { seen, bought }: Bought & { readonly seen: Seen },
): void {
  for (const [customer, checkouts] of bought) {
    const toldUs = seen.toldSinceUs.get(customer) ?? Number.POSITIVE_INFINITY;
    for (const checkout of checkouts) {
      findings.check();
      if (toldUs <= checkout.doneUs) continue;
      findings.violation(
        `customer ${customer} held sale items without having been told to come in`,
        () => witness(context, [checkout], []),
      );
    }
  }
}

/** A token of that customer was good at some instant of the checkout. */
function checkTurns(context: AuditContext, findings: Findings, { rows, bought }: Book & Bought) {
  const book = byCustomer(rows);
  const { startUs } = context.input;
  for (const [customer, checkouts] of bought) {
    const own = book.get(customerIdOf(customer)) ?? [];
    for (const checkout of checkouts) {
      findings.check();
      const fromUs = startUs + checkout.invokedUs - TOLERANCE_US;
      const untilUs = startUs + checkout.doneUs + TOLERANCE_US;
      const isIn = own.some(
        ({ admittedSeq, admittedAtUs, expiresAtUs }) =>
          admittedSeq > 0 && admittedAtUs <= untilUs && expiresAtUs >= fromUs,
      );
      if (isIn) continue;
      findings.violation(
        `customer ${customer} held sale items while no token of theirs was good`,
        () => witness(context, [checkout], own),
      );
    }
  }
}

function checkBounds(
  context: AuditContext,
  findings: Findings,
  { rows, promise }: Book & Promised,
): void {
  const { sale, startUs } = context.input;
  const admitted = rows.filter(({ admittedSeq }) => admittedSeq > 0);
  admitted.sort((a, b) => a.admittedAtUs - b.admittedAtUs);
  const opensUs = startUs + sale.opensAtMs * 1000 - TOLERANCE_US;
  for (const row of admitted) {
    findings.check();
    if (row.admittedAtUs >= opensUs) continue;
    findings.violation(`${shown(row.customer)} was admitted before the sale opened`, () => [
      describeRow(context, row),
    ]);
  }
  if (promise.ratePerSec > 0) checkRate(context, findings, { admitted, promise });
  if (promise.atOnce > 0) checkAtOnce(context, findings, { admitted, promise });
}

interface Admitted extends Promised {
  /** In order of admission. */
  readonly admitted: readonly AdmissionRow[];
}

/** A token bucket in the shop's own time: its instants are those at which it drew from it. */
function checkRate(context: AuditContext, findings: Findings, { admitted, promise }: Admitted) {
  const { ratePerSec, burst } = promise;
  let level = burst;
  let atUs = admitted[0]?.admittedAtUs ?? 0;
  for (const [index, row] of admitted.entries()) {
    level = Math.min(burst, level + ((row.admittedAtUs - atUs) * ratePerSec) / 1e6) - 1;
    atUs = row.admittedAtUs;
    if (level >= -ROUNDING) continue;
    findings.violation(
      `more were admitted than ${ratePerSec} a second, ${Math.floor(burst)} of them at once`,
      () => admitted.slice(Math.max(0, index - 9), index + 1).map((r) => describeRow(context, r)),
    );
    return;
  }
}

/** A token that was never used up was surely good until it expired. */
function checkAtOnce(context: AuditContext, findings: Findings, { admitted, promise }: Admitted) {
  const inside: AdmissionRow[] = [];
  for (const row of admitted) {
    if (row.uses >= promise.checkouts) continue;
    // Equally long lives: who came in first has to leave first.
    while ((inside[0]?.expiresAtUs ?? Number.POSITIVE_INFINITY) <= row.admittedAtUs) inside.shift();
    inside.push(row);
    if (inside.length <= promise.atOnce) continue;
    findings.violation(
      `${inside.length} tokens were good at a time, allowed are ${promise.atOnce}`,
      () => inside.slice(-10).map((r) => describeRow(context, r)),
    );
    return;
  }
}

function describeRow({ describe }: AuditContext, row: AdmissionRow): string {
  const { id, customer, joinedSeq, admittedSeq, admittedAtUs, expiresAtUs, uses } = row;
  const turn =
    admittedSeq > 0
      ? `admitted as number ${admittedSeq} ${describe.atHost(admittedAtUs)} until ` +
        `${describe.atHost(expiresAtUs)}`
      : 'never admitted';
  return (
    `shop's book: place ${shown(id)} of ${shown(customer)}, number ${joinedSeq} of the line: ` +
    `${turn}, used for ${uses} checkouts`
  );
}

function witness(
  context: AuditContext,
  checkouts: readonly Checkout[],
  rows: readonly AdmissionRow[],
): string[] {
  const { describe, input } = context;
  const asked = checkouts
    .slice(0, 6)
    .map(({ index }) => describe.attempt({ ...input.history.at(index), index }));
  return [...asked, ...rows.slice(0, 4).map((row) => describeRow(context, row))];
}
