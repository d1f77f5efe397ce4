import { describe, expect, it } from 'vitest';
import { type Verdict, worstVerdict } from '../../../src/contract/verdict.ts';

describe('the worst verdict wins', () => {
  it.each<[Verdict[], Verdict]>([
    [['pass'], 'pass'],
    [['pass', 'pass'], 'pass'],
    [['pass', 'unknown'], 'unknown'],
    [['unknown', 'fail', 'pass'], 'fail'],
    [['fail', 'unknown'], 'fail'],
  ])('of %j it is %s', (verdicts, worst) => {
    expect(worstVerdict(verdicts)).toBe(worst);
  });

  it('proves nothing when nothing was judged', () => {
    expect(worstVerdict([])).toBe('unknown');
  });
});
