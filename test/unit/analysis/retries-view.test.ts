// What a reader is told of retries, recovery and bots, and what stays unsaid where there is nothing.
import { describe, expect, test } from 'vitest';
import { assembleResult } from '../../../src/analysis/assemble.ts';
import { parseResult } from '../../../src/analysis/parse-result.ts';
import { viewOf } from '../../../src/analysis/view.ts';
import { sampleLoad, sampleParts } from '../../support/sample-parts.ts';
import { SAMPLES } from '../../support/sample-results.ts';

const figureOf = (result: ReturnType<typeof SAMPLES.pass>, label: string) => {
  const view = viewOf(result);
  return [...view.figures, ...view.sale].find((figure) => figure.label === label);
};

describe('retries', () => {
  test('are stated with what became of them', () => {
    const { retries } = SAMPLES['retry storm']().load;
    expect(retries).toMatchObject({ retries: 2941, helped: 802, inVain: 2139, doubleClicks: 42 });
    const { attempts = 0, operations = 1, attemptsPerIntent } = retries ?? {};
    expect(attempts - operations).toBe(5310 - 2892 + 977 - 412);
    expect(attemptsPerIntent).toBeCloseTo(attempts / operations, 3);
  });

  test('are told to the reader, and attempts get a column of their own', () => {
    const result = SAMPLES['retry storm']();
    expect(figureOf(result, 'Retries')).toMatchObject({
      value: '1.08 attempts per operation',
      details: [
        '2,941 retries: 802 helped, 2,139 in vain',
        'given up: 512 after all attempts, 1,204 for want of budget, 3 at the end of the load',
        '42 double clicks',
      ],
    });
    const { columns, rows } = viewOf(result).operations;
    const at = columns.findIndex(({ title }) => title === 'attempts');
    const cells = rows.find(([name]) => name === 'checkout');
    expect(cells?.[at]).toBe('5,310');
    expect(cells?.[at - 1]).toBe('2,892');
    for (const row of rows) expect(row).toHaveLength(columns.length);
  });

  test('are not mentioned where nobody tries again', () => {
    const result = SAMPLES.pass();
    expect(result.load.retries).toBeNull();
    expect(figureOf(result, 'Retries')).toBeUndefined();
    const titles = viewOf(result).operations.columns.map(({ title }) => title);
    expect(titles).not.toContain('attempts');
  });
});

describe('bots', () => {
  const shareOf = (unitsWonByBots: number | null, unitsByPopulation = { shopper: 30, bot: 70 }) =>
    assembleResult(sampleParts({ load: sampleLoad({ unitsWonByBots, unitsByPopulation }) }));

  test('have their share of the units sold', () => {
    expect(shareOf(70).business.botShareOfUnits).toBe(0.7);
    expect(figureOf(shareOf(70), 'Won by bots')?.value).toBe('70.0% of the units');
  });

  test('have none to tell of where there are none, or where nothing was sold', () => {
    for (const result of [shareOf(null), shareOf(0, { shopper: 0, bot: 0 })]) {
      expect(result.business.botShareOfUnits).toBeNull();
      expect(figureOf(result, 'Won by bots')).toBeUndefined();
    }
  });
});

describe('recovery', () => {
  const recovered = (change: object) => {
    const result = SAMPLES.pass();
    const spike = { spikeFromMs: 8000, spikeUntilMs: 12_000 };
    const recovery = { ...result.business.recovery!, ...spike, ...change };
    const business = { ...result.business, recovery };
    return figureOf({ ...result, business }, 'Recovery');
  };

  test('is told with the level it is measured by', () => {
    expect(recovered({ timeMs: 4000, baselineP99Ms: 12 })).toMatchObject({
      value: '4.00 s after the spike',
      details: ['P99 before the spike 12.0 ms'],
    });
    expect(recovered({ timeMs: 0 })?.value).toBe('as the spike ended');
  });

  test('that was not seen is told with the reason, and no spike is not told at all', () => {
    const figure = recovered({ timeMs: null, reason: 'the load ended 2 s after its peak' });
    expect(figure?.value).toBe('not seen');
    expect(figure?.details[0]).toContain('the load ended 2 s after its peak');
    const none = { timeMs: null, spikeFromMs: null, spikeUntilMs: null };
    expect(recovered({ ...none, reason: 'the offered load had no peak' })).toBeUndefined();
  });
});

test('a result that was stored before these figures existed is still read and shown', () => {
  const { load, business, operations, ...rest } = SAMPLES['retry storm']();
  const { retries: _, ...oldLoad } = load;
  const { botShareOfUnits: _1, recovery: _2, ...oldBusiness } = business;
  const oldRows = Object.entries(operations).map(([name, { attemptTimeMs: _3, ...row }]) => [
    name,
    row,
  ]);
  const stored = {
    ...rest,
    load: oldLoad,
    business: oldBusiness,
    operations: Object.fromEntries(oldRows),
  };
  const read = parseResult(JSON.stringify(stored));
  expect(figureOf(read, 'Retries')).toBeUndefined();
  expect(figureOf(read, 'Recovery')).toBeUndefined();
  expect(figureOf(read, 'Goodput')).toBeDefined();
});
