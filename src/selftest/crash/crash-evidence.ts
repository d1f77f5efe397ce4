/** What is known about one data folder since it was made, and what the audit says of it. */
import { judge } from '../../audit/audit.ts';
import { inDoubtOrders } from '../../audit/in-doubt.ts';
import type { Clock } from '../../base/clock.ts';
import type { AuditInput, AuditReport, Resolution, RestockCommand } from '../../contract/audit.ts';
import type { LoadClient } from '../../contract/call.ts';
import type { FaultSpan } from '../../contract/fault.ts';
import type { HistoryWriter } from '../../contract/history.ts';
import type { Ledger } from '../../contract/ledger.ts';
import type { CatalogueItem } from '../../contract/scenario.ts';
import { resolveInDoubt } from '../../engine/audit-probes.ts';
import { openHistory } from '../../history/history-reader.ts';
import type { ReferenceTarget } from '../../targets/reference/reference-target.ts';
import { CURRENCY, HOT_ITEM, PER_CUSTOMER } from './crash-shop.ts';

const RESOLVE_CONCURRENCY = 32;
/** Orders may be on their way to the archive. */
const LEDGER_READINGS = 10;
const READ_PAUSE_MS = 30;

export interface EvidenceParts {
  readonly target: ReferenceTarget;
  readonly client: LoadClient;
  readonly clock: Clock;
  readonly catalogue: readonly CatalogueItem[];
  readonly seed: number;
  readonly replayCommand: string;
  /** Instant 0 of the history, host-wide µs. */
  readonly startUs: number;
}

export class CrashEvidence {
  readonly #parts: EvidenceParts;
  readonly #files: string[] = [];
  readonly #resolutions: Resolution[] = [];
  readonly #faults: FaultSpan[] = [];
  readonly #restocks: RestockCommand[] = [];

  constructor(parts: EvidenceParts) {
    this.#parts = parts;
  }

  get nowUs(): number {
    return Math.round(this.#parts.clock.nowUs() - this.#parts.startUs);
  }

  addHistory(file: string): void {
    this.#files.push(file);
  }

  addOutage(fromUs: number, toUs: number): void {
    this.#faults.push({ name: 'kill', fromMs: fromUs / 1000, toMs: toUs / 1000, isOutage: true });
  }

  async restock(item: number, units: number): Promise<void> {
    const sentUs = this.nowUs;
    await this.#parts.target.restock(item, units);
    this.#restocks.push({ item, units, sentUs, doneUs: this.nowUs });
  }

  /**
   * Asks what became of every order without an answer. The process that was asked is gone, and its
   * connections with it: nothing can arrive late, so there is nothing to wait for.
   */
  async resolve(writer: HistoryWriter): Promise<readonly Resolution[]> {
    const history = await openHistory(this.#files);
    const known = new Set(this.#resolutions.map(({ customer, key }) => `${customer} ${key}`));
    const { client, clock } = this.#parts;
    const orders = inDoubtOrders(history).filter(
      ({ customer, key }) => !known.has(`${customer} ${key}`),
    );
    const resolved = await resolveInDoubt({
      ...{ client, clock, writer, orders },
      concurrency: RESOLVE_CONCURRENCY,
      deadlineUs: clock.nowUs(),
    });
    this.#resolutions.push(...resolved);
    return resolved;
  }

  /** The whole audit over everything since the folder was made. */
  async judge(isSettled: boolean): Promise<AuditReport> {
    const { target, catalogue, seed, replayCommand, startUs } = this.#parts;
    const readings = await this.#readLedgers();
    const restocked: Record<string, number> = {};
    for (const { item, units } of this.#restocks) {
      const sku = catalogue[item]?.sku ?? '';
      restocked[sku] = (restocked[sku] ?? 0) + units;
    }
    const input: AuditInput = {
      ...{ runId: 'selftest-crash', seed, replayCommand, catalogue, startUs, restocked },
      currency: CURRENCY,
      sale: {
        ...{ opensAtMs: 0, closesAtMs: null, hotItems: [HOT_ITEM], demandToStock: 1 },
        perCustomer: PER_CUSTOMER,
      },
      // Units are sold by the next cycle instead of by a probe.
      promises: { ...target.promises, drainProbe: false },
      historyKept: true,
      history: await openHistory(this.#files),
      ...readings,
      settled: isSettled,
      resolutions: this.#resolutions,
      drainProbes: [],
      restocks: this.#restocks,
      faults: this.#faults,
      requiredGoals: [],
    };
    return judge(input);
  }

  async #readLedgers(): Promise<Pick<AuditInput, 'ledgers' | 'ledgerReadAtUs' | 'ledgerStable'>> {
    const { target, clock } = this.#parts;
    let previous: Ledger | undefined;
    let previousAtUs = 0;
    for (let reading = 0; reading < LEDGER_READINGS; reading++) {
      const atUs = clock.nowUs();
      const ledger = await target.ledger();
      if (previous !== undefined && JSON.stringify(previous) === JSON.stringify(ledger)) {
        const ledgerReadAtUs = [previousAtUs, atUs];
        return { ledgers: [previous, ledger], ledgerReadAtUs, ledgerStable: true };
      }
      previous = ledger;
      previousAtUs = atUs;
      await clock.sleep(READ_PAUSE_MS);
    }
    const ledgers = previous === undefined ? [] : [previous];
    return { ledgers, ledgerReadAtUs: [previousAtUs], ledgerStable: false };
  }
}
