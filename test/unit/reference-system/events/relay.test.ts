import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NO_CRASH_POINTS } from '../../../../src/reference-system/crash-points.ts';
import {
  createEventLog,
  type EventConsumer,
  type EventLog,
  type EventTuple,
  type ShopEvent,
} from '../../../../src/reference-system/events/event-log.ts';
import {
  createRelay,
  type Outbox,
  type Relay,
} from '../../../../src/reference-system/events/relay.ts';
import { createNotificationsService } from '../../../../src/reference-system/notifications/notifications-service.ts';
import { ShopBench } from '../../../support/shop-core.ts';

const event = (seq: number, type = 'order.confirmed'): EventTuple => [
  seq,
  `o-${seq}:x`,
  type,
  `o-${seq}`,
  'c-1',
  0,
  1,
];

/** An outbox in memory that can be told to forget that events were published. */
class MemoryOutbox implements Outbox {
  events: EventTuple[] = [];
  forgetful = false;

  async unpublished(limit: number): Promise<readonly EventTuple[]> {
    return this.events.slice(0, limit);
  }

  async published(seq: number): Promise<void> {
    if (this.forgetful) throw new Error('the connection was lost');
    this.events = this.events.filter((each) => each[0] > seq);
  }

  async count(): Promise<number> {
    return this.events.length;
  }
}

class Listener implements EventConsumer {
  readonly name = 'listener';
  readonly heard: string[] = [];
  deaf = false;
  onHeard: () => void = () => {};
  readonly consume = async (events: readonly ShopEvent[]): Promise<void> => {
    if (this.deaf) throw new Error('not listening');
    this.heard.push(...events.map((each) => each.id));
    this.onHeard();
  };
}

describe('relay', () => {
  let bench: ShopBench;
  let outbox: MemoryOutbox;
  let log: EventLog;
  let listener: Listener;
  let relay: Relay;
  let errors: unknown[];

  beforeEach(async () => {
    bench = await ShopBench.open();
    outbox = new MemoryOutbox();
    log = createEventLog({ store: bench.stores.of('events') });
    listener = new Listener();
    errors = [];
    relay = createRelay({
      outbox,
      log,
      consumers: [listener],
      clock: bench.clock,
      crashPoints: NO_CRASH_POINTS,
      onError: (error) => errors.push(error),
    });
  });

  afterEach(() => bench.stop());

  test('every event reaches the consumer once and in order', async () => {
    outbox.events = Array.from({ length: 1500 }, (_, i) => event(i + 1));
    expect(await bench.until(relay.backlog())).toBe(1500);
    expect(await bench.until(relay.drain())).toBe(1500);
    expect(listener.heard).toEqual(Array.from({ length: 1500 }, (_, i) => `o-${i + 1}:x`));
    expect(await bench.until(relay.backlog())).toBe(0);
  });

  test('an event published twice is in the log once', async () => {
    outbox.events = [event(1), event(2)];
    outbox.forgetful = true;
    await expect(bench.until(relay.drain())).rejects.toThrow('connection was lost');
    outbox.forgetful = false;
    await bench.until(relay.drain());
    expect(listener.heard).toEqual(['o-1:x', 'o-2:x']);
    const rows = await bench.until(log.rows(null, 10));
    expect(rows.items.map((row) => row.orderId)).toEqual(['o-1', 'o-2']);
  });

  test('a drain in mid-round also moves what was stored after that round had looked', async () => {
    outbox.events = [event(1)];
    const later: Promise<number>[] = [];
    listener.onHeard = () => {
      if (later.length > 0) return;
      outbox.events.push(event(2));
      later.push(relay.drain());
    };
    await bench.until(relay.drain());
    await bench.until(Promise.all(later));
    expect(listener.heard).toEqual(['o-1:x', 'o-2:x']);
    expect(await bench.until(relay.backlog())).toBe(0);
  });

  test('a consumer that failed gets its events again', async () => {
    outbox.events = [event(1)];
    listener.deaf = true;
    await expect(bench.until(relay.drain())).rejects.toThrow('not listening');
    expect(await bench.until(relay.backlog())).toBe(1);
    listener.deaf = false;
    await bench.until(relay.drain());
    expect(listener.heard).toEqual(['o-1:x']);
  });

  test('runs by itself, tells of failures and tries again until it is stopped', async () => {
    relay.start();
    outbox.events = [event(1)];
    listener.deaf = true;
    await bench.pass(100);
    expect(errors).not.toEqual([]);
    listener.deaf = false;
    await bench.pass(100);
    expect(listener.heard).toEqual(['o-1:x']);
    await bench.until(relay.stop());
    outbox.events = [event(2)];
    await bench.pass(200);
    expect(listener.heard).toEqual(['o-1:x']);
  });

  test('the log is listed in pages', async () => {
    await bench.until(log.append([event(1), event(2), event(3)]));
    const first = await bench.until(log.rows(null, 2));
    const second = await bench.until(log.rows(first.next, 2));
    expect([...first.items, ...second.items].map((row) => row.id)).toEqual([
      'o-1:x',
      'o-2:x',
      'o-3:x',
    ]);
    expect(second.next).toBeNull();
  });

  test('a confirmed order is notified once, however often its event is delivered', async () => {
    const store = bench.stores.of('notifications');
    const notifications = createNotificationsService({ store, clock: bench.clock });
    const [confirmed, declined] = [event(1), event(2, 'order.declined')].map(
      ([seq, id, type, orderId, customer, cartUntilUs]) => {
        return { seq, id, type, orderId, customer, cartUntilUs };
      },
    ) as [ShopEvent, ShopEvent];
    await bench.until(notifications.consume([confirmed, declined]));
    await bench.until(notifications.consume([confirmed]));
    const page = await bench.until(notifications.rows(null, 10));
    expect(page).toEqual({ items: [{ orderId: 'o-1', sent: 1 }], next: null });
  });
});
