/** P6: messages of the payment gateway count once, and forged ones never. */
import type { CallbackEffectRow, CallbackRow } from '../contract/ledger.ts';
import type { AuditContext } from './context.ts';
import { shown } from './describe.ts';
import type { Findings } from './findings.ts';

/** What the gateway sent is its own word, what came of it the shop's. */
export function checkCallbacks(context: AuditContext, findings: Findings): void {
  const { last } = context;
  if (last === undefined) return;
  const sent = new Map((last.ledger.callbacks ?? []).map((row) => [row.id, row]));
  const applied = new Map<string, CallbackEffectRow>();
  for (const effect of last.ledger.callbackEffects ?? []) {
    findings.check();
    const problem = problemOf(effect, sent.get(effect.id), applied.get(effect.id));
    if (effect.applied > 0) applied.set(effect.id, effect);
    if (problem === '') continue;
    const { id, orderId } = effect;
    findings.violation(`message ${shown(id)} about order ${shown(orderId)} ${problem}`, () =>
      witness(context, effect, sent.get(id)),
    );
  }
}

function problemOf(
  { orderId, applied }: CallbackEffectRow,
  sent: CallbackRow | undefined,
  earlier: CallbackEffectRow | undefined,
): string {
  if (applied === 0) return '';
  if (applied > 1 || earlier !== undefined) {
    return `changed the order ${applied + (earlier?.applied ?? 0)} times`;
  }
  if (sent === undefined) return 'changed the order, but the gateway never sent it';
  if (sent.isForged) return 'is forged and changed the order';
  return sent.orderId === orderId ? '' : `was sent about order ${shown(sent.orderId)}`;
}

function witness(
  { describe, last }: AuditContext,
  effect: CallbackEffectRow,
  sent: CallbackRow | undefined,
): string[] {
  const { id, orderId, applied, repeated, refused } = effect;
  const told =
    `shop's ledger: message ${shown(id)} for order ${shown(orderId)}: applied ${applied} times, ` +
    `recognised as a repetition ${repeated} times, refused ${refused} times`;
  const order = last?.orderById.get(orderId);
  const charges = last?.chargesByOrder.get(orderId) ?? [];
  return [
    sent === undefined ? `gateway's ledger: no message ${shown(id)}` : sentLine(sent, describe),
    told,
    ...(order === undefined ? [] : [describe.order(order)]),
    ...charges.map((charge) => describe.charge(charge)),
  ];
}

function sentLine(row: CallbackRow, describe: AuditContext['describe']): string {
  const forged = row.isForged ? ', forged on purpose' : '';
  return (
    `gateway's ledger, ${describe.atHost(row.atUs)}: message ${shown(row.id)} for order ` +
    `${shown(row.orderId)}: ${shown(row.kind)} ${describe.money(row.amountMinor)}, ` +
    `sent ${row.sent} times${forged}`
  );
}
