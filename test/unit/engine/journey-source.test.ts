// Where journeys come from: what ends a source, and what it never gives away twice.
import { describe, expect, test } from 'vitest';
import { createSystemClock } from '../../../src/base/clock.ts';
import { CLIENT_DEFAULTS } from '../../../src/contract/call.ts';
import type { Scenario } from '../../../src/contract/scenario.ts';
import { createJourneySource, type JourneySource } from '../../../src/engine/journey-source.ts';
import { startLoad } from '../../../src/engine/load-run.ts';
import { JOURNEYS_MAX } from '../../../src/engine/phases.ts';
import { phase, smallScenario } from '../../support/small-scenario.ts';

const USERS = 11;
const WHOLE = { index: 0, count: 1 };

function closed(changes: Partial<Scenario> = {}): Scenario {
  const model = { kind: 'closed', pauseBetween: { kind: 'constant', ms: 10 } } as const;
  return smallScenario({ model, phases: [phase('steady', 1000, USERS)], ...changes });
}

function drain(source: JourneySource): number[] {
  const ordinals: number[] = [];
  for (; source.nextUs !== Number.POSITIVE_INFINITY; source.take()) {
    ordinals.push(source.next.ordinal);
  }
  return ordinals;
}

describe('virtual users', () => {
  test('are shared among workers, none left out and none twice', () => {
    for (const count of [1, 2, 3, 4]) {
      const shards = Array.from({ length: count }, (_, index) => ({ index, count }));
      const users = shards.flatMap((shard) => drain(createJourneySource(closed(), shard)));
      expect(users.sort((a, b) => a - b)).toEqual(Array.from({ length: USERS }, (_, v) => v));
    }
  });

  test('begin the next iteration one pause after the end of the last', () => {
    const source = createJourneySource(closed(), WHOLE);
    drain(source);
    source.ended(3, 500_000);
    expect(source.nextUs).toBe(510_000);
    expect(source.next).toMatchObject({ ordinal: 3 + USERS, customer: 3, intendedUs: 510_000 });
    source.take();
    source.ended(4, 995_000);
    expect(source.nextUs).toBe(Number.POSITIVE_INFINITY);
  });

  test('take turns with their accounts', () => {
    const model = {
      kind: 'closed',
      pauseBetween: { kind: 'constant', ms: 0 },
      accountsPerUser: 3,
    } as const;
    const source = createJourneySource(closed({ model }), WHOLE);
    drain(source);
    const customers = [0, 1, 2, 3].map((iteration) => {
      source.ended(5 + iteration * USERS, 1000);
      const { customer } = source.next;
      source.take();
      return customer;
    });
    expect(customers).toEqual([5 + USERS, 5 + 2 * USERS, 5, 5 + USERS]);
  });

  test('stop when their next journey could not be numbered, and are counted', () => {
    const source = createJourneySource(closed(), WHOLE);
    drain(source);
    source.ended(JOURNEYS_MAX - USERS, 1000);
    expect(source.next.ordinal).toBe(JOURNEYS_MAX);
    expect(source.usersEnded).toBe(0);
    source.take();
    source.ended(JOURNEYS_MAX - USERS + 1, 1000);
    expect(source.nextUs).toBe(Number.POSITIVE_INFINITY);
    expect(source.usersEnded).toBe(1);
  });

  test('more than there may be sessions are refused before anything starts', async () => {
    const client = { ...CLIENT_DEFAULTS, kind: 'null', origin: '', skus: [], tokens: [] } as const;
    const starting = startLoad({
      order: {
        scenario: closed(),
        client,
        drainMs: 0,
        history: 'off',
        historyDir: '',
        keyPrefix: 'test',
      },
      clock: createSystemClock(),
      workers: 1,
      tightestThresholdMs: null,
      maxSessions: USERS - 1,
    });
    await expect(starting).rejects.toThrow('11 virtual users are more than the 10 sessions');
  });
});

test('an open plan goes on whatever ends', () => {
  const source = createJourneySource(smallScenario(), WHOLE);
  const before = source.nextUs;
  source.ended(0, 1);
  expect(source.nextUs).toBe(before);
  expect(source.comesAnyway).toBe(true);
  const ordinals = drain(source);
  expect(ordinals).toEqual(ordinals.map((_, index) => index));
  expect(ordinals.length).toBeGreaterThan(100);
});
