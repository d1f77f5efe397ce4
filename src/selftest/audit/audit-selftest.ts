/** Plants one defect after the other and demands that the audit convicts each by its invariant. */
import { judge } from '../../audit/audit.ts';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { AuditReport } from '../../contract/audit.ts';
import type { Defect } from './defect.ts';
import type { SaleTraffic } from './sale-traffic.ts';
import { simulateSale } from './simulate-sale.ts';

/** The default of the shop. */
const STRATEGY = 'guarded-update';

export interface DefectResult {
  readonly defect: Defect;
  /** The seed whose sale convicted it; undefined when none of the seeds did. */
  readonly killedBy: number | undefined;
  readonly seedsTried: number;
  /** Other invariants that were violated in the same sale. */
  readonly alsoViolated: readonly string[];
  /** What the same sale without the defect was accused of: anything is a false alarm. */
  readonly falseAlarms: readonly string[];
  /** Sales that could not be carried through. */
  readonly problems: readonly string[];
  readonly tookMs: number;
}

export function violatedIn(report: AuditReport): string[] {
  return report.invariants.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id);
}

/** Ids of what the sale of this seed is accused of. */
async function accused(
  seed: number,
  traffic: Partial<SaleTraffic>,
  defect?: Defect,
): Promise<string[]> {
  const options = { seed, strategy: STRATEGY, traffic };
  const { input } = await simulateSale(defect === undefined ? options : { ...options, defect });
  return violatedIn(judge(input));
}

/** Over seeds 1, 2, … until one convicts. */
export async function tryDefect(
  defect: Defect,
  { seeds, clock }: { readonly seeds: number; readonly clock: Clock },
): Promise<DefectResult> {
  const startUs = clock.nowUs();
  const traffic = defect.traffic ?? {};
  const problems: string[] = [];
  let killedBy: number | undefined;
  let seedsTried = 0;
  let alsoViolated: string[] = [];
  let falseAlarms: string[] = [];
  for (let seed = 1; seed <= seeds && killedBy === undefined; seed++) {
    seedsTried++;
    try {
      const found = await accused(seed, traffic, defect);
      if (!found.includes(defect.invariant)) continue;
      killedBy = seed;
      alsoViolated = found.filter((id) => id !== defect.invariant);
      falseAlarms = await accused(seed, traffic);
    } catch (error) {
      problems.push(`seed ${seed}: ${messageOf(error)}`);
    }
  }
  const tookMs = (clock.nowUs() - startUs) / 1000;
  return { defect, killedBy, seedsTried, alsoViolated, falseAlarms, problems, tookMs };
}
