/** The shop as it is, under ever other bad luck: whatever the audit accuses it of is a false alarm. */
import { judge } from '../../audit/audit.ts';
import { Prng } from '../../base/prng.ts';
import { declaredBreaches } from '../../reference-system/index.ts';
import type { SaleTraffic } from './sale-traffic.ts';
import { simulateSale } from './simulate-sale.ts';
import { violatedIn } from './violated-in.ts';

export interface CorrectSale {
  readonly seed: number;
  readonly strategy: string;
  /** Violated and not declared by the strategy. */
  readonly alarms: readonly string[];
  /** Why it could not be judged; '' when it could. */
  readonly unknown: string;
  readonly crashes: number;
  readonly operations: number;
  readonly inDoubt: number;
}

/** Each kind of bad luck is in about half of the seeds, as strong as chance has it. */
export function badLuckOf(seed: number): Partial<SaleTraffic> {
  const prng = new Prng(seed, 'bad luck');
  const some = (most: number): number => (prng.chance(0.5) ? prng.unit() * most : 0);
  return {
    shoppers: 20 + prng.below(25),
    units: [3 + prng.below(12), 6 + prng.below(20)],
    lossShare: some(0.12),
    declinedShare: some(0.3),
    lostAnswers: some(0.3),
    gatewayLossShare: some(0.25),
    redeliveryShare: some(0.3),
    cartShare: prng.chance(0.4) ? prng.unit() * 0.5 : 0,
    lateShare: some(0.3),
    cancelShare: some(0.4),
    duplicateShare: some(0.4),
    secondKeyShare: some(0.3),
    sharedKeys: prng.chance(0.2),
    closesAtMs: prng.chance(0.3) ? 1500 + prng.below(2000) : null,
    archiveAfterMs: prng.chance(0.7) ? 200 + prng.below(2500) : null,
    restockShare: 0.5,
    crashes: prng.chance(0.6) ? 1 + prng.below(3) : 0,
    crashesDeclared: prng.chance(0.5),
  };
}

export async function correctSale(seed: number, strategy: string): Promise<CorrectSale> {
  const { input, crashes } = await simulateSale({ seed, strategy, traffic: badLuckOf(seed) });
  const report = judge(input);
  const declared = declaredBreaches(strategy);
  return {
    seed,
    strategy,
    alarms: violatedIn(report).filter((id) => !declared.includes(id)),
    unknown: report.verdict === 'unknown' ? report.reason : '',
    crashes,
    operations: input.history.records,
    inDoubt: report.inDoubt.total,
  };
}
