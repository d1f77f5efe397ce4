import { describe, expect, it } from 'vitest';
import { pageQuery } from '../../../../src/reference-system/control/page-query.ts';
import { processUsage } from '../../../../src/reference-system/control/process-usage.ts';
import { secretMatcher } from '../../../../src/reference-system/control/secret.ts';

describe('the control secret', () => {
  it('matches itself and nothing else', () => {
    const matches = secretMatcher('s3cret');
    expect(matches('s3cret')).toBe(true);
    for (const wrong of ['', 's3cre', 's3cret ', 'S3cret', undefined, null, 7, ['s3cret']]) {
      expect(matches(wrong)).toBe(false);
    }
  });
});

describe('a page of a list', () => {
  it.each([
    ['', { after: null, limit: 1000 }],
    ['limit=1', { after: null, limit: 1 }],
    ['after=a%2Fb&limit=10000', { after: 'a/b', limit: 10_000 }],
    ['limit=0', undefined],
    ['limit=10001', undefined],
    ['limit=-1', undefined],
    ['limit=1e3', undefined],
    ['after=', undefined],
    [`after=${'x'.repeat(257)}`, undefined],
  ])('asked for by %j is %j', (query, page) => {
    expect(pageQuery(new URLSearchParams(query))).toEqual(page);
  });
});

describe('process usage', () => {
  it('grows with the work that is done', () => {
    const before = processUsage('test', 0);
    let sum = 0;
    for (let i = 0; i < 3e7; i++) sum += Math.sqrt(i);
    const after = processUsage('test', sum > 0 ? 5 : 0);
    expect(after.cpuMs).toBeGreaterThan(before.cpuMs);
    expect(after).toMatchObject({ name: 'test', pid: process.pid, storeBusyMs: 5 });
  });
});
