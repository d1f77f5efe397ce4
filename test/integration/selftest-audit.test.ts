import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createSystemClock } from '../../src/base/clock.ts';
import { scanForCards } from '../../src/commands/run/card-scan.ts';
import { createPaint } from '../../src/reporters/terminal-paint.ts';
import {
  alarmLines,
  auditSummary,
  defectLine,
  exitCodesOf,
} from '../../src/selftest/audit/audit-page.ts';
import {
  AuditSelftest,
  type AuditSelftestOptions,
  type AuditSelftestResults,
} from '../../src/selftest/audit/audit-selftest.ts';
import type { Defect } from '../../src/selftest/audit/defect.ts';
import { DEFECTS } from '../../src/selftest/audit/defects/catalogue.ts';
import { badLuckOf } from '../../src/selftest/audit/false-alarms.ts';
import { simulateSale } from '../../src/selftest/audit/simulate-sale.ts';

const PAGE = { paint: createPaint(false), columns: Number.POSITIVE_INFINITY };
const SEEDS = 20;

function run(options: Partial<AuditSelftestOptions>): Promise<AuditSelftestResults> {
  return new AuditSelftest({
    ...{ defects: [], seeds: SEEDS, sales: 0, strategies: ['guarded-update'] },
    ...{ clock: createSystemClock(), onDefect: () => {}, onCampaign: () => {} },
    ...{ onProgress: () => {}, searchForCards: scanForCards },
    ...options,
  }).run();
}

/** The first defect of every invariant that has one. */
const ONE_OF_EACH = DEFECTS.filter(
  ({ invariant }, i) => DEFECTS.findIndex((other) => other.invariant === invariant) === i,
);

const HARMLESS: Defect = {
  id: 'harmless',
  text: 'nothing is wrong',
  invariant: 'I1',
  plant: () => ({}),
};

describe('the catalogue of defects', () => {
  it('has at least fifty, each with a name of its own and a sentence', () => {
    expect(DEFECTS.length).toBeGreaterThanOrEqual(50);
    expect(new Set(DEFECTS.map(({ id }) => id)).size).toBe(DEFECTS.length);
    for (const { id, text } of DEFECTS) {
      expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(text.length).toBeGreaterThan(20);
    }
  });

  it('is the table of its page', () => {
    const page = fs.readFileSync('docs/selftest-audit.md', 'utf8');
    const rows = page.split('\n').filter((line) => line.startsWith('| `'));
    expect(rows).toEqual(
      DEFECTS.map(({ id, invariant, text }) => `| \`${id}\` | ${invariant} | ${text} |`),
    );
  });
});

describe('the selftest of the audit', () => {
  it.each(ONE_OF_EACH.map((defect) => [defect.id, defect] as const))(
    'convicts %s by its invariant, and is silent without it',
    async (_id, defect) => {
      const { defects } = await run({ defects: [defect] });
      expect(defects).toHaveLength(1);
      expect(defects[0]).toMatchObject({ falseAlarms: [], controlPassed: true, problems: [] });
      expect(defects[0]?.killedBy).toBeLessThanOrEqual(SEEDS);
    },
  );

  it('does not claim to have convicted what is not wrong', async () => {
    const results = await run({ defects: [HARMLESS], seeds: 2 });
    expect(results.defects[0]).toMatchObject({ killedBy: undefined, seedsTried: 2 });
    expect(exitCodesOf(results, false).code).toBe(99);
    expect(auditSummary(results, { ...PAGE, interrupted: false })).toMatch(/Exit 99: 0 of 1/);
    expect(results.defects.map((result) => defectLine(result, PAGE))[0]).toMatch(
      /^✗ harmless .*NOT CONVICTED in 2 sales/,
    );
  });

  it('tells a defect that can be planted nowhere from one that goes free', async () => {
    const rewrites = [{ store: 'orders', from: 'no such statement', to: '' }] as const;
    const lost: Defect = { ...HARMLESS, id: 'lost', plant: () => ({ rewrites }) };
    const results = await run({ defects: [lost], seeds: 1 });
    expect(results.defects[0]?.problems[0]).toMatch(/no statement of orders has/);
    expect(exitCodesOf(results, false).code).toBe(99);
  });

  it('raises no false alarm on the correct shop, whatever bad luck it has', async () => {
    const results = await run({ sales: 40 });
    const [campaign] = results.campaigns;
    expect(campaign).toMatchObject({ sales: 40, alarms: [] });
    expect(campaign?.crashes).toBeGreaterThan(5);
    expect(campaign?.inDoubt).toBeGreaterThan(5);
    expect(exitCodesOf(results, false).code).toBe(0);
  });

  it('counts what it finds in a shop that is not correct as false alarms', async () => {
    const results = await run({ sales: 1 });
    const alarms = [{ ...{ seed: 7, strategy: 'x', unknown: '' }, alarms: ['I1', 'P2'] }];
    const campaigns = results.campaigns.map((campaign) => ({
      ...campaign,
      alarms: alarms.map((alarm) => ({ ...alarm, crashes: 0, operations: 1, inDoubt: 0 })),
    }));
    expect(exitCodesOf({ defects: [], campaigns }, false).code).toBe(99);
    expect(campaigns.flatMap((campaign) => alarmLines(campaign, PAGE)).at(1)).toBe(
      '  seed 7: I1 P2',
    );
  });

  it('stops where it is told to, and says so', async () => {
    const selftest: AuditSelftest = new AuditSelftest({
      ...{ defects: DEFECTS, seeds: SEEDS, sales: 10, strategies: ['guarded-update'] },
      ...{ clock: createSystemClock(), onProgress: () => {}, onCampaign: () => {} },
      searchForCards: scanForCards,
      onDefect: () => selftest.stop(),
    });
    const results = await selftest.run();
    expect(results.defects).toHaveLength(1);
    expect(results.campaigns).toHaveLength(0);
    expect(exitCodesOf(results, true).code).toBe(105);
  });
});

describe('a simulated sale', () => {
  it('is the same for the same seed, crashes included', async () => {
    const seed = [1, 2, 3, 4, 5, 6].find((one) => (badLuckOf(one).crashes ?? 0) > 0) ?? 1;
    const options = { seed, strategy: 'guarded-update', traffic: badLuckOf(seed) };
    const [first, second] = [await simulateSale(options), await simulateSale(options)];
    expect(first.crashes).toBe(second.crashes);
    expect(JSON.stringify(first.input.ledgers)).toBe(JSON.stringify(second.input.ledgers));
    const told = ({ input }: typeof first): unknown[] =>
      Array.from({ length: input.history.records }, (_, index) => input.history.at(index));
    expect(told(first)).toEqual(told(second));
  });

  it('is another one for another seed', async () => {
    const of = (seed: number) => simulateSale({ seed, strategy: 'guarded-update' });
    const [first, second] = [await of(1), await of(2)];
    expect(JSON.stringify(first.input.ledgers)).not.toBe(JSON.stringify(second.input.ledgers));
  });
});
