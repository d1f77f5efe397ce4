import { describe, expect, it } from 'vitest';
import {
  betaQuantile,
  normalCdf,
  normalQuantile,
  studentQuantile,
} from '../../../src/statistics/distributions.ts';

// Values from published tables, to the digits that those print.
describe('distributions', () => {
  it('know the normal distribution and its inverse', () => {
    expect(normalCdf(1.96)).toBeCloseTo(0.9750021, 7);
    expect(normalQuantile(0.975)).toBeCloseTo(1.959964, 6);
    expect(normalQuantile(normalCdf(-2.5))).toBeCloseTo(-2.5, 9);
  });

  it('know the quantiles of Student’s distribution, also for broken degrees of freedom', () => {
    expect(studentQuantile(0.975, 10)).toBeCloseTo(2.228139, 6);
    expect(studentQuantile(0.975, 3)).toBeCloseTo(3.182446, 6);
    expect(studentQuantile(0.975, 5.5)).toBeGreaterThan(studentQuantile(0.975, 6));
    expect(studentQuantile(0.975, 5.5)).toBeLessThan(studentQuantile(0.975, 5));
  });

  it('know the beta quantiles behind an exact interval of a share (30 of 5,000)', () => {
    expect(betaQuantile(0.025, 30, 4971)).toBeCloseTo(0.00405173, 7);
    expect(betaQuantile(0.975, 31, 4970)).toBeCloseTo(0.00855438, 7);
  });

  it('refuse what is no probability', () => {
    expect(() => normalQuantile(1)).toThrow();
    expect(() => studentQuantile(0.5, 0)).toThrow();
  });
});
