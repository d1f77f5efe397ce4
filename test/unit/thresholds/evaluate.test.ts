import { describe, expect, it } from 'vitest';
import {
  checkThresholdNames,
  evaluateThreshold,
  tightestLatencyMs,
} from '../../../src/thresholds/evaluate.ts';
import { SCALAR_METRICS } from '../../../src/thresholds/metric.ts';
import { parseThreshold } from '../../../src/thresholds/parse.ts';
import { describeThreshold, type Threshold } from '../../../src/thresholds/threshold.ts';
import { type StatedNumbers, statedSource } from './metric-source.ts';

function threshold(text: string): Threshold {
  const { threshold: parsed, problem } = parseThreshold(text);
  if (parsed === undefined) throw new Error(problem.message);
  return parsed;
}

function judge(text: string, numbers: StatedNumbers, scalars: Record<string, number | null> = {}) {
  return evaluateThreshold(threshold(text), statedSource(numbers), scalars);
}

const reading = (valueMs: number, count = 5000, atLeast = false) => ({
  quantile: { valueMs, count, atLeast },
});

describe('a settled comparison', () => {
  it.each([
    ['p(99)<250ms', 249.9, true],
    ['p(99)<250ms', 250, false],
    ['p(99)<=250ms', 250, true],
    ['p(99)>250ms', 250, false],
    ['p(99)>=250ms', 250, true],
    ['p(99)==250ms', 250, true],
    ['p(99)!=250ms', 250, false],
  ])('judges %s at %d ms as %s', (text, valueMs, ok) => {
    expect(judge(text, reading(valueMs))).toEqual({
      expression: text,
      observed: valueMs,
      ok,
      reason: '',
    });
  });

  it('keeps the expression as it was written', () => {
    expect(judge(' p( 99 ) < 250 ', reading(1)).expression).toBe('p( 99 ) < 250');
  });
});

describe('what is asked of the measurements', () => {
  it.each([
    ['p(99)<1s', { outcome: 'ok' }],
    ['*.any:p(99)<1s', {}],
    [
      'order.refused@bot#drop:p(99)<1s',
      {
        operation: 'order',
        outcome: 'refused',
        population: 'bot',
        phase: 'drop',
      },
    ],
  ])('is, for %s, exactly what it selects', (text, selector) => {
    const source = statedSource(reading(1));
    evaluateThreshold(threshold(text), source, {});
    expect(source.asked).toEqual([selector]);
  });

  it('covers all outcomes for shares, rates and counts', () => {
    for (const text of ['failed_rate<1%', 'requests_per_sec>1/s', 'count>1']) {
      const source = statedSource({ counts: { ok: 1 } });
      evaluateThreshold(threshold(text), source, {});
      expect(source.asked).toEqual([{}]);
    }
  });
});

describe('too few samples', () => {
  it('cannot be judged, and the reason says how many are needed', () => {
    const result = judge('p(99)<250ms', { latency: { count: 999 } });
    expect(result).toMatchObject({ observed: null, ok: null });
    expect(result.reason).toBe('too few samples: 999, and this quantile needs 1000');
  });

  it('are noticed even when the source gives a value', () => {
    expect(judge('p(99.9)<250ms', reading(1, 9999)).ok).toBeNull();
    expect(judge('p(99.9)<250ms', reading(1, 10_000)).ok).toBe(true);
    expect(judge('p(99)<250ms', reading(1, 1000)).ok).toBe(true);
  });

  it('leave mean and maximum open too', () => {
    expect(judge('mean<1s', { latency: { count: 9, mean: 1 } }).ok).toBeNull();
    expect(judge('mean<1s', { latency: { count: 10, mean: 1 } }).ok).toBe(true);
    expect(judge('max<1s', {}).reason).toContain('too few samples: 0');
    expect(judge('max<1s', { latency: { count: 1, max: 1000 } }).ok).toBe(false);
  });

  it('never turn an absent number into a pass', () => {
    expect(judge('p(50)<1s', reading(Number.NaN)).ok).toBeNull();
    expect(judge('failed_rate<1%', {}).ok).toBeNull();
    expect(judge('requests_per_sec>=0/s', { measuredMs: 0 }).ok).toBeNull();
  });
});

