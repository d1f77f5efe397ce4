/** O2: nothing is in the ledger that nobody asked for, and nothing that was answered with a no. */
import { customerIdOf } from '../contract/customer.ts';
import type { OrderRow } from '../contract/ledger.ts';
import { boundedText } from '../history/history-format.ts';
import { type Attempt, keyOf } from './attempt.ts';
import { isFinalNo } from './conclusion.ts';
import type { AuditContext } from './context.ts';
import { shown } from './describe.ts';
import type { KeyUse } from './evidence.ts';
import type { Findings } from './findings.ts';
import { wasConfirmed } from './unit-moves.ts';

export function checkPhantomOrders(context: AuditContext, findings: Findings): void {
  const { before, last, evidence, wholeHistory, describe } = context;
  if (before === undefined || last === undefined) return;
  let byKeyAlone: ReadonlyMap<string, KeyUse> | undefined;
  for (const row of before.ledger.orders) {
    // Without a key there is no telling who asked for it.
    if (row.key === '') continue;
    findings.check();
    const key = boundedText(row.key);
    const use = useOf(context, row.customer, key);
    if (use === undefined || use.orders.length === 0) {
      // A record of the attempt may be among those that are missing.
      if (!wholeHistory) continue;
      byKeyAlone ??= new Map([...evidence.keys.values()].map((one) => [one.key, one]));
      const other = byKeyAlone.get(key);
      const why =
        other === undefined
          ? 'whose key was never sent'
          : `whose key belongs to customer ${other.customer}`;
      findings.violation(`order ${shown(row.id)} of ${shown(row.customer)}, ${why}`, () => [
        describe.order(row),
        ...(other === undefined ? [] : attemptsOf(context, other)),
      ]);
      continue;
    }
    checkAgainstAnswers(context, findings, row, use);
  }
  checkLateEffects(context, findings);
}

/** What was sent under a key by a customer whom the ledger names. */
function useOf({ evidence }: AuditContext, customer: string, key: string): KeyUse | undefined {
  const index = Number(/\d+$/.exec(customer)?.[0] ?? Number.NaN);
  return customerIdOf(index) === customer ? evidence.keys.get(index, key) : undefined;
}

function attemptsOf(context: AuditContext, use: KeyUse): string[] {
  return [...use.orders, ...use.reads, ...use.tombstones].map((attempt) =>
    context.describe.attempt(attempt),
  );
}

/** Confirmed although every request under the key was refused or surely had no effect. */
function checkAgainstAnswers(
  context: AuditContext,
  findings: Findings,
  row: OrderRow,
  use: KeyUse,
): void {
  if (!wasConfirmed(row)) return;
  const { orders } = use;
  const told = orders.every(({ outcome }) => outcome === 'refused' || outcome === 'failed');
  const declined = orders.some((attempt) => attempt.reason === 'payment_declined');
  // A record that says otherwise may be missing; a stored "declined" is final in any case.
  if (!told || !(context.wholeHistory || declined)) return;
  findings.violation(
    `order ${shown(row.id)} was confirmed although every request for it was refused or failed`,
    () => [...attemptsOf(context, use).slice(0, 9), context.describe.order(row)],
  );
}

/** A key that was declared unused must stay so, whatever still was on its way. */
function checkLateEffects(context: AuditContext, findings: Findings): void {
  const { last, input, describe, evidence } = context;
  if (last === undefined) return;
  /** By `keyOf` as ledgers name customers. */
  const unused = new Map<string, { readonly customer: number; readonly key: string }>();
  for (const { result, customer, key } of input.resolutions) {
    if (result === 'absent') unused.set(keyOf(customerIdOf(customer), key), { customer, key });
  }
  for (const use of evidence.keys.values()) {
    const isDead = (attempt: Attempt): boolean => isFinalNo(attempt) && isTombstone(attempt);
    if (!use.reads.some(isDead) && !use.tombstones.some(isDead)) continue;
    const { customer, key } = use;
    unused.set(keyOf(customerIdOf(customer), key), { customer, key });
  }
  for (const [name, { customer, key }] of unused) {
    findings.check();
    const row = last.orderByKey.get(name);
    if (row === undefined || !wasConfirmed(row)) continue;
    const use = evidence.keys.get(customer, key);
    findings.violation(
      `order ${shown(row.id)} was confirmed although its key had been declared unused`,
      () => [
        ...(use === undefined ? [] : attemptsOf(context, use)).slice(0, 9),
        describe.order(row),
      ],
    );
  }
}

function isTombstone({ reason, orderStatus }: { reason: string; orderStatus: string }): boolean {
  return reason === 'tombstoned' || orderStatus === 'tombstoned';
}
