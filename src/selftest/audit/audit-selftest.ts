/** Plants one defect after the other and demands that the audit convicts each by its invariant. */
import { judge } from '../../audit/audit.ts';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { AuditReport } from '../../contract/audit.ts';
import type { Defect } from './defect.ts';
import { type CorrectSale, correctSale } from './false-alarms.ts';
import { type SaleOptions, type SearchForCards, simulateSale } from './simulate-sale.ts';
import { violatedIn } from './violated-in.ts';

/** The default of the shop; the defects are in what all strategies share. */
const STRATEGY = 'guarded-update';
const PROGRESS_EVERY_SALES = 250;

export interface DefectResult {
  readonly defect: Defect;
  /** The seed whose sale convicted it; undefined when none of the seeds did. */
  readonly killedBy: number | undefined;
  readonly seedsTried: number;
  /** Other invariants that were violated in the same sale. */
  readonly alsoViolated: readonly string[];
  /** What the same sale without the defect was accused of: anything is a false alarm. */
  readonly falseAlarms: readonly string[];
  /** The invariant passed in that sale: it had something to judge. */
  readonly controlPassed: boolean;
  /** Sales that could not be carried through. */
  readonly problems: readonly string[];
  readonly tookMs: number;
}

/** The correct shop with one strategy, over many seeds. */
export interface Campaign {
  readonly strategy: string;
  readonly sales: number;
  readonly operations: number;
  readonly crashes: number;
  readonly inDoubt: number;
  readonly alarms: readonly CorrectSale[];
  readonly unjudged: readonly CorrectSale[];
  readonly tookMs: number;
}

export interface AuditSelftestResults {
  readonly defects: readonly DefectResult[];
  readonly campaigns: readonly Campaign[];
}

export interface AuditSelftestOptions {
  readonly defects: readonly Defect[];
  readonly seeds: number;
  /** Of the correct shop, per strategy. */
  readonly sales: number;
  readonly strategies: readonly string[];
  readonly clock: Clock;
  readonly searchForCards: SearchForCards;
  readonly onDefect: (result: DefectResult) => void;
  readonly onCampaign: (campaign: Campaign) => void;
  readonly onProgress: (text: string) => void;
}

export class AuditSelftest {
  readonly #options: AuditSelftestOptions;
  #isStopped = false;

  constructor(options: AuditSelftestOptions) {
    this.#options = options;
  }

  /** The sale under way is finished; what came before it is the result. */
  stop(): void {
    this.#isStopped = true;
  }

  async run(): Promise<AuditSelftestResults> {
    const { onDefect, onCampaign, onProgress, strategies, sales } = this.#options;
    const defects: DefectResult[] = [];
    for (const defect of this.#options.defects) {
      if (this.#isStopped) break;
      onProgress(defect.id);
      const result = await this.#tryDefect(defect);
      if (result.killedBy === undefined && this.#isStopped) break;
      defects.push(result);
      onDefect(result);
    }
    const campaigns: Campaign[] = [];
    for (const strategy of sales > 0 ? strategies : []) {
      if (this.#isStopped) break;
      const campaign = await this.#sell(strategy);
      campaigns.push(campaign);
      onCampaign(campaign);
    }
    return { defects, campaigns };
  }

  /** Over seeds 1, 2, … until one convicts. */
  async #tryDefect(defect: Defect): Promise<DefectResult> {
    const { seeds, clock, searchForCards } = this.#options;
    const startUs = clock.nowUs();
    const traffic = defect.traffic ?? {};
    const sale = { traffic, searchForCards };
    const problems: string[] = [];
    const done = (more: Partial<DefectResult>, seedsTried: number): DefectResult => ({
      ...{ defect, killedBy: undefined, alsoViolated: [], falseAlarms: [], controlPassed: false },
      ...{ seedsTried, problems, tookMs: msSince(clock, startUs), ...more },
    });
    for (let seed = 1; seed <= seeds; seed++) {
      await this.#breathe();
      if (this.#isStopped) return done({}, seed - 1);
      try {
        const found = violatedIn(await judged({ ...sale, seed, defect }));
        if (!found.includes(defect.invariant)) continue;
        const control = await judged({ ...sale, seed });
        return done(
          {
            killedBy: seed,
            alsoViolated: found.filter((id) => id !== defect.invariant),
            falseAlarms: violatedIn(control),
            controlPassed: verdictOf(control, defect.invariant) === 'pass',
          },
          seed,
        );
      } catch (error) {
        problems.push(`seed ${seed}: ${messageOf(error)}`);
      }
    }
    return done({}, seeds);
  }

  async #sell(strategy: string): Promise<Campaign> {
    const { sales, clock, onProgress, searchForCards } = this.#options;
    const startUs = clock.nowUs();
    const sums = { sales: 0, operations: 0, crashes: 0, inDoubt: 0 };
    const alarms: CorrectSale[] = [];
    const unjudged: CorrectSale[] = [];
    for (let seed = 1; seed <= sales && !this.#isStopped; seed++) {
      if (seed % PROGRESS_EVERY_SALES === 1) onProgress(`${strategy}: sale ${seed} of ${sales}`);
      await this.#breathe();
      const sale = await correctSale({ seed, strategy, searchForCards });
      sums.sales++;
      sums.operations += sale.operations;
      sums.crashes += sale.crashes;
      sums.inDoubt += sale.inDoubt;
      if (sale.alarms.length > 0) alarms.push(sale);
      else if (sale.unknown !== '') unjudged.push(sale);
    }
    return { strategy, ...sums, alarms, unjudged, tookMs: msSince(clock, startUs) };
  }

  /** A sale never gives up the thread by itself; signals are seen between two of them. */
  #breathe(): Promise<void> {
    return new Promise((resolve) => this.#options.clock.soon(resolve));
  }
}

function msSince(clock: Clock, startUs: number): number {
  return Math.round((clock.nowUs() - startUs) / 1000);
}

function verdictOf(report: AuditReport, invariant: string): string | undefined {
  return report.invariants.find(({ id }) => id === invariant)?.verdict;
}

async function judged(sale: Omit<SaleOptions, 'strategy'>): Promise<AuditReport> {
  const { input } = await simulateSale({ ...sale, strategy: STRATEGY });
  return judge(input);
}
