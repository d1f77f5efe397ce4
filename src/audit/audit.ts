/** Judges a finished run: every invariant, the goals, what is still in doubt, the worst verdict. */
import { messageOf } from '../base/errors.ts';
import type { AuditInput, AuditReport, InvariantResult } from '../contract/audit.ts';
import { customerIdOf } from '../contract/customer.ts';
import { type Verdict, worstVerdict } from '../contract/verdict.ts';
import { checkAdmissions } from './admissions.ts';
import { checkArchive } from './archive.ts';
import { keyOf } from './attempt.ts';
import { checkCallbacks } from './callbacks.ts';
import { checkCardNumbers } from './card-numbers.ts';
import { checkCarts } from './cart-contents.ts';
import {
  checkChargesWithoutOrder,
  checkDoubleCharges,
  checkMoneyConserved,
  checkOrdersWithoutCharge,
} from './charges.ts';
import { checkCompletionEvents, checkNotifications } from './completion-events.ts';
import { conclusionOf } from './conclusion.ts';
import { checkConservation } from './conservation.ts';
import { type AuditContext, createContext } from './context.ts';
import { checkDeclinedPayments } from './declined-payments.ts';
import { checkEventOrder } from './event-order.ts';
import { Findings } from './findings.ts';
import { checkForeignRequests } from './foreign-requests.ts';
import { AUDITED_GOALS, countGoals } from './goals.ts';
import { checkExpiryOnTime, checkHoldsResolvedOnce } from './holds.ts';
import { inDoubtIn } from './in-doubt.ts';
import { INVARIANTS, type InvariantId, type InvariantInfo } from './invariants.ts';
import { gapOf } from './missing-evidence.ts';
import { checkDurability } from './order-durability.ts';
import { checkOrderIdentity } from './order-identity.ts';
import { checkReadYourWrites } from './order-reads.ts';
import { UNFINISHED } from './order-states.ts';
import { checkOrderStatus } from './order-status.ts';
import { checkOversell } from './oversell.ts';
import { checkPhantomOrders } from './phantom-orders.ts';
import { checkPrices } from './prices.ts';
import { checkPurchaseLimit } from './purchase-limit.ts';
import { checkQueueFairness } from './queue-fairness.ts';
import { checkRateLimits } from './rate-limits.ts';
import { checkMonotonicReads, checkReadBounds, checkReadEnvelope } from './record-pass.ts';
import { checkRecovery } from './recovery.ts';
import { checkReplays } from './replay.ts';
import { checkSaleWindow } from './sale-window.ts';
import { checkTicketOrder } from './ticket-order.ts';
import { checkUndersell } from './undersell.ts';

type Check = (context: AuditContext, findings: Findings) => void;

const CHECKS: Readonly<Record<InvariantId, Check>> = {
  I1: checkOversell,
  I2: checkUndersell,
  I3: checkConservation,
  I4: checkHoldsResolvedOnce,
  I5: checkExpiryOnTime,
  I6: checkReadBounds,
  I7: checkReadEnvelope,
  I7b: checkTicketOrder,
  I8: checkMonotonicReads,
  O1: checkDurability,
  O2: checkPhantomOrders,
  O3: checkOrderIdentity,
  O4: checkPrices,
  O5: checkOrderStatus,
  O6: checkReadYourWrites,
  O7: checkPurchaseLimit,
  O8: checkCarts,
  O9: checkQueueFairness,
  O10: checkSaleWindow,
  P1: checkDoubleCharges,
  P2: checkChargesWithoutOrder,
  P3: checkOrdersWithoutCharge,
  P4: checkReplays,
  P5: checkMoneyConserved,
  P6: checkCallbacks,
  P7: checkDeclinedPayments,
  P8: checkCardNumbers,
  E1: checkCompletionEvents,
  E2: checkEventOrder,
  E3: checkNotifications,
  E4: checkArchive,
  A1: checkForeignRequests,
  A3: checkRateLimits,
  A4: checkAdmissions,
  L1: checkRecovery,
};

/**
 * One invariant. Missing evidence never hides a violation: what is proven stands, and only a
 * pass becomes unknown.
 */
function judgeInvariant(
  context: AuditContext,
  info: InvariantInfo & { readonly id: InvariantId },
  check: Check,
): InvariantResult {
  const findings = new Findings();
  const { input, before, stable } = context;
  const gap = gapOf(context, info.id);
  if (gap !== undefined) {
    findings.unknown(gap.reason);
    return { ...findings.result(info), judged: false, ...(!gap.applies && { applies: false }) };
  }
  try {
    check(context, findings);
  } catch (error) {
    findings.unknown(`the check could not be carried out: ${messageOf(error)}`);
  }
  if (info.needsWholeHistory) {
    if (!input.historyKept) findings.unknown('no history was kept');
    else if (input.history.lost > 0) {
      findings.unknown(`at least ${input.history.lost} records of the history are missing`);
    }
  }
  if (info.needsLedger) {
    if (before === undefined) findings.unknown(context.ledgerProblem);
    else if (!stable) findings.unknown('two readings of the ledgers differed');
  }
  // What a foreign target shows may well give a check nothing to do; the audit as a whole must not.
  const isIdle = input.promises.evidence === undefined && findings.checked === 0;
  if (info.needsEvidence && isIdle) findings.unknown(NOTHING_CHECKED);
  const result = findings.result(info);
  const isBeyond = findings.isBeyondJudgement && result.verdict === 'unknown';
  return isBeyond ? { ...result, judged: false, applies: false } : result;
}

const NOTHING_CHECKED = 'there was nothing to check';
const NOTHING_JUDGED = 'the target offers no evidence for any invariant';

