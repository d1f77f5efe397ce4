/** After the load: resolve what is in doubt, settle, read the ledgers, drain, judge. */

import { judge } from '../../audit/audit.ts';
import { drainCandidates } from '../../audit/drain-candidates.ts';
import { inDoubtOrders } from '../../audit/in-doubt.ts';
import { OwnRows } from '../../audit/own-rows.ts';
import type { Clock } from '../../base/clock.ts';
import { EcomsimError, messageOf } from '../../base/errors.ts';
import type { AuditInput, AuditReport, DrainProbe, Resolution } from '../../contract/audit.ts';
import type { CardScan, ForeignProbe } from '../../contract/audit-probe.ts';
import type { ClientSpec, LoadClient } from '../../contract/call.ts';
import type { History, HistoryWriter } from '../../contract/history.ts';
import type { Ledger } from '../../contract/ledger.ts';
import type { Target, TargetPromises } from '../../contract/target.ts';
import { drainStock, resolveInDoubt } from '../../engine/audit-probes.ts';
import { Logins } from '../../engine/logins.ts';
import type { ProbeParts } from '../../engine/probe-calls.ts';
import { openHistory } from '../../history/history-reader.ts';
import { createHistoryWriter } from '../../history/history-writer.ts';
import { createLoadClient } from '../../targets/client-registry.ts';
import { scanForCards } from './card-scan.ts';
import { CartInquiry, INQUIRY_CUSTOMERS } from './cart-inquiry.ts';

/** SKUs outside the sale that the drain probe also sells out. */
const DRAIN_SAMPLE = 3;
const RESOLVE_CONCURRENCY = 32;
/** Beyond hold TTL and sweep, for work that follows an expiry. */
const SETTLE_MARGIN_MS = 5000;
const LEDGER_READINGS = 5;
const PROBE_CUSTOMERS = 2000 + INQUIRY_CUSTOMERS;

export interface AuditPhaseOptions {
  /** Everything of the audit's input that is known before the phase starts. */
  readonly known: Omit<
    AuditInput,
    | 'history'
    | 'ledgers'
    | 'ledgerStable'
    | 'settled'
    | 'resolutions'
    | 'drainProbes'
    | 'foreignProbes'
    | 'cardScan'
  >;
  readonly target: Target;
  /** The target ended by itself: nothing can be read from it. */
  readonly targetDead: boolean;
  readonly client: ClientSpec;
  readonly clock: Clock;
  readonly historyFiles: readonly string[];
  /** Customers of the load, numbered from 0: those of the probes come after them. */
  readonly customers: number;
  /** Makes the keys of two runs differ. */
  readonly keyPrefix: string;
  readonly probeHistoryFile: string;
  /** Folder of the run, with its history and everything that was written so far. */
  readonly runFolder: string;
  readonly perCustomer: number;
  readonly onStep: (step: string) => void;
}

export interface AuditPhaseResult {
  readonly input: AuditInput;
  readonly report: AuditReport;
  /** What kept a step from being carried out, in plain words. */
  readonly problems: readonly string[];
}

interface Findings {
  ledgers: Ledger[];
  /** Host-wide µs, one per ledger. */
  ledgerReadAtUs: number[];
  ledgerStable: boolean;
  settled: boolean;
  resolutions: Resolution[];
  drainProbes: DrainProbe[];
  foreignProbes?: ForeignProbe[];
  cardScan?: CardScan;
}

/** The stock of a target that others buy from never stands still; our own orders do. */
function isSame(
  previous: Ledger | undefined,
  current: Ledger | undefined,
  { evidence }: TargetPromises,
): boolean {
  const withoutStock = evidence !== undefined && !evidence.includes('exclusive');
  const text = (ledger: Ledger | undefined): string =>
    JSON.stringify(withoutStock ? { ...ledger, stock: [] } : ledger);
  return text(previous) === text(current);
}

/** Until two readings agree; gives up with the last one, and then `ledgerStable` is false. */
async function readStableLedger(options: AuditPhaseOptions, findings: Findings): Promise<void> {
  await readLedger(options, findings);
  for (let reading = 1; reading < LEDGER_READINGS; reading++) {
    await readLedger(options, findings);
    const [previous, current] = findings.ledgers;
    if (isSame(previous, current, options.target.promises)) {
      findings.ledgerStable = true;
      return;
    }
    findings.ledgers.shift();
    findings.ledgerReadAtUs.shift();
  }
}

/** Where others buy as well, only what is ours is looked at, and nothing else is stored. */
async function readLedger(
  { target, clock, historyFiles, probeHistoryFile }: AuditPhaseOptions,
  findings: Findings,
): Promise<void> {
  const atUs = clock.nowUs();
  const ledger = await target.ledger();
  const isShared = target.promises.evidence !== undefined;
  const own = isShared ? new OwnRows(await openHistory([...historyFiles, probeHistoryFile])) : null;
  findings.ledgers.push(own === null ? ledger : own.of(ledger));
  findings.ledgerReadAtUs.push(atUs);
}

