// A small shop that is not ours: other paths and words than the bundled one, a login in two steps,
// a cart id that goes from call to call as a number, and the same behind GraphQL.
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TargetMapping } from '../../src/contract/target-mapping.ts';
import { request, sampleMapping, step } from './sample-mapping.ts';

export interface ForeignShop {
  readonly origin: string;
  /** Units left by SKU. */
  readonly stock: Map<string, number>;
  /** Orders by idempotency key. */
  readonly orders: Map<string, ForeignOrder>;
  /** Requests that the shop could not make sense of: there should be none. */
  readonly strange: string[];
  /** Passwords that were used, by user. */
  readonly users: Map<string, string>;
  close(): Promise<void>;
}

interface ForeignOrder {
  readonly number: number;
  readonly state: 'PAID';
  readonly articles: readonly { readonly article: string; readonly amount: number }[];
  readonly cents: number;
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly user: string | undefined;
  readonly key: string;
  readonly body: Readonly<Record<string, unknown>>;
}

type Answer = readonly [status: number, body: unknown];

const BLOCKED_USER = 'blocked@x';

class Shop {
  readonly stock: Map<string, number>;
  readonly orders = new Map<string, ForeignOrder>();
  readonly strange: string[] = [];
  readonly users = new Map<string, string>();
  readonly #carts = new Map<number, { article: string; amount: number }[]>();

  constructor(stock: Readonly<Record<string, number>>) {
    this.stock = new Map(Object.entries(stock));
  }

  answer(asked: Asked): Answer {
    const { method, path, body, user } = asked;
    const what = `${method} ${path.replace(/^\/shop\/v1/, '')}`;
    if (what === 'POST /hello') return [200, { nonce: `n-${String(body['mail'])}` }];
    if (what === 'POST /session') return this.#logIn(body);
    const article = /^GET \/article\/([^/]+)$/.exec(what)?.[1];
    if (article !== undefined) return this.#article(decodeURIComponent(article));
    if (user === undefined) return [401, { fault: 'who?' }];
    if (what === 'POST /cart') return this.#newCart(body);
    const cart = /^POST \/cart\/(\d+)\/buy$/.exec(what)?.[1];
    if (cart !== undefined) return this.#buy(Number(cart), asked.key);
    if (what === 'POST /graphql') return this.#graphql(asked);
    this.strange.push(what);
    return [404, { fault: 'what?' }];
  }

  #logIn(body: Asked['body']): Answer {
    const mail = String(body['mail']);
    if (mail === BLOCKED_USER) return [403, { fault: 'go away' }];
    if (body['nonce'] !== `n-${mail}`) return [400, { fault: 'nonce' }];
    this.users.set(mail, String(body['secret']));
    return [200, { 'the token': `t ${mail}` }];
  }

  #article(article: string): Answer {
    const left = this.stock.get(article);
    if (left === undefined) return [404, { fault: `no ${article}` }];
    return [
      200,
      { article, shelves: [{ left: Math.min(left, 1) }, { left: Math.max(0, left - 1) }] },
    ];
  }

  #newCart({ article, amount, note }: Asked['body']): Answer {
    if (typeof article !== 'string' || typeof amount !== 'number' || note !== '{article}') {
      this.strange.push(`cart ${JSON.stringify({ article, amount, note })}`);
      return [400, { fault: 'cart' }];
    }
    const id = this.#carts.size + 1000;
    this.#carts.set(id, [{ article, amount }]);
    return [201, { cart: { id } }];
  }

  #buy(cart: number, key: string): Answer {
    const known = this.orders.get(key);
    if (known !== undefined) return [200, known];
    const articles = this.#carts.get(cart);
    if (articles === undefined || key === '') {
      this.strange.push(`cart ${cart}, key "${key}"`);
      return [400, { fault: 'cart' }];
    }
    for (const { article, amount } of articles) {
      const left = this.stock.get(article) ?? 0;
      if (left < amount) return [200, { fault: { kind: 'NOTHING_LEFT' } }];
      this.stock.set(article, left - amount);
    }
    const number = this.orders.size + 1;
    const order: ForeignOrder = { number, state: 'PAID', articles, cents: 100 };
    this.orders.set(key, order);
    return [200, order];
  }

  /** Errors come with 200, as they do. */
  #graphql({ key, body }: Asked): Answer {
    const { query, variables } = body as {
      query: string;
      variables: { cart: unknown; article: unknown; amount: unknown; note: unknown };
    };
    if (query.includes('addToCart(') && query.includes('{cart{id}}')) {
      const [status, made] = this.#newCart(variables);
      return status === 201 ? [200, { data: { addToCart: made } }] : [200, fault('BAD')];
    }
    if (query.includes('buy(') && typeof variables.cart === 'number') {
      const [status, bought] = this.#buy(variables.cart, key);
      const isOrder = status === 200 && 'number' in (bought as object);
      return [200, isOrder ? { data: { buy: bought } } : fault('NOTHING_LEFT')];
    }
    this.strange.push(JSON.stringify(body));
    return [200, fault('BAD')];
  }
}

