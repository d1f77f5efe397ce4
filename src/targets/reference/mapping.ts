/** docs/shop-http-api.md as a target mapping: the bundled shop is driven like any other system. */
import type {
  OperationMapping,
  OutcomeRule,
  RequestTemplate,
  TargetMapping,
} from '../../contract/target-mapping.ts';

const TOKEN = { authorization: 'Bearer {user.token}' };
const JSON_TYPE = { 'content-type': 'application/json' };
const SUCCESSES = Array.from({ length: 100 }, (_, index) => 200 + index);
/** Only what came before in the list of rules is as agreed. */
const NOTHING_ELSE: OutcomeRule = {
  statuses: SUCCESSES,
  fields: [],
  is: 'unknown',
  reason: 'bad_answer',
};

function operation(
  request: Pick<RequestTemplate, 'method' | 'path'> & Partial<RequestTemplate>,
  more: Partial<OperationMapping> = {},
): OperationMapping {
  return {
    request: { headers: {}, ...request },
    extract: {},
    outcomes: [],
    answer: 'object',
    ...more,
  };
}

function read(path: string, more: Partial<OperationMapping> = {}): OperationMapping {
  return operation({ method: 'GET', path }, more);
}

function orderIn(place: string): Readonly<Record<string, string>> {
  return {
    units: `${place}.lines[*].quantity`,
    orderId: `${place}.id`,
    totalMinor: `${place}.totalMinor`,
    status: `${place}.status`,
  };
}

const line = { sku: '{sku}', quantity: '{quantity}' };
const checkout = { method: 'POST', path: '/api/checkouts', headers: { ...TOKEN, ...JSON_TYPE } };

const SALE_STATES: readonly OutcomeRule[] = [
  ...['none', 'open', 'closed'].map(
    (state): OutcomeRule => ({
      statuses: SUCCESSES,
      fields: [{ path: '$.sale', equals: state }],
      is: 'ok',
      reason: 'none',
    }),
  ),
  {
    statuses: SUCCESSES,
    fields: [{ path: '$.sale', equals: 'upcoming' }],
    is: 'ok',
    reason: 'sale_upcoming',
  },
  NOTHING_ELSE,
];

const TOMBSTONES: readonly OutcomeRule[] = [
  {
    statuses: SUCCESSES,
    fields: [{ path: '$.status', equals: 'tombstoned' }],
    is: 'ok',
    reason: 'none',
    extract: { status: '$.status' },
  },
  // It came too late, and is answered with the order that has the key.
  {
    statuses: [409],
    fields: [{ path: '$.code', equals: 'key_used' }],
    is: 'refused',
    reason: 'key_reused',
    extract: orderIn('$.order'),
  },
  NOTHING_ELSE,
];

const OPERATIONS: TargetMapping['operations'] = {
  home: read('/api/home'),
  search: read('/api/search?q={searchWords}&limit=20'),
  viewProduct: read('/api/products/{sku}'),
  viewStock: read('/api/inventory/{sku}', {
    extract: { stock: '$.available' },
    outcomes: SALE_STATES,
  }),
  viewCart: operation(
    { method: 'GET', path: '/api/cart', headers: TOKEN },
    { extract: { units: '$.lines[*].quantity' } },
  ),
  addToCart: operation({
    method: 'POST',
    path: '/api/cart/items',
    headers: { ...TOKEN, ...JSON_TYPE },
    body: line,
  }),
  checkout: operation(
    { ...checkout, method: 'POST', body: {} },
    {
      direct: { ...checkout, method: 'POST', body: { lines: [line] } },
      extract: {
        units: '$.lines[*].quantity',
        checkoutId: '$.id',
        totalMinor: '$.totalMinor',
        expiresAtUs: '$.expiresAtUs',
      },
    },
  ),
  order: operation(
    {
      method: 'POST',
      path: '/api/orders',
      headers: { ...TOKEN, ...JSON_TYPE, 'idempotency-key': '{key}' },
      body: { checkoutId: '{checkoutId}', paymentToken: '{paymentToken}' },
    },
    { extract: orderIn('$') },
  ),
  orderStatus: operation(
    { method: 'GET', path: '/api/orders/by-key/{key}', headers: TOKEN },
    { extract: orderIn('$') },
  ),
  cancelOrder: operation(
    { method: 'POST', path: '/api/orders/{orderId}/cancel', headers: TOKEN },
    { extract: orderIn('$') },
  ),
  tombstoneKey: operation(
    { method: 'PUT', path: '/api/orders/by-key/{key}/tombstone', headers: TOKEN },
    { outcomes: TOMBSTONES },
  ),
};

export interface ReferenceMappingInput {
  readonly origin: string;
  readonly skus: readonly string[];
  /** Bearer token per customer. */
  readonly tokens: readonly string[];
}

/** The shop's customers and their tokens are its user feed. */
export function referenceMapping({ origin, skus, tokens }: ReferenceMappingInput): TargetMapping {
  return {
    name: 'reference',
    baseUrl: origin,
    headers: { accept: 'application/json' },
    setup: [],
    session: [],
    strict: true,
    operations: OPERATIONS,
    skip: [],
    products: { kind: 'list', skus },
    users: { columns: ['token'], rows: tokens.map((token) => [token]) },
    ledger: {},
    probes: 'destructive',
    serverDeadlineMs: 0,
  };
}
