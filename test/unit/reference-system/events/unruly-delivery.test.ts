import { describe, expect, it } from 'vitest';
import type { ShopEvent } from '../../../../src/reference-system/events/event-log.ts';
import { UnrulyDelivery } from '../../../../src/reference-system/events/unruly-delivery.ts';

function event(seq: number): ShopEvent {
  return { id: `e${seq}`, seq, type: 'order.confirmed', orderId: 'o' } as unknown as ShopEvent;
}

function listener() {
  const batches: string[][] = [];
  const bus = new UnrulyDelivery();
  const consumer = bus.reach({
    name: 'any',
    consume: async (events) => {
      batches.push(events.map(({ id }) => id));
    },
  });
  return { bus, consumer, batches };
}

describe('deliveries on a bad day', () => {
  it('are as they should be until something is set, and again after', async () => {
    const { bus, consumer, batches } = listener();
    await consumer.consume([event(1), event(2)]);
    bus.set('reordered');
    bus.set(null);
    await consumer.consume([event(3)]);
    expect(batches).toEqual([['e1', 'e2'], ['e3']]);
  });

  it('lose no event and invent none, however they come', async () => {
    for (const delivery of ['duplicated', 'reordered', 'repeated'] as const) {
      const { bus, consumer, batches } = listener();
      await consumer.consume([event(1), event(2)]);
      bus.set(delivery);
      await consumer.consume([event(3), event(4)]);
      expect(new Set(batches.flat()), delivery).toEqual(new Set(['e1', 'e2', 'e3', 'e4']));
      const plain = [
        ['e1', 'e2'],
        ['e3', 'e4'],
      ];
      expect(batches, 'the fault does something').not.toEqual(plain);
    }
  });

  it('bring earlier events once more, before and after the new ones', async () => {
    const { bus, consumer, batches } = listener();
    await consumer.consume([event(1)]);
    bus.set('repeated');
    await consumer.consume([event(2)]);
    expect(batches).toEqual([['e1'], ['e1'], ['e2'], ['e1', 'e2']]);
  });
});
