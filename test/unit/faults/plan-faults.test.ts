import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CALLBACK_TWISTS } from '../../../src/contract/profile.ts';
import { type FaultQuestion, planFaults } from '../../../src/faults/plan-faults.ts';

const QUESTION: FaultQuestion = {
  texts: [],
  seed: 7,
  loadMs: 20_000,
  interestingFromMs: 6000,
  payment: {
    latency: { p50Ms: 60, p99Ms: 300 },
    timeoutMs: 2000,
    attempts: 3,
    declined: 0.04,
    lostAnswers: 0.2,
  },
};

function plan(...texts: string[]) {
  return planFaults({ ...QUESTION, texts });
}

describe('the plan of faults', () => {
  it('is the same for the same seed, another for another', () => {
    const texts = ['kill', 'pause=times:3'];
    expect(plan(...texts)).toEqual(plan(...texts));
    const other = planFaults({ ...QUESTION, texts, seed: 8 });
    expect(other.faults.map(({ atMs }) => atMs)).not.toEqual(
      plan(...texts).faults.map(({ atMs }) => atMs),
    );
  });

  it('is in order of time, whatever the order in which faults were asked for', () => {
    const { faults, problems } = plan('kill=at:15s', 'pause=at:50%', 'stall=at:2s');
    expect(problems).toEqual([]);
    expect(faults.map(({ name, atMs, forMs }) => [name, atMs, forMs])).toEqual([
      ['stall', 2000, 500],
      ['pause', 10_000, 2000],
      ['kill', 15_000, 0],
    ]);
  });

  it('draws instants that fit between the opening and the end, and do not overlap', () => {
    const wanted = fc.record({
      seed: fc.nat(),
      times: fc.integer({ min: 1, max: 20 }),
      forMs: fc.integer({ min: 1, max: 5000 }),
      loadMs: fc.integer({ min: 7000, max: 100_000 }),
    });
    fc.assert(
      fc.property(wanted, ({ seed, times, forMs, loadMs }) => {
        const texts = [`pause=times:${times},for:${forMs}ms`];
        const { faults, problems } = planFaults({ ...QUESTION, texts, seed, loadMs });
        expect(faults.length + problems.length).toBe(problems.length === 0 ? times : 1);
        let freeFromMs = QUESTION.interestingFromMs;
        for (const fault of faults) {
          expect(fault.atMs).toBeGreaterThanOrEqual(freeFromMs);
          freeFromMs = fault.atMs + fault.forMs;
        }
        expect(freeFromMs).toBeLessThan(loadMs);
      }),
    );
  });

  it('makes payments worse than they are configured, never better', () => {
    const [fault] = plan('payment-brownout=lost:10%').faults;
    expect(fault?.injection).toEqual({
      kind: 'payment',
      payment: { latency: { p50Ms: 600, p99Ms: 3000 }, declined: 0.2, lostAnswers: 0.2 },
    });
  });

  it('has a fault for everything that can befall a message of the gateway, and for payments', () => {
    const { latency, declined, lostAnswers } = QUESTION.payment;
    for (const twist of CALLBACK_TWISTS) {
      const [fault] = plan(`callbacks-${twist}=share:70%`).faults;
      expect(fault?.injection, twist).toMatchObject({
        kind: 'payment',
        payment: { latency, declined, lostAnswers, callbacks: { [twist]: 0.7 } },
      });
    }
    expect(plan('callbacks-late=by:4s').faults[0]?.injection).toMatchObject({
      payment: { callbacks: { late: 0.5, lateMs: 4000 } },
    });
    expect(plan('payment-declined').faults[0]?.injection).toEqual({
      kind: 'payment',
      payment: { latency, declined: 0.8, lostAnswers },
    });
    expect(plan('payment-lost-answers').faults[0]?.injection).toEqual({
      kind: 'payment',
      payment: { latency, declined, lostAnswers: 0.5 },
    });
  });

  it('keeps what is configured of the messages, and only adds to it', () => {
    const callbacks = {
      delay: { p50Ms: 7, p99Ms: 70 },
      ...{ lost: 0.1, late: 0.2, lateMs: 9000, duplicated: 0.3, early: 0, replayed: 0, forged: 0 },
    };
    const payment = { ...QUESTION.payment, callbacks };
    const texts = ['callbacks-duplicated=share:5%', 'callbacks-forged=share:60%'];
    const injections = planFaults({ ...QUESTION, texts, payment }).faults.map(
      ({ injection }) => injection,
    );
    expect(injections).toContainEqual(
      expect.objectContaining({ payment: expect.objectContaining({ callbacks }) }),
    );
    expect(injections).toContainEqual(
      expect.objectContaining({
        payment: expect.objectContaining({ callbacks: { ...callbacks, forged: 0.6 } }),
      }),
    );
  });

  it('says of all that is wrong at once what it is, and plans the rest', () => {
    const { faults, problems } = plan('kill', 'kil', 'pause=at:19s', 'pause=for:30s', 'stall=x:1');
    expect(faults.map(({ name }) => name)).toEqual(['kill']);
    expect(problems).toEqual([
      expect.stringContaining('kil: "kil" is not a fault'),
      'pause=at:19s: it would last until 21s, and the load is 20s long',
      'pause=for:30s: 30s does not fit between 6s and the end: the load is 20s long',
      expect.stringContaining('stall=x:1: stall has no argument "x"'),
    ]);
  });
});