describe('operations that were cut off', () => {
  it.each<[string, boolean | null]>([
    ['p(99)<250ms', false],
    ['p(99)<=250ms', false],
    ['p(99)<400ms', null],
    ['p(99)<=300ms', null],
    ['p(99)>250ms', true],
    ['p(99)>400ms', null],
    ['p(99)==250ms', false],
    ['p(99)==300ms', null],
    ['p(99)!=250ms', true],
    ['p(99)!=400ms', null],
  ])('leave %s, observed as at least 300 ms, at %s', (text, ok) => {
    const result = judge(text, reading(300, 5000, true));
    expect(result).toMatchObject({ observed: 300, ok });
    expect(result.reason).toContain('at least 300 ms');
  });

  it('also bound the maximum from below only', () => {
    const latency = { count: 100, max: 300, p99AtLeast: true };
    expect(judge('max<400ms', { latency }).ok).toBeNull();
    expect(judge('max<200ms', { latency }).ok).toBe(false);
  });
});

describe('shares and rates', () => {
  const counts = { ok: 90, refused: 5, failed: 4, unknown: 1 };

  it.each([
    ['failed_rate', 0.04],
    ['refused_rate', 0.05],
    ['unknown_rate', 0.01],
    ['ok_rate', 0.9],
  ])('observes %s as %d', (metric, observed) => {
    expect(judge(`${metric}<=50%`, { counts }).observed).toBeCloseTo(observed, 12);
  });

  it('counts operations, or only those of one outcome', () => {
    expect(judge('count>0', { counts }).observed).toBe(100);
    expect(judge('order.failed:count>0', { counts }).observed).toBe(4);
  });

  it('divides attempts by the measured time', () => {
    expect(judge('requests_per_sec>1/s', { attempts: 5000, measuredMs: 20_000 })).toMatchObject({
      observed: 250,
      ok: true,
    });
  });
});

describe('facts of the whole run', () => {
  it('come from the scalars', () => {
    expect(judge('oversold_units==0', {}, { oversold_units: 3 })).toEqual({
      expression: 'oversold_units==0',
      observed: 3,
      ok: false,
      reason: '',
    });
  });

  it.each([[{}], [{ oversold_units: null }], [{ oversold_units: Number.NaN }]])(
    'cannot be judged from %j',
    (scalars) => {
      expect(judge('oversold_units==0', {}, scalars)).toMatchObject({ observed: null, ok: null });
    },
  );

  it('are listed, so that whoever fills the scalars forgets none', () => {
    expect(SCALAR_METRICS).toEqual(
      expect.arrayContaining(['goodput', 'achieved_rate', 'oversold_units', 'lost_orders']),
    );
    expect(SCALAR_METRICS).not.toContain('failed_rate');
  });
});

describe('names', () => {
  const names = { operations: ['order'], populations: ['shopper'], phases: ['drop'] };

  it.each([
    ['ordr:p(99)<1s', /no operation "ordr" \(did you mean "order"\?\)/],
    ['order@shoppr:p(99)<1s', /no population "shoppr" \(did you mean "shopper"\?\)/],
    ['order#zzzzz:p(99)<1s', /no phase "zzzzz" \(known: drop\)/],
  ])('that do not exist are told: %s', (text, message) => {
    expect(checkThresholdNames(threshold(text), names)).toMatch(message);
  });

  it('that exist are no problem', () => {
    expect(checkThresholdNames(threshold('order@shopper#drop:p(99)<1s'), names)).toBeUndefined();
    expect(checkThresholdNames(threshold('p(99)<1s'), names)).toBeUndefined();
  });

  it('that do not exist in the measurements leave the threshold open', () => {
    const result = judge('serch:p(99)<1s', reading(1));
    expect(result).toMatchObject({ observed: null, ok: null });
    expect(result.reason).toContain('no operation "serch"');
  });
});

describe('the tightest latency', () => {
  it('is the lowest upper bound on any latency', () => {
    const texts = ['p(99)<250ms', 'order:mean<=90ms', 'p(50)>1ms', 'failed_rate<1%', 'count<5'];
    expect(tightestLatencyMs(texts.map(threshold))).toBe(90);
  });

  it('does not exist without one', () => {
    expect(tightestLatencyMs(['p(50)>1ms', 'oversold_units==0'].map(threshold))).toBeUndefined();
  });
});

describe('in words', () => {
  it.each([
    ['p(99)<250ms', 'P99 of all operations below 250 ms'],
    ['order@shopper#drop:p(90)<=600ms', 'P90 of order (shopper, drop) at most 600 ms'],
    ['checkout.refused:max<1s', 'longest response time of checkout (refused) below 1.00 s'],
    ['failed_rate<0.1%', 'share failed of all operations below 0.10%'],
    ['oversold_units==0', 'oversold units exactly 0'],
    ['goodput>=100/s', 'confirmed orders per second at least 100/s'],
  ])('%s is "%s"', (text, words) => {
    expect(describeThreshold(threshold(text))).toBe(words);
  });
});