function fault(code: string): unknown {
  return { data: null, errors: [{ message: 'no', extensions: { code } }] };
}

export async function startForeignShop(
  stock: Readonly<Record<string, number>>,
): Promise<ForeignShop> {
  const shop = new Shop(stock);
  const server = http.createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const { method = '', url = '', headers } = incoming;
      const [status, body] = shop.answer({
        method,
        path: url,
        user: /^Token t (.+)$/.exec(headers['x-auth']?.toString() ?? '')?.[1],
        key: headers['x-once']?.toString() ?? '',
        body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
      });
      response.writeHead(status, { 'content-type': 'application/vnd.foreign+json' });
      response.end(JSON.stringify(body));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(shop, {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

const AUTH = { 'x-auth': 'Token {token}' };
const LINE = { article: '{sku}', amount: '{quantity}', note: '{{article}}' };
const SOLD_OUT = { is: 'refused', reason: 'sold_out' } as const;

const ORDER_AS = (place: string): Record<string, string> => ({
  orderId: `${place}.number`,
  status: `${place}.state`,
  units: `${place}.articles[*].amount`,
  totalMinor: `${place}.cents`,
});

const REST: TargetMapping['operations'] = {
  viewStock: step('GET /article/{sku}', { extract: { stock: '$.shelves[*].left' } }),
  checkout: step('POST /cart', {
    request: request('POST /cart', { headers: AUTH, body: LINE }),
    extract: { checkoutId: '$.cart.id' },
  }),
  order: step('POST /cart/{checkoutId}/buy', {
    request: request('POST /cart/{checkoutId}/buy', {
      headers: { ...AUTH, 'X-Once': '{key}' },
      body: {},
    }),
    extract: ORDER_AS('$'),
    outcomes: [{ fields: [{ path: '$.fault.kind', equals: 'NOTHING_LEFT' }], ...SOLD_OUT }],
  }),
};

const GRAPHQL: TargetMapping['operations'] = {
  viewStock: REST.viewStock as NonNullable<TargetMapping['operations']['viewStock']>,
  checkout: step('POST /graphql', {
    request: request('POST /graphql', {
      headers: AUTH,
      body: {
        query: 'mutation($article:ID!){addToCart(article:$article){cart{id}}}',
        variables: LINE,
      },
    }),
    extract: { checkoutId: '$.data.addToCart.cart.id' },
  }),
  order: step('POST /graphql', {
    request: request('POST /graphql', {
      headers: { ...AUTH, 'x-once': '{key}' },
      body: {
        query: 'mutation($c:Int!){ buy(cart: $c) { number } }',
        variables: { cart: '{checkoutId}' },
      },
    }),
    extract: ORDER_AS('$.data.buy'),
    outcomes: [
      { fields: [{ path: '$.errors[0].extensions.code', equals: 'NOTHING_LEFT' }], ...SOLD_OUT },
    ],
  }),
};

/** The last user of the feed is one that the shop does not let in. */
export function foreignMapping(
  shop: ForeignShop,
  kind: 'REST' | 'GraphQL',
  users = ['ann@x', 'b"ö@x'],
): TargetMapping {
  return sampleMapping({
    name: 'foreign',
    baseUrl: `${shop.origin}/shop/v1`,
    session: [
      step('POST /hello', {
        request: request('POST /hello', { body: { mail: '{user.mail}' } }),
        extract: { nonce: '$.nonce' },
      }),
      step('POST /session', {
        request: request('POST /session', {
          body: { mail: '{user.mail}', nonce: '{nonce}', secret: '{user.pass}' },
        }),
        extract: { token: "$['the token']" },
      }),
    ],
    operations: kind === 'REST' ? REST : GRAPHQL,
    skip: ['home', 'search', 'viewProduct', 'viewCart', 'addToCart'],
    products: { kind: 'list', skus: [...shop.stock.keys()] },
    users: { columns: ['mail', 'pass'], rows: users.map((mail, i) => [mail, `s${i}`]) },
    ledger: {
      orders: {
        request: request('GET /'),
        items: '$',
        columns: {},
        confirmed: ['PAID'],
        cancelled: [],
      },
    },
  });
}

export const KEPT_OUT = BLOCKED_USER;
