/** Defects of prices that change in mid-sale, and of the cards that customers pay with. */
import fs from 'node:fs';
import path from 'node:path';
import type { CatalogueService } from '../../../reference-system/services.ts';
import type { Database, Defect, Replacements } from '../defect.ts';
import { PLAIN_CALLBACKS } from '../sale-traffic.ts';

/** Values of a line in its stored form: SKU, units, price, whether it is limited. */
const LINE_FIELDS = 4;
const PRICE = 2;

/** The lines of a stored checkout at what the catalogue says now, and their total. */
function priced(catalogue: CatalogueService | undefined, lines: string): [string, number] {
  const flat = JSON.parse(lines) as (string | number)[];
  let total = 0;
  for (let at = 0; at < flat.length; at += LINE_FIELDS) {
    const priceMinor = catalogue?.product(String(flat[at]))?.priceMinor ?? 0;
    flat[at + PRICE] = priceMinor;
    total += priceMinor * Number(flat[at + 1]);
  }
  return [JSON.stringify(flat), total];
}

function repricer(db: Database): (catalogue: CatalogueService | undefined, id: string) => void {
  const read = db.prepare('SELECT lines FROM checkouts WHERE id = ?').pluck();
  const write = db.prepare('UPDATE checkouts SET lines = ?, total = ? WHERE id = ?');
  return (catalogue, id) => {
    const lines = read.get(id);
    if (typeof lines === 'string') write.run(...priced(catalogue, lines), id);
  };
}

const CHANGES = { priceChanges: 3, lateShare: 0.3, cartShare: 0 } as const;

interface SentCards {
  readonly cards?: readonly (readonly [customer: string, cardNumber: string])[];
}

/** Sees every card that is sent to the vault. */
function seeingCards(see: (customer: string, cardNumber: string) => void): Replacements {
  return {
    gatewayLine: (real) => ({
      ...real,
      send: (request, timeoutMs) => {
        const { cards = [] } = (request.body ?? {}) as SentCards;
        for (const [customer, cardNumber] of cards) see(customer, cardNumber);
        return real.send(request, timeoutMs);
      },
    }),
  };
}

export const PRICE_DEFECTS: readonly Defect[] = [
  {
    id: 'price-read-again-at-the-order',
    text: 'an order costs what the catalogue says then, not what its checkout said',
    invariant: 'O4',
    traffic: CHANGES,
    plant: () => {
      let catalogue: CatalogueService | undefined;
      return {
        catalogue: (real) => {
          catalogue = real;
          return real;
        },
        procedures: {
          orders: (real, db) => {
            const reprice = repricer(db);
            return {
              claim: (args: readonly string[]) => {
                reprice(catalogue, args[3] ?? '');
                return real['claim']?.(args);
              },
            };
          },
        },
      };
    },
  },
  {
    id: 'price-change-rewrites-checkouts',
    text: 'a change of a price is applied to checkouts that were made before it',
    invariant: 'O4',
    traffic: CHANGES,
    plant: () => {
      let orders: Database | undefined;
      return {
        procedures: {
          orders: (_real, db) => {
            orders = db;
            return {};
          },
        },
        catalogue: (real) => ({
          ...real,
          reprice: async (sku, priceMinor) => {
            const isKnown = await real.reprice(sku, priceMinor);
            const open = orders?.prepare('SELECT id FROM checkouts WHERE order_id IS NULL').pluck();
            const ids = (open?.all() ?? []) as string[];
            if (orders !== undefined) for (const id of ids) repricer(orders)(real, id);
            return isKnown;
          },
        }),
      };
    },
  },
  {
    id: 'price-change-not-seen',
    text: 'a change of a price is confirmed, but the old one stays in the cache',
    invariant: 'O4',
    traffic: {
      ...{ priceChanges: 1, arriveForMs: 14_000, shoppers: 90, units: [60, 40], perCustomer: 9 },
      ...{ crashes: 0, restockShare: 0 },
    },
    plant: () => ({ catalogue: (real) => ({ ...real, reprice: async () => true }) }),
  },
];

export const CARD_DEFECTS: readonly Defect[] = [
  {
    id: 'card-number-logged',
    text: 'a debug log has the card numbers on their way to the vault',
    invariant: 'P8',
    traffic: { paysByCard: true },
    plant: ({ dataDir }) =>
      seeingCards((customer, cardNumber) => {
        const line = `${JSON.stringify({ level: 'debug', customer, cardNumber })}\n`;
        fs.appendFileSync(path.join(dataDir, 'debug.log'), line);
      }),
  },
  {
    id: 'card-number-beside-the-order',
    text: 'the number of the card is kept beside the order',
    invariant: 'P8',
    traffic: { paysByCard: true },
    plant: () => {
      const cards = new Map<string, string>();
      return {
        ...seeingCards((customer, cardNumber) => cards.set(customer, cardNumber)),
        procedures: {
          orders: (real, db) => {
            db.exec('CREATE TABLE IF NOT EXISTS notes (order_id TEXT, note TEXT)');
            const note = db.prepare('INSERT INTO notes VALUES (?, ?)');
            return {
              claim: (args: readonly string[]) => {
                note.run(args[4], `paid with ${cards.get(args[0] ?? '')}`);
                return real['claim']?.(args);
              },
            };
          },
        },
      };
    },
  },
  {
    id: 'card-of-another-customer',
    text: 'who knows the token of a card can pay with it, whosever it is',
    invariant: 'A1',
    traffic: { paysByCard: true, callbacks: PLAIN_CALLBACKS, declinedShare: 0, units: [8, 40] },
    plant: () => {
      const owners = new Map<string, string>();
      return {
        gatewayLine: (real) => ({
          ...real,
          send: async (request, timeoutMs) => {
            const body = (request.body ?? {}) as { paymentToken?: string } & SentCards;
            const owner = owners.get(body.paymentToken ?? '');
            const sent =
              owner === undefined ? request : { ...request, body: { ...body, customer: owner } };
            const answer = await real.send(sent, timeoutMs);
            const tokens = (answer.body?.['tokens'] ?? []) as string[];
            for (const [i, token] of tokens.entries())
              owners.set(token, body.cards?.[i]?.[0] ?? '');
            return answer;
          },
        }),
      };
    },
  },
];
