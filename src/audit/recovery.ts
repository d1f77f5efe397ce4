/** L1: once the last fault is over the shop works as before, and no order stays half done. */
import { PROBE_JOURNEY } from '../contract/history.ts';
import { OPERATION_NAMES } from '../contract/operation.ts';
import type { AuditContext } from './context.ts';
import { shown } from './describe.ts';
import type { Findings } from './findings.ts';
import { UNFINISHED } from './order-states.ts';

/** Of the share before the fault that must be reached again. */
const RECOVERED_RATIO = 0.99;
/** Fewer operations of a kind tell nothing about its share of successes. */
const LEAST_OPERATIONS = 100;
/** Chance is given this many standard errors: about one false alarm in 30,000 comparisons. */
const STANDARD_ERRORS = 4;

class Share {
  count = 0;
  good = 0;

  get ratio(): number {
    return this.good / this.count;
  }

  /** Variance of the ratio, by the rule of adding two of each, which is never 0. */
  get variance(): number {
    const ratio = (this.good + 2) / (this.count + 4);
    return (ratio * (1 - ratio)) / (this.count + 4);
  }
}

interface Kind {
  readonly before: Share;
  readonly after: Share;
}

export function checkRecovery(context: AuditContext, findings: Findings): void {
  const faults = context.input.faults ?? [];
  if (faults.length === 0) return;
  const firstUs = Math.min(...faults.map(({ fromMs }) => fromMs)) * 1000;
  const lastUs = Math.max(...faults.map(({ toMs }) => toMs)) * 1000;
  const { serverDeadlineMs, sweepGraceMs } = context.input.promises;
  const recoveredUs = lastUs + (serverDeadlineMs + sweepGraceMs) * 1000;
  checkShares(context, findings, { firstUs, recoveredUs });
  checkLeftovers(context, findings, recoveredUs);
  if (findings.checked === 0) {
    findings.beyondJudgement(
      'the load ended before the shop can have recovered from the last fault',
    );
  }
}

/** More of it than this, and success may be harder than before the fault. */
const LOAD_RATIO = 1.5;

/** A correct refusal is a success; what the shop could not or would not serve is none. */
const NOT_SERVED: ReadonlySet<string> = new Set(['shed', 'contention', 'rate_limited']);

function checkShares(
  { input }: AuditContext,
  findings: Findings,
  { firstUs, recoveredUs }: { firstUs: number; recoveredUs: number },
): void {
  const kinds = new Map<string, Kind>();
  let beganUs = firstUs;
  let endedUs = recoveredUs;
  input.history.forEach(
    ({ operation, outcome, reason, journey, invokedUs, doneUs }) => {
      // Probes come when the load is over, and ask for other things.
      if (journey === PROBE_JOURNEY) return;
      const isAfter = invokedUs > recoveredUs;
      if (!isAfter && doneUs >= firstUs) return;
      beganUs = Math.min(beganUs, invokedUs);
      endedUs = Math.max(endedUs, doneUs);
      let kind = kinds.get(operation);
      if (kind === undefined) {
        kind = { before: new Share(), after: new Share() };
        kinds.set(operation, kind);
      }
      const share = isAfter ? kind.after : kind.before;
      share.count++;
      if (outcome === 'ok' || (outcome === 'refused' && !NOT_SERVED.has(reason))) share.good++;
    },
    { operations: OPERATION_NAMES, texts: false },
  );
  for (const [operation, { before, after }] of kinds) {
    if (before.count < LEAST_OPERATIONS || after.count < LEAST_OPERATIONS) continue;
    const perUs = before.count / (firstUs - beganUs);
    if (after.count > LOAD_RATIO * perUs * (endedUs - recoveredUs)) continue;
    findings.check();
    const expected = RECOVERED_RATIO * before.ratio;
    const margin = STANDARD_ERRORS * Math.sqrt(after.variance + before.variance);
    if (after.ratio + margin >= expected) continue;
    const percent = (share: Share): string => `${(share.ratio * 100).toFixed(1)} %`;
    findings.violation(
      `${operation} succeeds in ${percent(after)} after the last fault, in ${percent(before)} before the first`,
      () => [
        `before the first fault: ${before.good} of ${before.count} ${operation} succeeded`,
        `after the last fault and the time to recover: ${after.good} of ${after.count}`,
      ],
    );
  }
}

/** What was begun before the shop had recovered must have ended one way or the other. */
function checkLeftovers(context: AuditContext, findings: Findings, recoveredUs: number): void {
  const { before, describe, input } = context;
  if (before === undefined) return;
  const { serverDeadlineMs, holdTtlMs, sweepGraceMs } = input.promises;
  const limitUs = (serverDeadlineMs + holdTtlMs + sweepGraceMs) * 1000;
  for (const row of before.ledger.orders) {
    const begunUs = Math.max(row.createdAtUs - input.startUs, recoveredUs);
    if (before.readAtUs - input.startUs < begunUs + limitUs) continue;
    findings.check();
    if (!UNFINISHED.has(row.status)) continue;
    findings.violation(
      `order ${shown(row.id)} was never finished: it is ${shown(row.status)}`,
      () => [describe.order(row)],
    );
  }
}
