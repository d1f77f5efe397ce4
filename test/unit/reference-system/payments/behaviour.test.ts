import { describe, expect, it } from 'vitest';
import { parseBehaviour } from '../../../../src/reference-system/payments/behaviour.ts';

const SOUND = { latency: { p50Ms: 60, p99Ms: 300 }, declined: 0.2, lostAnswers: 0 };

const CALLBACKS = {
  delay: { p50Ms: 1, p99Ms: 2 },
  ...{ lost: 0, late: 0.1, lateMs: 5, duplicated: 1, early: 0, replayed: 0, forged: 0.5 },
};
const RULE = { paymentToken: 'tok_x', declined: true, answer: 'cut', callbacks: ['lost'] };

describe('the behaviour asked of the payment gateway', () => {
  it('is taken as it is, without what does not belong to it', () => {
    expect(parseBehaviour({ ...SOUND, timeoutMs: 1 })).toEqual(SOUND);
  });

  it('may say what befalls messages, and how single payments go', () => {
    const full = { ...SOUND, callbacks: CALLBACKS, script: [RULE, { paymentToken: 'tok_y' }] };
    expect(parseBehaviour(full)).toEqual(full);
  });

  it.each<[string, unknown]>([
    ['messages that are no object', { ...SOUND, callbacks: 1 }],
    ['messages without a delay', { ...SOUND, callbacks: { ...CALLBACKS, delay: undefined } }],
    ['a share of messages above 1', { ...SOUND, callbacks: { ...CALLBACKS, forged: 2 } }],
    ['a delay without end', { ...SOUND, callbacks: { ...CALLBACKS, lateMs: 1e12 } }],
    ['a script that is no list', { ...SOUND, script: {} }],
    ['a script without end', { ...SOUND, script: Array(1001).fill(RULE) }],
    ['a rule for no token', { ...SOUND, script: [{ declined: true }] }],
    ['an answer that does not exist', { ...SOUND, script: [{ ...RULE, answer: 'toString' }] }],
    ['a twist that does not exist', { ...SOUND, script: [{ ...RULE, callbacks: ['lose'] }] }],
    ['nothing', undefined],
    ['a text', 'slow'],
    ['no latency', { ...SOUND, latency: undefined }],
    ['a latency of zero', { ...SOUND, latency: { p50Ms: 0, p99Ms: 300 } }],
    ['a P99 below the median', { ...SOUND, latency: { p50Ms: 60, p99Ms: 59 } }],
    ['a latency beyond an hour', { ...SOUND, latency: { p50Ms: 60, p99Ms: 3_600_001 } }],
    ['a latency that is no number', { ...SOUND, latency: { p50Ms: Number.NaN, p99Ms: 300 } }],
    ['a share above 1', { ...SOUND, declined: 1.01 }],
    ['a negative share', { ...SOUND, lostAnswers: -0.1 }],
    ['a share as text', { ...SOUND, declined: '0.2' }],
  ])('is refused with %s', (_, value) => {
    expect(parseBehaviour(value)).toBeUndefined();
  });
});
