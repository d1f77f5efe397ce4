/** Everything a check may look at: the input with its evidence sorted and its ledgers indexed. */
import { messageOf } from '../base/errors.ts';
import type { AuditInput } from '../contract/audit.ts';
import type { LedgerRows } from '../contract/ledger.ts';
import {
  AcknowledgedById,
  type AcknowledgedOrder,
  acknowledgedOrders,
} from './acknowledged-orders.ts';
import { AnswerPace } from './answer-pace.ts';
import { Carts } from './carts.ts';
import { Describer } from './describe.ts';
import { type Evidence, gatherEvidence } from './evidence.ts';
import { FaultTimes } from './fault-times.ts';
import { isUnreadable, LedgerIndex } from './ledger-index.ts';
import { LedgerTable, tableOf } from './ledger-table.ts';
import { LedgerTexts } from './ledger-texts.ts';
import { Occupancy } from './occupancy.ts';
import { AFTER_CONFIRMED, isConfirmedStatus } from './order-states.ts';
import { Supply } from './supply.ts';

/** Figures of the report that the checks fill in. */
export interface AuditCounts {
  oversoldUnits: number;
  undersoldUnits: number;
  strandedHolds: number;
  lostOrders: number;
}

export interface AuditContext {
  readonly input: AuditInput;
  readonly evidence: Evidence;
  readonly acknowledged: readonly AcknowledgedOrder[];
  readonly acknowledgedById: AcknowledgedById;
  /** The readings after the load; undefined when the ledgers could not be read. */
  readonly before: LedgerIndex | undefined;
  /** Why `before` is undefined; '' when it is not. */
  readonly ledgerProblem: string;
  /** The last reading: after the drain probe when there was one. */
  readonly last: LedgerIndex | undefined;
  /** Two readings agreed: what is not in them does not exist. */
  readonly stable: boolean;
  /** … and the shop says that nothing is under way any more. */
  readonly quiet: boolean;
  /** No record is missing, so what is not in the history was never sent. */
  readonly wholeHistory: boolean;
  readonly itemOf: ReadonlyMap<string, number>;
  readonly carts: Carts;
  readonly occupancy: Occupancy;
  readonly pace: AnswerPace;
  /** What declared faults do to what was promised about time. */
  readonly faultTimes: FaultTimes;
  readonly describe: Describer;
  readonly counts: AuditCounts;
  /** Units that the coordinator put on sale, and when. */
  readonly supply: Supply;
  /** True when somebody asked to cancel the order and may have succeeded. */
  mayBeCancelled(orderId: string): boolean;
}

type Readings = Pick<AuditContext, 'before' | 'last' | 'stable' | 'quiet' | 'ledgerProblem'>;

function unreadable(ledgerProblem: string): Readings {
  return { before: undefined, last: undefined, stable: false, quiet: false, ledgerProblem };
}

/** What clients were told is judged even where a ledger is nonsense. */
function readings(input: AuditInput, texts: LedgerTexts): Readings {
  try {
    return readLedgers(input, texts);
  } catch (error) {
    return unreadable(`${UNREADABLE}: ${messageOf(error)}`);
  }
}

/** Ledgers that were read from files have their texts already. */
function textsOf(ledgers: readonly LedgerRows[]): LedgerTexts {
  const stored = ledgers.find((ledger) => ledger instanceof LedgerTable);
  return stored instanceof LedgerTable ? stored.texts : new LedgerTexts();
}

const UNREADABLE = 'the ledgers could not be read';

function readLedgers(input: AuditInput, texts: LedgerTexts): Readings {
  const { ledgers, ledgerStable, promises } = input;
  // A ledger that is shared with others, or not offered, may well hold nothing of ours.
  const isReadable = (ledger: LedgerRows): boolean =>
    promises.evidence !== undefined || !isUnreadable(ledger);
  const readable = ledgers.filter(isReadable);
  if (readable.length < ledgers.length || ledgers.length === 0) return unreadable(UNREADABLE);
  // Of two equal readings the second; with none equal there is only one before the drain probe.
  const beforeAt = ledgerStable && ledgers.length > 1 ? 1 : 0;
  const indexed = ledgers.map((ledger, i) =>
    i < beforeAt ? undefined : new LedgerIndex(tableOf(ledger, texts), input.ledgerReadAtUs?.[i]),
  );
  const before = indexed[beforeAt];
  const stable = ledgerStable && ledgers.length > 1;
  const pending = before?.ledger.pending;
  const idle = pending !== undefined && pending.orders === 0 && pending.outbox === 0;
  const quiet = stable && input.settled && idle;
  return { before, last: indexed.at(-1), stable, quiet, ledgerProblem: '' };
}

function wasCancelTried({ cancels }: Evidence, orderId: string): boolean {
  const attempts = cancels.get(orderId) ?? [];
  return attempts.some(({ outcome }) => outcome === 'ok' || outcome === 'unknown');
}

/**
 * The record of a cancellation may be among those that are missing: the ledger's word is taken
 * for it, and without a ledger it is possible wherever anybody cancelled at all.
 */
function mayHaveLostCancel(
  orderId: string,
  { cancels }: Evidence,
  last: LedgerIndex | undefined,
): boolean {
  if (last === undefined) return cancels.size > 0;
  const row = last.orderById.get(orderId);
  if (row === undefined) return false;
  const isGivenBack = AFTER_CONFIRMED.has(row.status) && !isConfirmedStatus(row.status);
  return row.returnedSeq > 0 || isGivenBack;
}

export function createContext(input: AuditInput): AuditContext {
  const { catalogue, sale, history, currency, startUs } = input;
  const texts = textsOf(input.ledgers);
  const evidence = gatherEvidence(history, texts);
  const acknowledged = acknowledgedOrders(evidence, input.resolutions, catalogue);
  const pace = new AnswerPace(history);
  const ledgers = readings(input, texts);
  const wholeHistory = input.historyKept && history.lost === 0;
  const mayBeCancelled = (orderId: string): boolean =>
    wasCancelTried(evidence, orderId) ||
    (!wholeHistory && mayHaveLostCancel(orderId, evidence, ledgers.last));
  const supply = new Supply(input);
  const carts = new Carts(evidence);
  const faultTimes = new FaultTimes(input.faults);
  return {
    input,
    evidence,
    acknowledged,
    acknowledgedById: new AcknowledgedById(acknowledged),
    ...ledgers,
    wholeHistory,
    itemOf: new Map(catalogue.map(({ sku }, item) => [sku, item])),
    carts,
    occupancy: new Occupancy({
      input,
      evidence,
      carts,
      acknowledged,
      last: ledgers.last,
      pace,
      faultTimes,
      wholeHistory,
      supply,
      mayBeCancelled,
    }),
    pace,
    faultTimes,
    describe: new Describer({ catalogue, currency, opensAtUs: sale.opensAtMs * 1000, startUs }),
    counts: { oversoldUnits: 0, undersoldUnits: 0, strandedHolds: 0, lostOrders: 0 },
    supply,
    mayBeCancelled,
  };
}
