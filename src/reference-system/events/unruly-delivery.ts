/**
 * Deliveries as a message bus may make them on a bad day: more than once, in another order, or long
 * after they were dealt with. A consumer is promised each event at least once, so it must bear that.
 */
import type { EventDelivery } from '../../contract/fault.ts';
import type { EventConsumer, ShopEvent } from './event-log.ts';

/** Events kept per consumer, to be delivered once more. */
const REMEMBERED = 256;
const COPIES = 3;

export class UnrulyDelivery {
  #delivery: EventDelivery | null = null;

  /** `null`: as it should be. */
  set(delivery: EventDelivery | null): void {
    this.#delivery = delivery;
  }

  /** The same consumer, as the bus reaches it. */
  reach({ name, consume }: EventConsumer): EventConsumer {
    let earlier: readonly ShopEvent[] = [];
    return {
      name,
      consume: async (events) => {
        const delivery = this.#delivery;
        const before = earlier;
        earlier = [...before, ...events].slice(-REMEMBERED);
        if (delivery === null) return consume(events);
        for (const batch of deliveries(delivery, events, before)) await consume(batch);
      },
    };
  }
}

function deliveries(
  delivery: EventDelivery,
  events: readonly ShopEvent[],
  earlier: readonly ShopEvent[],
): readonly (readonly ShopEvent[])[] {
  switch (delivery) {
    case 'duplicated':
      // Within one batch as well as in batches of their own.
      return [events.flatMap((event) => Array<ShopEvent>(COPIES).fill(event)), events];
    case 'reordered':
      return [[...events].reverse()];
    case 'repeated':
      return [earlier, events, [...earlier, ...events]].filter((batch) => batch.length > 0);
  }
}
