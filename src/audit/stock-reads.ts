/** I6 and I7: what shoppers were told about the stock can have been true. */
import type { AuditContext } from './context.ts';
import type { RecordCheck } from './shared-pass.ts';

function witness({ describe, evidence }: AuditContext, index: number): string[] {
  return [describe.attempt(evidence.attemptAt(index))];
}

export const boundsOfReads: RecordCheck = (context, findings) => {
  return ({ item, stock, doneUs }, index) => {
    findings.check();
    const supply = context.supply.mostUntil(item, doneUs);
    if (stock >= 0 && stock <= supply) return;
    findings.violation(
      `${context.describe.item(item)}: ${stock} units shown, but until then there were at most ${supply}, nor fewer than 0`,
      () => witness(context, index),
    );
  };
};

/**
 * The upper bound counts only what is surely in use, so it needs no complete history; the lower
 * one counts everything that may be in use, so it does.
 */
export const envelopeOfReads: RecordCheck = (context, findings) => {
  const { occupancy, supply, describe } = context;
  const judgeLow = context.wholeHistory && !occupancy.mixedCarts;
  return ({ item, stock, invokedUs, doneUs }, index) => {
    findings.check();
    const most =
      supply.mostUntil(item, doneUs) - occupancy.sure.of(item).minOver(invokedUs, doneUs);
    const least = judgeLow
      ? Math.max(
          0,
          supply.sureAt(item, invokedUs) - occupancy.possible.of(item).maxOver(invokedUs, doneUs),
        )
      : 0;
    // A read outside 0 to supply is the business of I6; an oversold item that of I1.
    if (stock > Math.max(0, most) || (stock >= 0 && stock < least)) {
      findings.violation(
        `${describe.item(item)}: ${stock} units shown, possible were ${least} to ${Math.max(0, most)}`,
        () => witness(context, index),
      );
    }
  };
};
