import { describe, expect, it } from 'vitest';
import { parseBehaviour } from '../../../../src/reference-system/payments/behaviour.ts';

const SOUND = { latency: { p50Ms: 60, p99Ms: 300 }, declined: 0.2, lostAnswers: 0 };

describe('the behaviour asked of the payment gateway', () => {
  it('is taken as it is, without what does not belong to it', () => {
    expect(parseBehaviour({ ...SOUND, timeoutMs: 1 })).toEqual(SOUND);
  });

  it.each<[string, unknown]>([
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
