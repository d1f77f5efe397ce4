/** Control routes that set the stage: catalogue and stock, customers, the sale, restocks. */
import type { FastifyInstance } from 'fastify';
import type { CatalogueItem } from '../../contract/scenario.ts';
import {
  type CatalogueService,
  type InventoryService,
  Refusal,
  type SaleService,
  type UserService,
} from '../services.ts';

export interface SeedingParts {
  readonly catalogue: CatalogueService;
  readonly inventory: InventoryService;
  readonly sale: SaleService;
  readonly users: UserService;
}

const MAX_CUSTOMERS_PER_CALL = 200_000;
const MAX_PRODUCTS = 100_000;
const MAX_UNITS = 1_000_000_000;

const count = { type: 'integer', minimum: 0, maximum: MAX_UNITS } as const;
const text = { type: 'string', maxLength: 10_000 } as const;
const sku = { type: 'string', minLength: 1, maxLength: 64 } as const;
const instantUs = { type: 'number', minimum: 0 } as const;

const item = {
  type: 'object',
  properties: {
    sku,
    title: text,
    description: text,
    category: text,
    attributes: { type: 'object', additionalProperties: text },
    priceMinor: count,
    units: count,
  },
  required: ['sku', 'title', 'description', 'category', 'attributes', 'priceMinor', 'units'],
} as const;

interface SeedBody {
  readonly catalogue: readonly CatalogueItem[];
  readonly currency: string;
  readonly hotItems: readonly number[];
  readonly perCustomer: number;
}

function object(properties: Readonly<Record<string, object>>): object {
  return { type: 'object', properties, required: Object.keys(properties) };
}

const bodies = {
  seed: object({
    catalogue: { type: 'array', items: item, minItems: 1, maxItems: MAX_PRODUCTS },
    currency: { type: 'string', pattern: '^[A-Z]{3}$' },
    hotItems: { type: 'array', items: count, maxItems: MAX_PRODUCTS },
    perCustomer: { type: 'integer', minimum: 1, maximum: MAX_UNITS },
  }),
  customers: object({
    from: count,
    count: { type: 'integer', minimum: 1, maximum: MAX_CUSTOMERS_PER_CALL },
  }),
  sale: object({ opensAtUs: instantUs, closesAtUs: { type: ['number', 'null'], minimum: 0 } }),
  price: object({ sku, priceMinor: count }),
  restock: object({ sku, units: { type: 'integer', minimum: 1, maximum: MAX_UNITS } }),
};

export function seedingRoutes(server: FastifyInstance, shop: SeedingParts): void {
  server.post<{ Body: SeedBody }>('/control/seed', {
    schema: { body: bodies.seed },
    handler: async (request) => {
      await seed(shop, request.body);
      return { products: request.body.catalogue.length };
    },
  });

  server.post<{ Body: { from: number; count: number } }>('/control/customers', {
    schema: { body: bodies.customers },
    handler: async (request) => {
      const { from, count } = request.body;
      await shop.users.createMany(from, count);
      const tokens = Array.from({ length: count }, (_, i) => shop.users.mintToken(`c-${from + i}`));
      return { tokens };
    },
  });

  server.post<{ Body: { opensAtUs: number; closesAtUs: number | null } }>('/control/sale', {
    schema: { body: bodies.sale },
    handler: (request) => {
      const { opensAtUs, closesAtUs } = request.body;
      shop.sale.announce({ ...shop.sale.window(), opensAtUs, closesAtUs });
      return Promise.resolve({ announced: true });
    },
  });

  server.post<{ Body: { sku: string; priceMinor: number } }>('/control/price', {
    schema: { body: bodies.price },
    handler: async (request) => {
      const { sku, priceMinor } = request.body;
      if (!(await shop.catalogue.reprice(sku, priceMinor))) throw new Refusal(404, 'not_found');
      return { sku, priceMinor };
    },
  });

  server.post<{ Body: { sku: string; units: number } }>('/control/restock', {
    schema: { body: bodies.restock },
    handler: async (request) => {
      const { sku, units } = request.body;
      if (shop.catalogue.product(sku) === undefined) throw new Refusal(404, 'not_found');
      await shop.inventory.restock(sku, units);
      return { sku, units };
    },
  });
}

/** Stock first: a product that can be seen can be bought. */
async function seed(shop: SeedingParts, body: SeedBody): Promise<void> {
  const skus = body.catalogue.map((product) => product.sku);
  if (new Set(skus).size < skus.length) {
    throw new Refusal(400, 'bad_request', { problems: ['a SKU occurs twice in the catalogue'] });
  }
  const hotSkus = body.hotItems.map((index) => skus[index]);
  if (hotSkus.includes(undefined)) {
    throw new Refusal(400, 'bad_request', { problems: ['hotItems points past the catalogue'] });
  }
  await shop.inventory.seed(body.catalogue.map(({ sku, units }) => ({ sku, units })));
  await shop.catalogue.load(body.catalogue, body.currency);
  shop.sale.announce({
    skus: hotSkus.filter((hot) => hot !== undefined),
    opensAtUs: Number.POSITIVE_INFINITY,
    closesAtUs: null,
    perCustomer: body.perCustomer,
  });
}
