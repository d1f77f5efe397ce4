import { describe, expect, it } from 'vitest';
import { impossibilities } from '../../../src/commands/run/fits-machine.ts';
import type { Journey, Scenario } from '../../../src/contract/scenario.ts';
import { expectedSession, plannedLoad } from '../../../src/scenarios/planned-load.ts';
import { phase, smallScenario, step } from '../../support/small-scenario.ts';

const THINKING: Journey = {
  name: 'think',
  start: 'home',
  maxSteps: 20,
  steps: { home: step('home', 'look', 10_000), look: step('viewStock', 'end') },
};

function thinking(changes: Partial<Scenario> = {}): Scenario {
  return smallScenario({
    journeys: [THINKING],
    populations: [{ name: 'shopper', journey: 'think', hotShare: 0.5, accounts: { kind: 'own' } }],
    phases: [phase('a', 30_000, 20)],
    ...changes,
  });
}

describe('what a scenario asks of a machine', () => {
  it('is known for a session: its operations and its thinking', () => {
    const loop: Journey = {
      name: 'loop',
      start: 'page',
      maxSteps: 100,
      steps: {
        page: {
          operation: 'viewProduct',
          item: 'wanted',
          quantity: 1,
          next: [
            { outcomes: ['failed'], to: 'end', think: { kind: 'constant', ms: 99 } },
            {
              outcomes: ['ok'],
              probability: 0.75,
              to: 'page',
              think: { kind: 'uniform', minMs: 0, maxMs: 200 },
            },
          ],
        },
      },
    };
    // A geometric number of pages with mean 1 ÷ (1 − 0.75), and a think time between two.
    const session = expectedSession(loop);
    expect(session.operations.get('viewProduct')).toBeCloseTo(4);
    expect(session.steps).toBeCloseTo(4);
    expect(session.thinkMs).toBeCloseTo(300);
  });

  it('follows Little’s law while arrivals are steady, and never exceeds who has come', () => {
    expect(plannedLoad(thinking()).peakSessions).toBeCloseTo(20 * 10);
    expect(plannedLoad(thinking({ phases: [phase('a', 4000, 20)] })).peakSessions).toBeCloseTo(80);
  });

  it('counts customers of their own by session, those of a pool once', () => {
    const own = plannedLoad(thinking());
    expect([own.journeys, own.customers]).toEqual([expect.closeTo(600), expect.closeTo(600)]);
    const pooled = thinking({
      populations: [
        { name: 'shopper', journey: 'think', hotShare: 0, accounts: { kind: 'pool', size: 7 } },
      ],
    });
    expect(plannedLoad(pooled).customers).toBe(7);
  });

  it('is the number of users in the closed model, each with its accounts', () => {
    const model = {
      kind: 'closed',
      pauseBetween: { kind: 'constant', ms: 0 },
      accountsPerUser: 3,
    } as const;
    const closed = plannedLoad(thinking({ model }));
    expect([closed.peakSessions, closed.customers]).toEqual([20, 60]);
    // A user begins a journey every 10 s or a little more, for 30 s.
    expect(closed.journeys).toBeCloseTo(60, 1);
  });
});

describe('a plan', () => {
  const GIB = 1024 ** 3;

  it('that fits is not refused', () => {
    expect(impossibilities(thinking(), { memoryBytes: GIB, workers: 2 })).toEqual([]);
  });

  it('that needs more memory, sessions or journeys than there can be is refused for each', () => {
    const [memory, ...none] = impossibilities(thinking(), { memoryBytes: 1e6, workers: 2 });
    expect(memory).toMatch(/about 600 customers and 200 sessions at once need .* of memory/);
    expect(none).toEqual([]);
    const crowd = thinking({ phases: [phase('a', 60_000, 30_000)] });
    const roomy = { memoryBytes: 1024 * GIB, workers: 2 };
    expect(impossibilities(crowd, roomy)).toEqual([
      expect.stringMatching(/about 300,000 sessions would be thinking at once; at most 200,000/),
    ]);
    const endless = thinking({ phases: [phase('a', 3_600_000, 15_000)] });
    expect(impossibilities(endless, roomy)).toEqual([
      expect.stringMatching(/about 54,000,000 journeys; at most 10,000,000 are supported/),
    ]);
  });
});
