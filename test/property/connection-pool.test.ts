import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Connection } from '../../src/targets/http/connection.ts';
import { PerShopperPool, SharedPool } from '../../src/targets/http/connection-pool.ts';

/** A place that does nothing but remember what was done with it. */
class Place implements Connection {
  busy = false;
  retired = false;
  readonly deadlineUs = Number.POSITIVE_INFINITY;
  readonly answerStartedAtUs = 0;
  readonly answerBytes = 0;
  begin(): boolean {
    this.busy = true;
    return true;
  }
  end(): void {
    this.busy = false;
  }
  retire(): void {
    this.busy = false;
    this.retired = true;
  }
  async close(): Promise<void> {
    this.retire();
  }
}

type Step =
  | { readonly kind: 'ask'; readonly slot: number }
  | { readonly kind: 'answer'; readonly which: number; readonly broken: boolean }
  | { readonly kind: 'leave'; readonly slot: number };

const slot = fc.integer({ min: -1, max: 8 });
const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('ask' as const), slot }),
    fc.record({
      kind: fc.constant('answer' as const),
      which: fc.nat(20),
      broken: fc.boolean().map((broken) => broken),
    }),
    fc.record({ kind: fc.constant('leave' as const), slot: fc.integer({ min: 0, max: 8 }) }),
  ),
  { maxLength: 300 },
);

/** Plays the steps; what a pool hands out must be free, and never more than the bound. */
function play(pool: SharedPool | PerShopperPool, bound: number, story: readonly Step[]): void {
  const inHand: Place[] = [];
  for (const step of story) {
    if (step.kind === 'ask') {
      const taken = pool.take(step.slot) as Place | undefined;
      if (taken === undefined) {
        expect(inHand.length).toBe(bound);
      } else {
        expect([taken.busy, taken.retired, inHand.includes(taken)]).toEqual([false, false, false]);
        taken.begin();
        inHand.push(taken);
      }
    } else if (step.kind === 'answer') {
      const [place] = inHand.splice(step.which % Math.max(1, inHand.length), 1);
      if (place === undefined) continue;
      if (step.broken) place.retire();
      else place.end();
      pool.giveBack(place);
    } else pool.release(step.slot);
    expect(pool.connections.size).toBeLessThanOrEqual(bound);
    for (const place of inHand) expect(pool.connections.has(place)).toBe(true);
  }
}

describe('a pool of connections', () => {
  const bounds = fc.integer({ min: 1, max: 6 });
  const create = (): Connection => new Place();

  it('hands out what is free, within its bound, and refuses only when all are in use', () => {
    fc.assert(
      fc.property(bounds, steps, (bound, story) => {
        play(new SharedPool({ bound, create }), bound, story);
        play(new PerShopperPool({ bound, create }), bound, story);
      }),
    );
  });

  it('gives a shopper the same connection until the session ends, and another one no part of it', () => {
    const pool = new PerShopperPool({ bound: 100, create });
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 100 }), (visits) => {
        const own = new Map<number, Connection>();
        for (const shopper of visits) {
          const taken = pool.take(shopper) as Place;
          expect(taken).toBe(own.get(shopper) ?? taken);
          for (const [other, theirs] of own) if (other !== shopper) expect(taken).not.toBe(theirs);
          own.set(shopper, taken);
          taken.begin();
          taken.end();
          pool.giveBack(taken);
        }
        for (const [shopper, theirs] of own) {
          pool.release(shopper);
          expect(theirs.retired).toBe(true);
        }
        expect(pool.connections.size).toBe(0);
      }),
    );
  });

  it('takes the connection of the shopper who has been thinking for the longest', () => {
    const pool = new PerShopperPool({ bound: 3, create });
    const visit = (shopper: number): Place => {
      const taken = pool.take(shopper) as Place;
      taken.begin();
      taken.end();
      pool.giveBack(taken);
      return taken;
    };
    const [first, second, third] = [visit(1), visit(2), visit(3)];
    visit(1);
    visit(4);
    expect([first?.retired, second?.retired, third?.retired]).toEqual([false, true, false]);
    expect(visit(1)).toBe(first);
  });

  it('serves a second request of a shopper at the same time on another connection', () => {
    const pool = new PerShopperPool({ bound: 2, create });
    const one = pool.take(5) as Place;
    one.begin();
    const two = pool.take(5) as Place;
    two.begin();
    expect(two).not.toBe(one);
    expect(pool.take(5)).toBeUndefined();
    pool.release(5);
    one.end();
    pool.giveBack(one);
    expect(pool.take(-1)).toBe(one);
  });
});
