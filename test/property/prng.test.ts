import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Prng } from '../../src/base/prng.ts';

const seeds = fc.maxSafeInteger();

describe('the generator', () => {
  it('is a pure function of seed, stream and counter', () => {
    fc.assert(
      fc.property(seeds, fc.string(), fc.nat(1000), (seed, stream, skip) => {
        const walked = new Prng(seed, stream);
        for (let i = 0; i < skip; i++) walked.u32();
        const jumped = new Prng(seed, stream);
        jumped.counter = skip;
        expect(jumped.u32()).toBe(walked.u32());
      }),
    );
  });

  it('seeks to the same draws from wherever it stood', () => {
    fc.assert(
      fc.property(seeds, fc.nat(1_000_000), fc.nat(100), (seed, index, counter) => {
        const base = new Prng(seed, 'base');
        const one = new Prng(seed + (seed > 0 ? -1 : 1), 'x');
        one.u32();
        const other = new Prng(0);
        one.seek(base, index, counter);
        other.seek(base, index, counter);
        expect([one.u32(), one.u32(), one.counter]).toEqual([
          other.u32(),
          other.u32(),
          counter + 2,
        ]);
      }),
    );
  });

  it('leaves the generator it forks from where it was', () => {
    fc.assert(
      fc.property(seeds, fc.string(), (seed, name) => {
        const parent = new Prng(seed);
        const twin = new Prng(seed);
        parent.fork(name).u32();
        expect(parent.u32()).toBe(twin.u32());
      }),
    );
  });

  it('stays within its bounds', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 2 ** 32 }), (seed, bound) => {
        const prng = new Prng(seed);
        const below = prng.below(bound);
        expect(Number.isInteger(below) && below >= 0 && below < bound).toBe(true);
        const unit = prng.unit();
        expect(unit >= 0 && unit < 1).toBe(true);
      }),
    );
  });
});
