/** Defects between an order and those who are told of it. */
import type { EventTuple } from '../../../reference-system/events/event-log.ts';
import type { Defect } from '../defect.ts';

const LATE_MS = 400;

export const EVENT_DEFECTS: readonly Defect[] = [
  {
    id: 'outbox-emptied-first',
    text: 'events leave the outbox before they are in the log: a crash between loses them',
    invariant: 'E1',
    traffic: {
      crashes: 6,
      units: [30, 30],
      crashPoints: ['order: claimed', 'order: charged', 'checkout: held'],
    },
    plant: ({ clock }) => ({
      outbox: (real) => ({
        ...real,
        unpublished: async (limit) => {
          const events = await real.unpublished(limit);
          const last = events.at(-1);
          if (last === undefined) return events;
          await real.published(last[0]);
          await clock.sleep(LATE_MS);
          return events;
        },
      }),
    }),
  },
  {
    id: 'event-before-its-order',
    text: 'an order is announced as confirmed when it is claimed, whatever becomes of it',
    invariant: 'E1',
    traffic: { declinedShare: 0.3 },
    plant: () => {
      let append: ((events: readonly EventTuple[]) => Promise<void>) | undefined;
      return {
        eventLog: (real) => {
          append = real.append;
          return real;
        },
        stores: {
          orders: (real) => ({
            ...real,
            call: async <R>(procedure: string, args: unknown): Promise<R> => {
              const reply = await real.call<R>(procedure, args);
              const [kind, order] = reply as unknown as readonly [string, readonly string[]];
              if (procedure !== 'claim' || kind !== 'claimed') return reply;
              const [id, , customer] = order as [string, string, string];
              const event = [0, `${id}:confirmed`, 'order.confirmed', id, customer, 0, 9] as const;
              await append?.([event as unknown as EventTuple]);
              return reply;
            },
          }),
        },
      };
    },
  },
  {
    id: 'event-lost',
    text: 'some events never reach the log',
    invariant: 'E1',
    plant: ({ prng }) => ({
      eventLog: (real) => ({
        ...real,
        append: (events) => real.append(events.filter(() => !prng.chance(0.2))),
      }),
    }),
  },
  {
    id: 'event-appended-again',
    text: 'an event that is published again after a crash gets an id of its own',
    invariant: 'E1',
    traffic: { crashes: 4, crashPoints: ['relay: appended'] },
    plant: ({ life }) => ({
      eventLog: (real) => ({
        ...real,
        append: (events) =>
          real.append(
            events.map(
              ([seq, id, ...rest]) => [seq, `${id}/${life}`, ...rest] as unknown as EventTuple,
            ),
          ),
      }),
    }),
  },
  {
    id: 'acknowledged-before-the-work',
    text: 'a consumer acknowledges its events first and works afterwards: a crash between loses it',
    invariant: 'E3',
    traffic: {
      crashes: 6,
      units: [30, 30],
      crashPoints: ['order: claimed', 'order: charged', 'checkout: held'],
    },
    plant: ({ clock, isAlive }) => ({
      notifications: (real) => ({
        ...real,
        consume: async (events) => {
          clock.after(LATE_MS, () => {
            if (isAlive()) real.consume(events).catch(() => {});
          });
        },
      }),
    }),
  },
  {
    id: 'no-deduplication',
    text: 'an event that is delivered twice notifies twice',
    invariant: 'E3',
    traffic: { redeliveryShare: 0.5 },
    plant: () => {
      let sent = 0;
      return {
        procedures: {
          notifications: (real) => ({
            send: (messages: readonly (readonly [string, string, number])[]) =>
              real['send']?.(messages.map(([order, id, at]) => [order, `${id}/${++sent}`, at])),
          }),
        },
      };
    },
  },
  {
    id: 'deduplication-forgets',
    text: 'only the last three events are known: what is delivered again later notifies again',
    invariant: 'E3',
    traffic: { crashes: 4, crashPoints: ['relay: consumed'], units: [30, 30], cartShare: 0.6 },
    plant: ({ life }) => ({
      procedures: {
        notifications: (real) => ({
          send: (messages: readonly (readonly [string, string, number])[]) =>
            real['send']?.(messages.map(([order, id, at]) => [order, `${id}/${life}`, at])),
        }),
      },
    }),
  },
  {
    id: 'declined-are-notified',
    text: 'customers whose payment was declined are told of their order as well',
    invariant: 'E3',
    traffic: { declinedShare: 0.3 },
    plant: () => ({
      notifications: (real) => ({
        ...real,
        consume: (events) =>
          real.consume(
            events.map((event) =>
              event.type === 'order.declined' ? { ...event, type: 'order.confirmed' } : event,
            ),
          ),
      }),
    }),
  },
  {
    id: 'notification-lost',
    text: 'a notification that cannot be sent at once is dropped',
    invariant: 'E3',
    plant: ({ prng }) => ({
      notifications: (real) => ({
        ...real,
        consume: async (events) => real.consume(events.filter(() => !prng.chance(0.2))),
      }),
    }),
  },
];
