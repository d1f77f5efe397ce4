/** Defects of the way into the archive, and of the order of events. */
import type { EventTuple } from '../../../reference-system/events/event-log.ts';
import type { Defect } from '../defect.ts';

const MANY = { units: [20, 20], archiveAfterMs: 300 } as const;
/** Place of the lines in a stored order, which is a list, and of its status. */
const LINES = 7;

type OrderFields = (string | number)[];

export const ARCHIVE_DEFECTS: readonly Defect[] = [
  {
    id: 'removed-before-it-is-copied',
    text: 'orders leave the live list before their copy is durable: a crash between loses them',
    invariant: 'O1',
    traffic: {
      ...MANY,
      crashes: 6,
      crashPoints: ['order: claimed', 'order: charged', 'checkout: held'],
    },
    plant: ({ clock, isAlive }) => ({
      archive: (real) => ({
        ...real,
        append: async (documents) => {
          clock.after(150, () => {
            if (isAlive()) real.append(documents).catch(() => {});
          });
        },
      }),
    }),
  },
  {
    id: 'archive-drops-orders',
    text: 'the archive loses one order of every batch',
    invariant: 'O1',
    traffic: MANY,
    plant: () => ({
      archive: (real) => ({ ...real, append: (documents) => real.append(documents.slice(1)) }),
    }),
  },
  {
    id: 'archive-keeps-one-line',
    text: 'of an order of several lines the archive keeps the first',
    invariant: 'O1',
    traffic: { ...MANY, cartShare: 0.6 },
    plant: () => ({
      archive: (real) => ({
        ...real,
        append: (documents) =>
          real.append(
            documents.map((document) => {
              const order = JSON.parse(document.body) as OrderFields;
              const lines = JSON.parse(String(order[LINES])) as unknown[];
              order[LINES] = JSON.stringify(lines.slice(0, 4));
              return { ...document, body: JSON.stringify(order) };
            }),
          ),
      }),
    }),
  },
  {
    id: 'archived-under-another-total',
    text: 'the total of an archived order is read back in whole euros',
    invariant: 'O4',
    traffic: MANY,
    plant: () => ({
      orders: (real) => ({
        ...real,
        archivedRows: async (after, limit) => {
          const { items, next } = await real.archivedRows(after, limit);
          const rounded = (minor: number): number => Math.round(minor / 100) * 100;
          return {
            next,
            items: items.map((row) => ({ ...row, totalMinor: rounded(row.totalMinor) })),
          };
        },
      }),
    }),
  },
  {
    id: 'archived-twice',
    text: 'an order that was copied before a crash is copied again under the same id',
    invariant: 'E4',
    traffic: { ...MANY, crashes: 5, crashPoints: ['archive: copied'] },
    plant: () => ({
      rewrites: [
        { store: 'archive', from: 'id TEXT NOT NULL UNIQUE', to: 'id TEXT NOT NULL' },
        { store: 'archive', from: 'ON CONFLICT DO NOTHING', to: '' },
      ],
    }),
  },
  {
    id: 'archived-and-still-live',
    text: 'orders are copied to the archive and stay in the live list as well',
    invariant: 'E4',
    traffic: MANY,
    plant: () => ({
      rewrites: [
        {
          store: 'orders',
          from: "DELETE FROM orders WHERE id = ? AND open = 0 AND status <> 'confirmed'",
          to: "DELETE FROM orders WHERE id = ? AND open = 2 AND status <> 'confirmed'",
        },
      ],
    }),
  },
  {
    id: 'unfinished-orders-archived',
    text: 'an order whose payment is still open is moved to the archive as it is',
    invariant: 'E4',
    traffic: { ...MANY, lostAnswers: 0.5 },
    plant: () => ({
      payments: (real) => ({ ...real, lookup: () => new Promise(() => {}) }),
      procedures: {
        orders: (real, db) => {
          const close = db.prepare('UPDATE orders SET open = 0 WHERE id = ?');
          return {
            move: (args: readonly [id: string, to: string]) => {
              const moved: unknown = real['move']?.(args);
              if (args[1] === 'payment_unknown') close.run(args[0]);
              return moved;
            },
          };
        },
      },
    }),
  },
  {
    id: 'event-version-skipped',
    text: 'the second event of an order is numbered three',
    invariant: 'E2',
    plant: () => ({
      eventLog: (real) => ({
        ...real,
        append: (events) =>
          real.append(events.map((event) => numbered(event, (n) => (n === 2 ? 3 : n)))),
      }),
    }),
  },
  {
    id: 'events-unordered',
    text: 'the events of one batch are appended in reverse',
    invariant: 'E2',
    traffic: { archiveAfterMs: 100, cancelShare: 0.4 },
    plant: () => ({
      eventLog: (real) => ({ ...real, append: (events) => real.append([...events].reverse()) }),
    }),
  },
];

function numbered(event: EventTuple, version: (real: number) => number): EventTuple {
  const fields = [...event] as (string | number)[];
  fields[6] = version(event[6]);
  return fields as unknown as EventTuple;
}
