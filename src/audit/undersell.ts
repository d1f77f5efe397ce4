/** I2: no unit is stuck while somebody is told "sold out", and none is lost for good. */

import type { HoldRow } from '../contract/ledger.ts';
import type { AuditContext } from './context.ts';
import type { Findings } from './findings.ts';
import { RECORD_PASS } from './record-pass.ts';
import { forEachMove } from './unit-moves.ts';
import { refusalsOfCheckouts, type UnsoldUnits, unsoldAtRefusals } from './wrong-refusals.ts';

/** A sweep that is merely late has not stranded anything: that is judged by I5. */
const STRANDED_MARGIN_US = 1_000_000;

const DRAIN_WITNESSES = 10;

export function checkUndersell(context: AuditContext, findings: Findings): void {
  RECORD_PASS.take(refusalsOfCheckouts, context, findings);
  const unsold = unsoldAtRefusals(context);
  checkStrandedHolds(context, findings);
  checkRest(context, findings, unsold);
  checkDrain(context, findings, unsold);
  context.counts.undersoldUnits = unsold.total();
}

/**
 * A hold that is still open after its time: proven by a reading taken later than expiry and
 * sweep, or by the shop's own word that nothing is under way.
 */
function checkStrandedHolds(context: AuditContext, findings: Findings): void {
  const { before, last, quiet, counts, describe } = context;
  if (before === undefined || last === undefined) return;
  const { startUs, promises } = context.input;
  const graceUs = promises.sweepGraceMs * 1000;
  const stranded = new Map<string, HoldRow>();
  for (const index of new Set([before, last])) {
    for (const hold of index.ledger.holds) {
      findings.check();
      if (hold.state !== 'held') continue;
      const [sinceUs, dueUs] = [hold.createdAtUs - startUs, hold.expiresAtUs - startUs];
      const latestUs = startUs + context.faultTimes.latestUs(sinceUs, dueUs, graceUs);
      const isOverdue = latestUs + STRANDED_MARGIN_US < index.readAtUs;
      if (isOverdue || (quiet && index === before)) stranded.set(hold.id, hold);
      else if (index === before) findings.unknown('holds were still open when the ledger was read');
    }
  }
  counts.strandedHolds = stranded.size;
  for (const hold of stranded.values()) {
    findings.violation(
      `${describe.item(context.itemOf.get(hold.sku) ?? -1)}: ${hold.units} units stay held for ever`,
      () => [describe.hold(hold), ...(holder(context, hold) ?? [])],
    );
  }
}

function holder(context: AuditContext, hold: HoldRow): string[] | undefined {
  const use = context.evidence.checkouts.get(hold.checkoutId);
  if (use === undefined) return undefined;
  const attempts = use.opened === undefined ? use.orders : [use.opened, ...use.orders];
  return attempts.map((attempt) => context.describe.attempt(attempt));
}

/** At rest, what is neither owned by a customer nor held must be free to buy. */
function checkRest(context: AuditContext, findings: Findings, unsold: UnsoldUnits): void {
  const { before, quiet, describe } = context;
  if (before === undefined) return;
  if (!quiet) {
    findings.unknown('the shop did not come to rest before its ledger was read');
    return;
  }
  // An acknowledged order that the ledger lacks is lost, but its units are not for sale either.
  const owned = new Map<number, number>();
  forEachMove(context, before, ({ item, units, row, acknowledged }) => {
    if (row === undefined && acknowledged?.byDrain === true) return;
    owned.set(item, (owned.get(item) ?? 0) + units);
  });
  for (const stock of before.ledger.stock) {
    const item = context.itemOf.get(stock.sku);
    if (item === undefined) continue;
    findings.check();
    const sold = owned.get(item) ?? 0;
    // A restock that the shop never acknowledged may not have happened.
    const supply = context.supply.most(item) - context.supply.unsure(item);
    const missing = supply - sold - stock.held - stock.available;
    if (missing <= 0) continue;
    unsold.missing(item, missing);
    findings.violation(
      `${describe.item(item)}: ${missing} of ${supply} units are neither sold, held nor for sale`,
      () => [
        `shop's ledger: ${stock.available} available, ${stock.held} held, ${stock.committed} committed, ` +
          `${stock.seeded} seeded, ${stock.restocked} restocked; orders own ${sold}`,
      ],
    );
  }
}

function checkDrain(context: AuditContext, findings: Findings, unsold: UnsoldUnits): void {
  const { drainProbes, promises } = context.input;
  const { describe, quiet } = context;
  if (!promises.drainProbe) return;
  if (drainProbes.length === 0) findings.unknown('no drain probe was carried out');
  for (const probe of drainProbes) {
    const name = describe.item(probe.item);
    if (probe.problem !== '') {
      findings.unknown(`the drain probe of ${name} failed`);
      continue;
    }
    findings.check();
    if (!probe.refusedAtEnd && probe.bought <= probe.reported) {
      findings.unknown(`the drain probe of ${name} ended without a refusal`);
      continue;
    }
    if (probe.bought === probe.reported) continue;
    // Holds that were still open when the stock was read may have ended either way since.
    if (!quiet) {
      findings.unknown(`the drain probe of ${name} began before the shop was at rest`);
      continue;
    }
    const short = probe.reported - probe.bought;
    if (short > 0) unsold.missing(probe.item, short);
    findings.violation(
      `${name}: ${probe.reported} units reported available, ${probe.bought} could be bought`,
      () => drainWitness(context, probe.item),
    );
  }
}

function drainWitness(context: AuditContext, item: number): string[] {
  const { evidence, describe } = context;
  const latest: { readonly invokedUs: number; readonly index: number }[] = [];
  evidence.forEachCheckout(({ item: tried, invokedUs }, index) => {
    if (tried !== item) return;
    const before = latest.findLastIndex((one) => one.invokedUs <= invokedUs);
    latest.splice(before + 1, 0, { invokedUs, index });
    if (latest.length > DRAIN_WITNESSES) latest.shift();
  });
  return latest.map(({ index }) => describe.attempt(evidence.attemptAt(index)));
}