type Settled = 'applied' | 'absent' | 'unknown';

/** What history and ledger say of a key that nobody could look up. */
function settledBy(
  { evidence, last, stable }: AuditContext,
  customer: number,
  key: string,
): Settled {
  const use = evidence.keys.get(customer, key);
  const conclusion = use === undefined ? 'open' : conclusionOf(use);
  if (conclusion === 'confirmed') return 'applied';
  if (conclusion === 'not_bought') return 'absent';
  const row = stable ? last?.orderByKey.get(keyOf(customerIdOf(customer), key)) : undefined;
  // An absent row proves nothing: without a tombstone the request may still arrive.
  return row === undefined || UNFINISHED.has(row.status) ? 'unknown' : 'applied';
}

function countInDoubt(context: AuditContext): AuditReport['inDoubt'] {
  const results = new Map<string, Settled>();
  for (const { customer, key, result } of context.input.resolutions) {
    const settled = result === 'unknown' ? settledBy(context, customer, key) : result;
    results.set(keyOf(customer, key), settled);
  }
  for (const { customer, key } of inDoubtIn(context.evidence)) {
    const name = keyOf(customer, key);
    if (!results.has(name)) results.set(name, settledBy(context, customer, key));
  }
  const counts = { total: 0, resolvedApplied: 0, resolvedAbsent: 0, stillUnknown: 0 };
  for (const result of results.values()) {
    counts.total++;
    if (result === 'applied') counts.resolvedApplied++;
    else if (result === 'absent') counts.resolvedAbsent++;
    else counts.stillUnknown++;
  }
  return counts;
}

/** What keeps the audit as a whole from being conclusive. */
function openQuestions(
  { input }: AuditContext,
  found: Pick<AuditReport, 'inDoubt' | 'goals'> & { readonly judged: readonly InvariantResult[] },
): string[] {
  const { judged, inDoubt, goals } = found;
  const questions: string[] = [];
  if (!input.historyKept) questions.push('no history was kept');
  if (input.history.lost > 0) {
    questions.push(`at least ${input.history.lost} records of the history are missing`);
  }
  if (inDoubt.stillUnknown > 0) {
    questions.push(`${inDoubt.stillUnknown} orders could not be resolved`);
  }
  if (judged.length > 0 && judged.every(({ checked }) => checked === 0)) {
    questions.push(NOTHING_CHECKED);
  }
  for (const goal of input.requiredGoals) {
    if ((goals[goal] ?? 0) > 0) continue;
    const known = AUDITED_GOALS.find(({ name }) => name === goal);
    questions.push(
      known === undefined
        ? `the required goal ${goal} is not known`
        : `it never happened that ${known.title} (required goal ${goal})`,
    );
  }
  return questions;
}

function reasonOf(
  verdict: Verdict,
  invariants: readonly InvariantResult[],
  questions: readonly string[],
): string {
  if (verdict === 'pass') return '';
  if (verdict === 'fail') {
    return invariants
      .filter((result) => result.verdict === 'fail')
      .map(({ id, title, violationCount }) => {
        const times = violationCount === 1 ? 'once' : `${violationCount} times`;
        return `${id} (${title}) was violated ${times}`;
      })
      .join('; ');
  }
  const isOpen = ({ verdict: one, judged }: InvariantResult): boolean =>
    one === 'unknown' && judged !== false;
  const open = invariants.filter(isOpen);
  if (open.length === 0 && questions.length === 0) return NOTHING_JUDGED;
  const judged = open.map(({ id, title, reason }) => `${id} (${title}): ${reason}`);
  return [...questions, ...judged].join('; ');
}

function countOf(invariants: readonly InvariantResult[], id: InvariantId): number {
  return invariants.find((result) => result.id === id)?.violationCount ?? 0;
}

/** Nothing was judged, so nothing is proven: every invariant is unknown for the same reason. */
export function unjudged(reason: string): AuditReport {
  return {
    verdict: 'unknown',
    reason,
    oversoldUnits: 0,
    undersoldUnits: 0,
    strandedHolds: 0,
    doubleCharges: 0,
    chargesWithoutOrder: 0,
    ordersWithoutCharge: 0,
    lostOrders: 0,
    inDoubt: { total: 0, resolvedApplied: 0, resolvedAbsent: 0, stillUnknown: 0 },
    goals: Object.fromEntries(AUDITED_GOALS.map(({ name }) => [name, 0])),
    invariants: INVARIANTS.map((info) => {
      const findings = new Findings();
      findings.unknown(reason);
      return findings.result(info);
    }),
  };
}

/** Never throws for bad evidence: a check that cannot be carried out is unknown. */
export function judge(input: AuditInput): AuditReport {
  let context: AuditContext;
  try {
    context = createContext(input);
  } catch (error) {
    return unjudged(`the evidence could not be read: ${messageOf(error)}`);
  }
  const invariants = INVARIANTS.map((info) => judgeInvariant(context, info, CHECKS[info.id]));
  const goals = countGoals(context);
  const inDoubt = countInDoubt(context);
  const judged = invariants.filter((result) => result.judged !== false);
  const questions = openQuestions(context, { judged, inDoubt, goals });
  const verdicts = judged.map((result) => result.verdict);
  const verdict = worstVerdict(questions.length > 0 ? [...verdicts, 'unknown'] : verdicts);
  return {
    verdict,
    reason: reasonOf(verdict, invariants, questions),
    ...context.counts,
    doubleCharges: countOf(invariants, 'P1'),
    chargesWithoutOrder: countOf(invariants, 'P2'),
    ordersWithoutCharge: countOf(invariants, 'P3'),
    inDoubt,
    goals,
    invariants,
  };
}
