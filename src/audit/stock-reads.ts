/** I6 and I7: what shoppers were told about the stock can have been true. */
import type { AuditContext } from './context.ts';
import type { Findings } from './findings.ts';

/** Each read that carries a number, for an item of the catalogue. */
function forEachRead(
  context: AuditContext,
  visit: (read: {
    item: number;
    stock: number;
    fromUs: number;
    toUs: number;
    index: number;
  }) => void,
): void {
  const { item, stock, invokedUs, doneUs, index } = context.evidence.stockReads;
  for (let i = 0; i < item.length; i++) {
    const itemOfRead = item[i] as number;
    if (itemOfRead < 0 || itemOfRead >= context.input.catalogue.length) continue;
    visit({
      item: itemOfRead,
      stock: stock[i] as number,
      fromUs: invokedUs[i] as number,
      toUs: doneUs[i] as number,
      index: index[i] as number,
    });
  }
}

function witness(context: AuditContext, index: number): string[] {
  return [context.describe.attempt({ ...context.input.history.at(index), index })];
}

export function checkReadBounds(context: AuditContext, findings: Findings): void {
  forEachRead(context, ({ item, stock, toUs, index }) => {
    findings.check();
    const supply = context.supply.mostUntil(item, toUs);
    if (stock >= 0 && stock <= supply) return;
    findings.violation(
      `${context.describe.item(item)}: ${stock} units shown, but until then there were at most ${supply}, nor fewer than 0`,
      () => witness(context, index),
    );
  });
}

/**
 * The upper bound counts only what is surely in use, so it needs no complete history; the lower
 * one counts everything that may be in use, so it does.
 */
export function checkReadEnvelope(context: AuditContext, findings: Findings): void {
  const { occupancy, describe } = context;
  const judgeLow = context.wholeHistory && !occupancy.mixedCarts;
  forEachRead(context, ({ item, stock, fromUs, toUs, index }) => {
    findings.check();
    const most =
      context.supply.mostUntil(item, toUs) - occupancy.sure.of(item).minOver(fromUs, toUs);
    const inUse = occupancy.possible.of(item).maxOver(fromUs, toUs);
    const least = judgeLow ? Math.max(0, context.supply.sureAt(item, fromUs) - inUse) : 0;
    // A read outside 0 to supply is the business of I6; an oversold item that of I1.
    if (stock > Math.max(0, most) || (stock >= 0 && stock < least)) {
      findings.violation(
        `${describe.item(item)}: ${stock} units shown, possible were ${least} to ${Math.max(0, most)}`,
        () => witness(context, index),
      );
    }
  });
}
