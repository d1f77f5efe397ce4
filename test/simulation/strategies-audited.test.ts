// The real shop with every strategy, whole simulated sales with crashes and bad luck, judged by the
// real audit: each strategy breaches what it declares and nothing else.
import { describe, expect, it } from 'vitest';
import { judge } from '../../src/audit/audit.ts';
import type { StrategyOptions } from '../../src/contract/profile.ts';
import {
  declaredBreaches,
  strategyNames,
} from '../../src/reference-system/inventory/strategy-registry.ts';
import type { Store } from '../../src/reference-system/storage/store.ts';
import type { Defect } from '../../src/selftest/audit/defect.ts';
import { badLuckOf } from '../../src/selftest/audit/false-alarms.ts';
import { simulateSale } from '../../src/selftest/audit/simulate-sale.ts';

/** More, and what was found, with SEEDS=200 in the environment. */
const ASKED = process.env['SEEDS'];
const SEEDS = Number(ASKED ?? 6);

interface Variant {
  readonly title: string;
  readonly strategy: string;
  readonly options: Partial<StrategyOptions>;
  /** Must be seen, or the declaration is empty talk. */
  readonly shows: readonly string[];
  readonly misfortune?: Defect;
}

/** Every ninth hold dies between the cache and the database. */
const CRASH_GAP: Defect = {
  id: 'crash-gap',
  text: 'a hold is lost on its way to the database',
  invariant: 'I2',
  plant: () => ({
    stores: {
      inventory: (real: Store): Store => {
        let holds = 0;
        const call = <R>(procedure: string, args: unknown): Promise<R> =>
          procedure === 'hold' && ++holds % 9 === 0
            ? Promise.reject(new Error('died on the way'))
            : real.call<R>(procedure, args);
        return { ...real, call };
      },
    },
  }),
};

const SHORT_LEASES = { leaseTtlMs: 50, leasePauseMs: 150, leasePauseEvery: 5 };

const VARIANTS: readonly Variant[] = [
  ...strategyNames.map((name) => {
    const shows = name === 'unsafe' ? ['I1', 'I2', 'I3'] : [];
    return { title: name, strategy: name, options: {}, shows };
  }),
  {
    ...{ title: 'optimistic without a retry', strategy: 'optimistic' },
    ...{ options: { retries: 0 }, shows: [] },
  },
  {
    ...{ title: 'buckets without stealing', strategy: 'buckets' },
    ...{ options: { stealing: false, buckets: 4 }, shows: ['I2'] },
  },
  {
    ...{ title: 'unit-rows with a small pool', strategy: 'unit-rows' },
    ...{ options: { poolRows: 2 }, shows: [] },
  },
  {
    ...{ title: 'counter-first that dies and is never reconciled', strategy: 'counter-first' },
    ...{ options: { reconcileEveryMs: 0 }, shows: ['I2'], misfortune: CRASH_GAP },
  },
  {
    ...{ title: 'lease with pauses', strategy: 'lease' },
    ...{ options: SHORT_LEASES, shows: [] },
  },
  {
    ...{ title: 'lease with pauses and without fencing', strategy: 'lease' },
    ...{ options: { ...SHORT_LEASES, fencing: false }, shows: ['I1', 'I3'] },
  },
];

/** How many seeds violated each invariant. */
async function violatedBy(variant: Variant): Promise<Map<string, number>> {
  const { strategy, options: strategyOptions, misfortune } = variant;
  const violated = new Map<string, number>();
  let unknown = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { input } = await simulateSale({
      ...{ seed, strategy, strategyOptions },
      traffic: { ...badLuckOf(seed), crashes: seed % 3 },
      ...(misfortune !== undefined && { defect: misfortune }),
    });
    const report = judge(input);
    if (report.verdict === 'unknown') unknown++;
    for (const { id, verdict } of report.invariants) {
      if (verdict === 'fail') violated.set(id, (violated.get(id) ?? 0) + 1);
    }
  }
  if (ASKED !== undefined) console.log(variant.title, [...violated], { unknown });
  return violated;
}

describe.each(VARIANTS)('$title', (variant) => {
  it('breaches what it declares and nothing else', async () => {
    const found = [...(await violatedBy(variant)).keys()];
    const declared = declaredBreaches(variant.strategy, variant.options);
    expect(declared).toEqual(expect.arrayContaining(found));
    expect(found).toEqual(expect.arrayContaining([...variant.shows]));
  });
});
