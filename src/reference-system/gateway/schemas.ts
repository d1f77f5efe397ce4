/** JSON schemas of the public port: they validate requests, serialise answers and document both. */

const string = { type: 'string' } as const;
const integer = { type: 'integer' } as const;
const id = { type: 'string', minLength: 1, maxLength: 128 } as const;
const units = { type: 'integer', minimum: 1, maximum: 1_000 } as const;

type Properties = Readonly<Record<string, object>>;

/** An object with exactly these properties. */
function object<P extends Properties>(properties: P, required: string[] = Object.keys(properties)) {
  return { type: 'object', properties, required, additionalProperties: false } as const;
}

function list(items: object, limits: { minItems?: number; maxItems?: number } = {}) {
  return { type: 'array', items, ...limits } as const;
}

const sku = { type: 'string', minLength: 1, maxLength: 64 } as const;
const pricedLine = object({ sku: string, quantity: integer, priceMinor: integer });
const offer = object({ sku: string, title: string, priceMinor: integer });
const sale = { type: 'string', enum: ['none', 'upcoming', 'open', 'closed'] } as const;

export const problem = {
  type: 'object',
  description: 'RFC 9457 problem document with a stable code',
  properties: { type: string, title: string, status: integer, code: string },
  required: ['type', 'title', 'status', 'code'],
  additionalProperties: true,
} as const;

export const skuParams = object({ sku });
export const orderIdParams = object({ id });
export const keyParams = object({ key: id });

// Query values are text: coercion is off, so that a body with "1" for 1 is refused.
const upTo50 = { type: 'string', pattern: '^([1-9]|[1-4][0-9]|50)$' } as const;

export const searchQuery = object({ q: { type: 'string', maxLength: 100 }, limit: upTo50 }, []);
export const ordersQuery = object({ before: id, limit: upTo50 }, []);

/** Printable ASCII, as RFC 9110 allows in a header. */
export const idempotencyHeaders = {
  type: 'object',
  properties: { 'idempotency-key': { type: 'string', pattern: '^[!-~]{1,128}$' } },
  required: ['idempotency-key'],
} as const;

export const health = object({ status: string, instance: string });

export const home = object({
  featured: list(offer),
  currency: string,
  sale: object({
    opensAtUs: { type: ['number', 'null'] },
    closesAtUs: { type: ['number', 'null'] },
    skus: list(string),
  }),
});

export const searchResult = object({ items: list(offer), total: integer });

export const product = object({
  sku: string,
  title: string,
  description: string,
  category: string,
  attributes: { type: 'object', additionalProperties: string },
  priceMinor: integer,
  currency: string,
});

export const stock = object({ sku: string, available: integer, sale });

export const registration = object({
  email: { type: 'string', maxLength: 254, pattern: '^[^@\\s]{1,64}@[^@\\s]{1,189}$' },
  name: { type: 'string', minLength: 1, maxLength: 100 },
  password: { type: 'string', minLength: 8, maxLength: 200 },
});
export const credentials = object({
  email: { type: 'string', maxLength: 254 },
  password: { type: 'string', maxLength: 200 },
});
export const session = object({ id: string, accessToken: string });

export const cart = object({ lines: list(pricedLine), totalMinor: integer, currency: string });
/** Quantity 0 takes the line out of the cart. */
export const cartLine = object({
  sku,
  quantity: { type: 'integer', minimum: 0, maximum: 1_000 },
});

export const checkoutRequest = object(
  { lines: list(object({ sku, quantity: units }), { minItems: 1, maxItems: 50 }) },
  [],
);
export const checkout = object({
  id: string,
  expiresAt: { type: 'string', format: 'date-time' },
  expiresAtUs: { type: 'number' },
  lines: list(pricedLine),
  totalMinor: integer,
  currency: string,
});

export const orderRequest = object({
  checkoutId: id,
  paymentToken: { type: 'string', pattern: '^tok_[A-Za-z0-9_-]{1,64}$' },
});
export const order = object({
  id: string,
  key: string,
  status: string,
  lines: list(pricedLine),
  totalMinor: integer,
  currency: string,
});
export const orders = object({ items: list(order), next: { type: ['string', 'null'] } });
export const tombstone = object({ status: { type: 'string', const: 'tombstoned' } });
