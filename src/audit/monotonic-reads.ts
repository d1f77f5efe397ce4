/** I8: while no unit can come back, the stock that one shopper is shown only falls. */
import type { AuditContext } from './context.ts';
import type { Findings } from './findings.ts';
import { UnitReturns } from './unit-returns.ts';

/** Journeys are numbered without gaps; probes have a number far beyond. */
const JOURNEYS_MAX = 2 ** 26;

export function checkMonotonicReads(context: AuditContext, findings: Findings): void {
  // A checkout that no record shows may have been given back at any time.
  if (!context.wholeHistory) return;
  const { journey, item, stock, invokedUs, doneUs, index } = context.evidence.stockReads;
  const previous = previousReads(journey);
  let returns: UnitReturns | undefined;
  for (let later = 0; later < previous.length; later++) {
    const earlier = previous[later] as number;
    if (earlier < 0 || item[earlier] !== item[later]) continue;
    // Of two that overlap nobody can say which came first.
    if ((doneUs[earlier] as number) >= (invokedUs[later] as number)) continue;
    const [before, after] = [stock[earlier] as number, stock[later] as number];
    if (before < 0 || after < 0) continue;
    findings.check();
    if (after <= before) continue;
    returns ??= new UnitReturns(context);
    const of = item[later] as number;
    const span = [invokedUs[earlier] as number, doneUs[later] as number] as const;
    if (!returns.noneDuring(of, ...span)) continue;
    const { describe, input } = context;
    findings.violation(
      `${describe.item(of)}: ${after} units shown after ${before}, while none can have come back`,
      () =>
        [earlier, later].map((read) => {
          const at = index[read] as number;
          return describe.attempt({ ...input.history.at(at), index: at });
        }),
    );
  }
}

/** For each read the one before it in the same journey, in the order of the history; −1: none. */
function previousReads(journey: ArrayLike<number>): Int32Array {
  let journeys = 0;
  for (let i = 0; i < journey.length; i++) {
    const each = journey[i] as number;
    if (each < JOURNEYS_MAX && each >= journeys) journeys = each + 1;
  }
  const latest = new Int32Array(journeys).fill(-1);
  const previous = new Int32Array(journey.length).fill(-1);
  for (let i = 0; i < journey.length; i++) {
    const each = journey[i] as number;
    if (each >= journeys) continue;
    previous[i] = latest[each] as number;
    latest[each] = i;
  }
  return previous;
}