async function investigate(
  options: AuditPhaseOptions,
  history: History,
  writer: HistoryWriter,
  findings: Findings,
): Promise<void> {
  const { target, clock, known } = options;
  const { promises } = target;
  const inDoubt = inDoubtOrders(history);
  const probes = await openProbeClient(options);
  // Nothing more is sent to a target that is gone, or whose owner wants no more.
  target.onDeath(() => void probes.client.close());
  const logins = { logins: new Logins(options.client.mapping?.session.length ?? 0) };
  try {
    if (inDoubt.length > 0) {
      options.onStep(`resolving ${inDoubt.length} orders in doubt`);
      const deadlineUs = clock.nowUs() + promises.serverDeadlineMs * 1000;
      findings.resolutions = [
        ...(await resolveInDoubt({
          client: probes.client,
          orders: inDoubt,
          clock,
          writer,
          concurrency: RESOLVE_CONCURRENCY,
          deadlineUs,
          canLookUp: promises.lookUpByKey !== false,
          canTombstone: promises.tombstones !== false,
          ...logins,
        })),
      ];
    }
    const inquiry = inquiryOf(options, probes, { clock, writer, ...logins });
    if (inquiry !== undefined) {
      options.onStep('asking for what belongs to others');
      findings.foreignProbes = await inquiry.ask(history);
    }
    options.onStep('waiting until holds are resolved');
    const settleMs = promises.holdTtlMs + promises.sweepGraceMs + SETTLE_MARGIN_MS;
    findings.settled = await target.settle(settleMs);
    if (findings.settled) await inquiry?.lookAgain();
    options.onStep('reading the ledgers');
    await readStableLedger(options, findings);
    const last = findings.ledgers.at(-1);
    if (!promises.drainProbe || last === undefined) return;
    const { catalogue, sale, seed } = known;
    const items = drainCandidates({
      catalogue,
      sale,
      ledger: last,
      sampleSize: DRAIN_SAMPLE,
      seed,
    });
    options.onStep('selling out what is left, one unit at a time');
    findings.drainProbes = [
      ...(await drainStock({
        client: probes.client,
        items,
        firstCustomer: probes.firstCustomer + INQUIRY_CUSTOMERS,
        perCustomer: options.perCustomer,
        keyPrefix: `drain-${options.keyPrefix}`,
        clock,
        writer,
        ...logins,
      })),
    ];
    await target.settle(SETTLE_MARGIN_MS);
    await readLedger(options, findings);
  } finally {
    await probes.client.close();
  }
}

interface Probes {
  readonly client: LoadClient;
  readonly firstCustomer: number;
  readonly tokens: readonly string[];
}

/** Undefined where a stranger's requests are not ours to try. */
function inquiryOf(
  options: AuditPhaseOptions,
  { client, firstCustomer, tokens }: Probes,
  parts: Omit<ProbeParts, 'client'>,
): CartInquiry | undefined {
  const { target, clock, known, keyPrefix } = options;
  if (target.askAsStranger === undefined) return undefined;
  const { catalogue, sale } = known;
  return new CartInquiry({
    parts: { ...parts, client },
    target,
    clock,
    catalogue,
    sale,
    first: firstCustomer,
    tokens,
    keyPrefix,
  });
}

/** After everything that could still write to it. */
async function searchForCards(options: AuditPhaseOptions, findings: Findings): Promise<void> {
  const { target, runFolder } = options;
  const stored = target.storedIn?.();
  if (stored === undefined) return;
  options.onStep('searching what is stored for card numbers');
  const folders = Object.fromEntries(
    stored.map((folder, i) => [`shop data${i === 0 ? '' : ` ${i + 1}`}`, folder]),
  );
  const sent = target.cardNumbers?.() ?? [];
  findings.cardScan = await scanForCards({ ...folders, run: runFolder }, sent);
}

/** Probe customers are fresh, so that no purchase limit of the run stands in their way. */
async function openProbeClient(options: AuditPhaseOptions): Promise<Probes> {
  const firstCustomer = Math.max(options.customers, options.client.tokens.length);
  const tokens = await options.target.addCustomers(PROBE_CUSTOMERS);
  const spec: ClientSpec = { ...options.client, tokens: [...options.client.tokens, ...tokens] };
  const client = createLoadClient(spec, options.clock);
  await client.open();
  return { client, firstCustomer, tokens: spec.tokens };
}

export async function runAuditPhase(options: AuditPhaseOptions): Promise<AuditPhaseResult> {
  const findings: Findings = {
    ledgers: [],
    ledgerReadAtUs: [],
    ledgerStable: false,
    settled: false,
    resolutions: [],
    drainProbes: [],
  };
  const problems: string[] = [];
  const writer = createHistoryWriter({
    path: options.probeHistoryFile,
    startUs: options.known.startUs,
    clock: options.clock,
  });
  const loadHistory = await openHistory(options.historyFiles);
  try {
    if (options.targetDead) problems.push('the target is gone: its ledgers cannot be read');
    else await investigate(options, loadHistory, writer, findings);
    await writer.flush();
    await searchForCards(options, findings);
  } catch (error) {
    if (!(error instanceof EcomsimError)) throw error;
    problems.push(messageOf(error));
  } finally {
    await writer.close();
  }
  options.onStep('judging');
  const history = await openHistory([...options.historyFiles, options.probeHistoryFile]);
  const input: AuditInput = { ...options.known, ...findings, history };
  return { input, report: judge(input), problems };
}
