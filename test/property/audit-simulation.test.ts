import { describe, expect, it } from 'vitest';
import { judge } from '../../src/audit/audit.ts';
import { type Bug, CorrectShop } from '../support/correct-shop.ts';
import { violated } from '../support/verdicts.ts';

const QUIET_SEEDS = 320;
const BUGGY_SEEDS = 32;

describe('the audit of simulated sales with lost requests and answers', () => {
  it('raises no alarm on a correct shop, and leaves nothing unjudged', () => {
    let inDoubt = 0;
    const goals: Record<string, number> = {};
    for (let seed = 1; seed <= QUIET_SEEDS; seed++) {
      const { input } = new CorrectShop(seed).run();
      const report = judge(input);
      expect({ seed, verdict: report.verdict, reason: report.reason }).toEqual({
        seed,
        verdict: 'pass',
        reason: '',
      });
      inDoubt += report.inDoubt.total;
      for (const [goal, hits] of Object.entries(report.goals)) {
        goals[goal] = (goals[goal] ?? 0) + hits;
      }
    }
    // The silence means something only if all of this has happened.
    expect(inDoubt).toBeGreaterThan(QUIET_SEEDS / 2);
    for (const [goal, hits] of Object.entries(goals))
      expect([goal, hits > 20]).toEqual([goal, true]);
  });

  /** Each planted bug, an invariant that must convict it, and the least share of seeds caught. */
  const bugs: [Bug, string, number][] = [
    ['oversell-race', 'I1', 0.5],
    ['leaked-hold', 'I2', 0.95],
    ['unit-lost-on-release', 'I2', 0.95],
    ['dead-sweeper', 'I2', 0.9],
    ['sticky-sold-out', 'I2', 0.3],
    ['last-unit-unsellable', 'I2', 0.95],
    ['double-charge', 'P1', 1],
    ['lost-order', 'O1', 0.8],
    ['limit-per-request', 'O7', 0.1],
    ['commit-after-expiry', 'I4', 1],
    ['early-expiry', 'I5', 0.95],
    ['decline-keeps-units', 'P7', 1],
    ['key-forgotten', 'P4', 0.4],
    ['payload-not-compared', 'P4', 0.4],
    ['charge-kept-on-return', 'P2', 1],
    ['unpaid-order', 'P3', 0.6],
    ['event-twice', 'E1', 0.85],
    ['event-lost', 'E1', 0.85],
    ['total-off-by-one', 'O4', 1],
    ['stale-reads', 'I7', 0.05],
    ['opens-early', 'O10', 0.5],
    ['restock-early', 'I1', 0.5],
    ['second-key-buys', 'O3', 1],
    ['second-key-other-order', 'O3', 0.9],
    ['reads-jump', 'I8', 0.3],
    ['reads-forget', 'O6', 0.6],
    ['cart-forgets', 'O8', 0.5],
    ['event-gap', 'E2', 0.95],
    ['archive-drops', 'O1', 0.5],
    ['archive-changes', 'E4', 0.95],
    ['callback-twice', 'P6', 0.95],
    ['forged-callback', 'P6', 0.95],
  ];

  for (const [bug, invariant, share] of bugs) {
    it(`convicts ${bug} by ${invariant}`, () => {
      let struck = 0;
      let caught = 0;
      for (let seed = 1; seed <= BUGGY_SEEDS; seed++) {
        const { input, bugHits } = new CorrectShop(seed, bug).run();
        if (bugHits === 0) continue;
        struck++;
        if (violated(judge(input)).includes(invariant)) caught++;
      }
      expect(struck).toBeGreaterThan(BUGGY_SEEDS / 8);
      expect(caught / struck).toBeGreaterThanOrEqual(share);
    });
  }
});
