import { describe, expect, it } from 'vitest';
import { parseThreshold } from '../../../src/thresholds/parse.ts';
import type { Threshold } from '../../../src/thresholds/threshold.ts';

const all = { operation: '*' };

describe('expressions that are understood', () => {
  it.each<[string, Omit<Threshold, 'expression'>]>([
    ['p(99)<250ms', { selector: all, metric: { quantile: 0.99 }, operator: '<', limit: 250 }],
    [
      'order:p(90)<600ms',
      {
        selector: { operation: 'order' },
        metric: { quantile: 0.9 },
        operator: '<',
        limit: 600,
      },
    ],
    [
      'checkout.refused:p(99)<50ms',
      {
        selector: { operation: 'checkout', outcome: 'refused' },
        metric: { quantile: 0.99 },
        operator: '<',
        limit: 50,
      },
    ],
    [
      '*.any:p(99.9)<=300ms',
      {
        selector: { operation: '*', outcome: 'any' },
        metric: { quantile: 0.999 },
        operator: '<=',
        limit: 300,
      },
    ],
    [
      'order@shopper#drop:p(95)<1s',
      {
        selector: { operation: 'order', population: 'shopper', phase: 'drop' },
        metric: { quantile: 0.95 },
        operator: '<',
        limit: 1000,
      },
    ],
    ['failed_rate<0.1%', { selector: all, metric: 'failed_rate', operator: '<', limit: 0.001 }],
    ['unknown_rate<0.002', { selector: all, metric: 'unknown_rate', operator: '<', limit: 0.002 }],
    ['goodput>100/s', { selector: all, metric: 'goodput', operator: '>', limit: 100 }],
    ['goodput>6k/min', { selector: all, metric: 'goodput', operator: '>', limit: 100 }],
    ['achieved_rate>=99%', { selector: all, metric: 'achieved_rate', operator: '>=', limit: 0.99 }],
    ['oversold_units==0', { selector: all, metric: 'oversold_units', operator: '==', limit: 0 }],
    ['oversold_units===0', { selector: all, metric: 'oversold_units', operator: '==', limit: 0 }],
    ['lost_orders != 3', { selector: all, metric: 'lost_orders', operator: '!=', limit: 3 }],
    ['avg<200', { selector: all, metric: 'mean', operator: '<', limit: 200 }],
    ['max<1m30s', { selector: all, metric: 'max', operator: '<', limit: 90_000 }],
    ['med<500us', { selector: all, metric: { quantile: 0.5 }, operator: '<', limit: 0.5 }],
    [
      '  order : p( 50 ) <= 2.5s  ',
      {
        selector: { operation: 'order' },
        metric: { quantile: 0.5 },
        operator: '<=',
        limit: 2500,
      },
    ],
    [
      'order.ok@bot:count>=10',
      {
        selector: { operation: 'order', outcome: 'ok', population: 'bot' },
        metric: 'count',
        operator: '>=',
        limit: 10,
      },
    ],
  ])('reads %j', (text, expected) => {
    expect(parseThreshold(text)).toEqual({ threshold: { expression: text.trim(), ...expected } });
  });
});

describe('mistakes', () => {
  it.each<[string, string, RegExp]>([
    ['', '', /no comparison.*p\(99\)<250ms/],
    ['p(99)', '', /no comparison/],
    ['p(99)=250ms', '=250ms', /not a comparison; use < <=/],
    ['<250ms', '<250ms', /no metric/],
    ['p(99)<', '', /no value; write a duration/],
    ['p(99)<fast', 'fast', /"fast" is not a value here; write a duration/],
    ['p(99)<-5ms', '-5ms', /not a value here/],
    ['p(99)<250ms<', '250ms<', /not a value here/],
    ['failed_rate<1ms', '1ms', /write a share like 0\.1%/],
    ['goodput>10%', '10%', /write a rate like 100\/s/],
    ['oversold_units==0%', '0%', /write a number/],
    ['failed_rat<1%', 'failed_rat<1%', /did you mean "failed_rate"/],
    ['oversold<1', 'oversold<1', /did you mean "oversold_units".*known: p\(99\), mean/],
    ['p99<1s', 'p99<1s', /write "p99" as p\(99\)/],
    ['p(100)<1s', 'p(100)<1s', /q between 0 and 100/],
    ['p(0)<1s', 'p(0)<1s', /q between 0 and 100/],
    ['p()<1s', 'p()<1s', /q between 0 and 100/],
    ['order.okay:p(99)<1s', 'okay:p(99)<1s', /did you mean "ok".*known: ok, refused/],
    ['order@:p(99)<1s', ':p(99)<1s', /not a name for a population/],
    ['order#2:p(99)<1s', '2:p(99)<1s', /not a name for a phase/],
    ['or der:p(99)<1s', 'or der:p(99)<1s', /not a name for an operation/],
    ['@bot:p(99)<1s', '@bot:p(99)<1s', /write \*@bot/],
    ['order#a@b:p(99)<1s', 'order#a@b:p(99)<1s', /operation\.outcome@population#phase/],
    ['order:goodput>1/s', 'order:goodput>1/s', /whole run/],
    ['order.ok:failed_rate<1%', '.ok:failed_rate<1%', /covers all outcomes/],
    ['p(99)<250ms over 5s', 'over 5s', /not supported yet in this version/],
    ['p(99)<250ms over five', 'over five', /needs a duration/],
    [`p(99)<${'1'.repeat(300)}`, '1'.repeat(106), /at most 200 characters/],
  ])('tells what is wrong with %j, and where', (text, rest, message) => {
    const { problem } = parseThreshold(text);
    expect(problem?.message).toMatch(message);
    expect(text.slice(problem?.position)).toBe(rest);
  });
});
