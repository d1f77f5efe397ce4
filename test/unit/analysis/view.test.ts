// What renderers are given reads as it should, down to the command to try next.
import { describe, expect, test } from 'vitest';
import { assembleResult } from '../../../src/analysis/assemble.ts';
import { formatObserved, isLatencyExpression } from '../../../src/analysis/metric-unit.ts';
import { compactCount, plainMs } from '../../../src/analysis/operation-table.ts';
import { viewOf } from '../../../src/analysis/view.ts';
import { sampleParts } from '../../support/sample-parts.ts';
import { SAMPLE_NAMES, SAMPLES } from '../../support/sample-results.ts';

describe('the view of a result', () => {
  test('begins with the audit, then latency, rates and capacity', () => {
    const labels = viewOf(SAMPLES.pass()).figures.map((figure) => figure.label);
    expect(labels).toEqual(['Audit', 'P99 orders', 'P99 all', 'Throughput', 'Goodput', 'Capacity']);
  });

  test('calls the capacity an estimate and says what limits it', () => {
    const capacity = viewOf(SAMPLES.pass()).figures.find(({ label }) => label === 'Capacity');
    expect(capacity?.value).toMatch(/about 648\/s journeys \(estimate, 90% interval 571 to 702\)/);
    expect(capacity?.details[0]).toBe('limited by the event loop of shop');
  });

  test('marks the P99 of a set that operations were cut off from as a lower bound', () => {
    const result = assembleResult(sampleParts());
    const latency = { ...result.totals.responseTimeMs, p99AtLeast: true };
    const cut = { ...result, totals: { ...result.totals, responseTimeMs: latency } };
    const figure = viewOf(cut).figures.find(({ label }) => label === 'P99 all');
    expect(figure?.value).toBe('≥ 124 ms');
  });

  test('shows at most three violations of an invariant and counts the rest', () => {
    const { violations } = viewOf(SAMPLES.violation());
    expect(violations.map(({ summary }) => summary)).toEqual([
      expect.stringMatching(/^SKU-0001 had 110 units/),
      'and 4 more',
    ]);
  });

  test('puts contract probes last', () => {
    const names = viewOf(SAMPLES.pass()).operations.rows.map(([name]) => name);
    expect(names.slice(-2)).toEqual(['orderDuplicate*', 'orderReplay*']);
  });

  test('ranks who won the sale', () => {
    const won = viewOf(SAMPLES.pass()).sale.find(({ label }) => label === 'Won by');
    expect(won?.value).toBe('bot 60.9% · shopper 28.2% · refresher 10.9%');
  });

  test.each(SAMPLE_NAMES)('of "%s" ends in its exit code and reason', (name) => {
    const result = SAMPLES[name]();
    const { exitLine } = viewOf(result);
    expect(exitLine.startsWith(`Exit ${result.exitCode}`)).toBe(true);
    expect(exitLine.endsWith(result.reason)).toBe(true);
  });
});

describe('the next command', () => {
  test('turns down the users of a closed run, not a rate it has not', () => {
    const result = SAMPLES['generator invalid']();
    const command = 'ecomsim run soak -u 100 --seed 7';
    const load = { ...result.load, model: 'closed', virtualUsers: 100 } as const;
    const view = viewOf({ ...result, load, run: { ...result.run, command } });
    expect(view.next).toEqual({
      command: 'ecomsim run soak --seed 7 --vus 50',
      why: 'half the users, which this machine may carry',
    });
    expect(view.context).toContain('100 virtual users');
  });

  const commandFor = (name: keyof typeof SAMPLES): string => viewOf(SAMPLES[name]()).next.command;

  test('after an oversell is the same sale with a safe strategy', () => {
    expect(commandFor('violation')).toBe(
      'ecomsim run flash-sale -p laptop --seed 42 --strategy guarded-update',
    );
  });

  test('after an invalid run is half the rate', () => {
    expect(commandFor('generator invalid')).toBe(
      'ecomsim run flash-sale -p laptop --seed 42 --rate 130/s',
    );
  });

  test('keeps what else was asked for and sets its own flag once', () => {
    const result = SAMPLES['generator invalid']();
    const command = "ecomsim run flash-sale -r 400/s --threshold 'max<1s' --seed 7";
    const { next } = viewOf({ ...result, run: { ...result.run, command } });
    expect(next.command).toBe("ecomsim run flash-sale --threshold 'max<1s' --seed 7 --rate 130/s");
  });

  test('after an interruption is the same run', () => {
    expect(commandFor('interrupted')).toBe('ecomsim run flash-sale -p laptop --seed 42');
  });

  test.each([
    'rm -rf ~',
    'ecomsim run flash-sale; rm -rf ~',
    'ecomsim run flash-sale $(reboot)',
    "ecomsim run 'a' | sh 'b'",
  ])('never repeats %s from a file', (command) => {
    const result = SAMPLES.interrupted();
    const next = viewOf({ ...result, run: { ...result.run, command } }).next;
    expect(next.command).toBe('ecomsim run flash-sale -p laptop --seed 42');
  });

  test('quotes a name that a shell would take apart', () => {
    const result = SAMPLES['generator invalid']();
    const run = { ...result.run, command: 'reboot', profile: "a b'c; reboot" };
    const { next } = viewOf({ ...result, run });
    expect(next.command).toBe(
      "ecomsim run flash-sale -p 'a b'\\''c; reboot' --seed 42 --rate 130/s",
    );
  });
});

describe('numbers', () => {
  test('of thresholds carry the unit of their metric', () => {
    expect(formatObserved('p(99)<250ms', 123.4)).toBe('123 ms');
    expect(formatObserved('order@shopper#drop:p(95)<1s', 900)).toBe('900 ms');
    expect(formatObserved('failed_rate<0.1%', 0.0123)).toBe('1.23%');
    expect(formatObserved('achieved_rate>=99%', 1)).toBe('100.0%');
    expect(formatObserved('goodput>100/s', 19.55)).toBe('19.6/s');
    expect(formatObserved('oversold_units==0', 1234)).toBe('1,234');
  });

  test('are taken for latencies only where the metric is one', () => {
    expect(isLatencyExpression('*.any:p(99)<300ms')).toBe(true);
    expect(isLatencyExpression('max<1s')).toBe(true);
    expect(isLatencyExpression('goodput>100/s')).toBe(false);
  });

  test('in the table have three digits and no unit', () => {
    expect([0.814, 4.214, 38.44, 412.6, 1250.2, null].map(plainMs)).toEqual([
      '0.81',
      '4.21',
      '38.4',
      '413',
      '1,250',
      '–',
    ]);
  });

  test('shorten large counts', () => {
    expect([9999, 12_480, 99_960, 999_499, 999_500, 1_234_567].map(compactCount)).toEqual([
      '9,999',
      '12.5k',
      '100k',
      '999k',
      '1.00M',
      '1.23M',
    ]);
  });
});
