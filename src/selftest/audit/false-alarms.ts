/** The shop as it is, under ever other bad luck: whatever the audit accuses it of is a false alarm. */
import { judge } from '../../audit/audit.ts';
import { Prng } from '../../base/prng.ts';
import type { AdmissionOptions, CallbackOptions } from '../../contract/profile.ts';
import { declaredBreaches } from '../../reference-system/index.ts';
import { PLAIN_CALLBACKS, type SaleTraffic, WAITING_ROOM } from './sale-traffic.ts';
import { type SaleOptions, simulateSale } from './simulate-sale.ts';
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
  const usual = {
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
  // A limit starts anew with the shop: who is not told of a crash takes that for a breach.
  const isLimited = prng.chance(0.3) && (usual.crashes === 0 || usual.crashesDeclared);
  return {
    ...usual,
    callbacks: prng.chance(0.6) ? messageLuckOf(some) : null,
    paysByCard: prng.chance(0.3),
    priceChanges: prng.chance(0.3) ? 1 + prng.below(3) : 0,
    admission: prng.chance(0.3) ? admissionOf(prng) : null,
    foreignTokenShare: some(0.3),
    perUserPerSec: isLimited ? 10 + prng.below(10) : 0,
  };
}

function messageLuckOf(some: (most: number) => number): CallbackOptions {
  return {
    ...PLAIN_CALLBACKS,
    ...{ lost: some(0.3), late: some(0.4), duplicated: some(0.5) },
    ...{ early: some(0.4), replayed: some(0.4), forged: some(0.4) },
  };
}

function admissionOf(prng: Prng): AdmissionOptions {
  const isByRate = prng.chance(0.5);
  return {
    ...WAITING_ROOM,
    ratePerSec: isByRate ? 8 + prng.below(40) : 0,
    atOnce: isByRate ? 0 : 3 + prng.below(8),
    tokenTtlMs: 600 + prng.below(2000),
    checkouts: 1 + prng.below(2),
  };
}

export async function correctSale(
  options: Pick<SaleOptions, 'seed' | 'strategy' | 'searchForCards'>,
): Promise<CorrectSale> {
  const { seed, strategy } = options;
  const { input, crashes } = await simulateSale({ ...options, traffic: badLuckOf(seed) });
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
