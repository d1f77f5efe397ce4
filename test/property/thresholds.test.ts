import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { METRICS, type MetricName } from '../../src/thresholds/metric.ts';
import { parseThreshold } from '../../src/thresholds/parse.ts';
import {
  OPERATORS,
  OUTCOME_WORDS,
  printThreshold,
  type Threshold,
  type ThresholdMetric,
  type ThresholdSelector,
  traitsOfMetric,
} from '../../src/thresholds/threshold.ts';

const name = fc.stringMatching(/^[A-Za-z][\w-]{0,15}$/);
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const limit = fc.oneof(
  fc.integer({ min: 0, max: 1_000_000_000 }),
  fc.integer({ min: 0, max: 1_000_000_000 }).map((thousandths) => thousandths / 1000),
);
const quantile = fc.integer({ min: 1, max: 99_999 }).map((q) => ({ quantile: q / 100_000 }));
const metric: fc.Arbitrary<ThresholdMetric> = fc.oneof(
  quantile,
  fc.constantFrom(...(Object.keys(METRICS) as MetricName[])),
);

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as T;
}

const threshold = fc
  .record({
    metric,
    operator: fc.constantFrom(...OPERATORS),
    limit,
    operation: fc.oneof(fc.constant('*'), name),
    outcome: optional(fc.constantFrom(...OUTCOME_WORDS)),
    population: optional(name),
    phase: optional(name),
  })
  .map(({ operation, outcome, population, phase, ...rest }): Threshold => {
    const kind = traitsOfMetric(rest.metric).selectable;
    const selector =
      kind === 'none'
        ? { operation: '*' }
        : withoutUndefined({
            operation,
            outcome: kind === 'outcome' ? outcome : undefined,
            population,
            phase,
          });
    return { expression: '', selector: selector as ThresholdSelector, ...rest };
  });

describe('threshold text', () => {
  it('reads back as the threshold it was printed from', () => {
    fc.assert(
      fc.property(threshold, (original) => {
        const text = printThreshold(original);
        expect(parseThreshold(text)).toEqual({ threshold: { ...original, expression: text } });
      }),
      { numRuns: 500 },
    );
  });

  it('never throws, and points into the text whenever it finds a problem', () => {
    const fragments = fc
      .array(
        fc.constantFrom(
          'p(99)',
          'order',
          '.',
          'ok',
          '@',
          '#',
          ':',
          '<',
          '>=',
          '==',
          '!',
          '250ms',
          '5%',
          '/s',
          ' ',
          'over 5s',
          'failed_rate',
          '(',
          ')',
          '*',
          '\u0000',
          'é',
          '__proto__',
        ),
        { maxLength: 12 },
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 20 }), fragments), (text) => {
        const { threshold: parsed, problem } = parseThreshold(text);
        if (parsed !== undefined) {
          expect(Number.isFinite(parsed.limit)).toBe(true);
          expect(problem).toBeUndefined();
        } else {
          expect(problem.message).not.toBe('');
          expect(problem.position).toBeGreaterThanOrEqual(0);
          expect(problem.position).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: 500 },
    );
  });
});
