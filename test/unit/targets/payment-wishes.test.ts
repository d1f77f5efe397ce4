import { describe, expect, it } from 'vitest';
import type { CallbackOptions, PaymentBehaviour } from '../../../src/contract/profile.ts';
import { PaymentWishes } from '../../../src/targets/reference/payment-wishes.ts';

const CALM: PaymentBehaviour = {
  latency: { p50Ms: 10, p99Ms: 100 },
  declined: 0.1,
  lostAnswers: 0,
};
const MESSAGES: CallbackOptions = {
  delay: { p50Ms: 5, p99Ms: 50 },
  ...{ lost: 0, late: 0, lateMs: 1000, duplicated: 0, early: 0, replayed: 0, forged: 0 },
};
const LOST = { ...CALM, callbacks: { ...MESSAGES, lost: 0.5 } };
const FORGED = { ...CALM, callbacks: { ...MESSAGES, forged: 0.7, lateMs: 4000 } };
const SLOW = { ...CALM, latency: { p50Ms: 200, p99Ms: 300 }, declined: 0.05 };

function wishes() {
  const told: (PaymentBehaviour | null)[] = [];
  const sent = new PaymentWishes(async (behaviour) => {
    told.push(behaviour);
  });
  return { sent, last: () => told.at(-1) };
}

describe('how the gateway is to behave', () => {
  it('is the worst of what overlapping faults ask for, and what is left when one is over', async () => {
    const { sent, last } = wishes();
    await sent.add(LOST);
    expect(last()).toEqual(LOST);
    await sent.add(FORGED);
    await sent.add(SLOW);
    expect(last()).toEqual({
      ...{ latency: SLOW.latency, declined: 0.1, lostAnswers: 0 },
      callbacks: { ...MESSAGES, lost: 0.5, forged: 0.7, lateMs: 4000 },
    });
    await sent.remove({ ...LOST });
    await sent.remove(SLOW);
    expect(last()).toEqual(FORGED);
    await sent.remove(FORGED);
    expect(last()).toBeNull();
  });

  it('goes back to the disturbance of the scenario when a fault beside it is over', async () => {
    const { sent, last } = wishes();
    await sent.setBase(SLOW);
    await sent.add(LOST);
    expect(last()).toMatchObject({ latency: SLOW.latency, callbacks: { lost: 0.5 } });
    await sent.remove(LOST);
    expect(last()).toEqual(SLOW);
    await sent.add(LOST);
    await sent.setBase(null);
    expect(last()).toEqual(LOST);
  });

  it('is ended once where the same fault is active twice, and never by one that is not', async () => {
    const { sent, last } = wishes();
    await sent.add(LOST);
    await sent.add(LOST);
    await sent.remove(LOST);
    await sent.remove(SLOW);
    expect(last()).toEqual(LOST);
  });

  it('is what was wanted even when the gateway did not hear of it the first time', async () => {
    let isDeaf = true;
    let heard: PaymentBehaviour | null | undefined;
    const sent = new PaymentWishes(async (behaviour) => {
      if (isDeaf) throw new Error('nobody there');
      heard = behaviour;
    });
    await expect(sent.add(LOST)).rejects.toThrow('nobody there');
    isDeaf = false;
    await sent.remove(LOST);
    expect(heard).toBeNull();
  });
});
