import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createVirtualClock } from '../../../../src/base/clock.ts';
import { RateLimit } from '../../../../src/reference-system/gateway/rate-limit.ts';
import { ShopperAddresses } from '../../../../src/reference-system/gateway/shopper-address.ts';
import { StatedAddresses } from '../../../../src/targets/reference/shopper-addresses.ts';

describe('a limit per name', () => {
  it('allows a second’s worth at once, then the rate, and each name for itself', () => {
    const clock = createVirtualClock();
    const limit = new RateLimit(10, clock);
    const taken = (name: string): number => {
      let count = 0;
      while (limit.take(name)) count++;
      return count;
    };
    expect(taken('a')).toBe(10);
    expect(taken('b')).toBe(10);
    clock.advance(500);
    expect(taken('a')).toBe(5);
    clock.advance(60_000);
    expect(taken('a')).toBe(10);
    expect(limit.refused).toBe(4);
  });

  it('allows a rate below one a second', () => {
    const clock = createVirtualClock();
    const limit = new RateLimit(0.5, clock);
    expect([limit.take('a'), limit.take('a')]).toEqual([true, false]);
    clock.advance(2000);
    expect([limit.take('a'), limit.take('a')]).toEqual([true, false]);
  });

  it('never allows more than the burst and the rate together, whenever it is asked', () => {
    const waits = fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 200 });
    fc.assert(
      fc.property(waits, fc.integer({ min: 1, max: 50 }), (pausesMs, perSec) => {
        const clock = createVirtualClock();
        const limit = new RateLimit(perSec, clock);
        let allowed = 0;
        let elapsedMs = 0;
        for (const pauseMs of pausesMs) {
          clock.advance(pauseMs);
          elapsedMs += pauseMs;
          if (limit.take('a')) allowed++;
          expect(allowed).toBeLessThanOrEqual(perSec + (elapsedMs * perSec) / 1000 + 1e-6);
        }
      }),
    );
  });

  it('forgets names rather than grow without bound, those in use last', () => {
    const clock = createVirtualClock();
    const limit = new RateLimit(1, clock, 1000);
    limit.take('regular');
    for (let i = 0; i < 10_000; i++) {
      limit.take(`name-${i}`);
      expect(limit.names).toBeLessThanOrEqual(1000);
      if (i % 100 === 0) expect(limit.take('regular')).toBe(false);
    }
    expect(limit.take('name-9999')).toBe(false);
    expect(limit.take('name-0')).toBe(true);
  });
});

describe('a stated address', () => {
  const secret = 'a secret of this start';
  const stated = new StatedAddresses(secret);

  it('is accepted from this machine with the right signature', () => {
    const addresses = new ShopperAddresses(secret);
    for (const peer of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) {
      expect(addresses.of(peer, stated.of(300))).toBe('10.0.1.44');
      expect(addresses.of(peer, stated.of(300))).toBe('10.0.1.44');
    }
  });

  it('is another one for every customer, and always the same for one', () => {
    const addresses = new ShopperAddresses(secret);
    const seen = new Set(
      Array.from({ length: 5000 }, (_, i) => addresses.of('127.0.0.1', stated.of(i * 13))),
    );
    expect(seen.size).toBe(5000);
    expect(new StatedAddresses(secret).of(70_000)).toBe(stated.of(70_000));
  });

  it('means nothing from elsewhere, without a secret, or when anything about it is wrong', () => {
    const addresses = new ShopperAddresses(secret);
    const right = stated.of(1);
    const mac = createHmac('sha256', secret).update('localhost').digest('base64url');
    expect(addresses.of('192.168.1.5', right)).toBe('192.168.1.5');
    expect(new ShopperAddresses('').of('127.0.0.1', right)).toBe('127.0.0.1');
    expect(new ShopperAddresses('another').of('127.0.0.1', right)).toBe('127.0.0.1');
    for (const wrong of [
      undefined,
      '',
      '10.0.0.1',
      right.replace('10.0.0.1', '10.0.0.2'),
      right.slice(0, -1),
      `${right} `,
      ` ${right}`,
      `${right}, ${right}`,
      [right, right],
      `localhost; mac=${mac}`,
      `999.0.0.1; mac=${createHmac('sha256', secret).update('999.0.0.1').digest('base64url')}`,
    ]) {
      expect([wrong, addresses.of('127.0.0.1', wrong)]).toEqual([wrong, '127.0.0.1']);
    }
  });
});
