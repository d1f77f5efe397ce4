// The requests of docs/shop-http-api.md written by hand: what the mapping of the shop must agree with.
import { assert } from '../../src/base/assert.ts';
import { toolVersion } from '../../src/base/tool-version.ts';
import type { Call, ClientSpec } from '../../src/contract/call.ts';
import type { HttpRequest } from '../../src/targets/http/protocol.ts';
import { StatedAddresses } from '../../src/targets/reference/shopper-addresses.ts';
import { isSafeId } from '../../src/targets/safe-id.ts';
import { SEARCH_WORDS } from '../../src/targets/search-words.ts';

const SEARCH_LIMIT = 20;

type Encode = (call: Call, request: HttpRequest) => boolean;

/** Fills requests; all arrays are shared and overwritten by the next request. */
export class ReferenceRequests {
  readonly #tokens: readonly string[];
  readonly #productPaths: readonly string[];
  readonly #stockPaths: readonly string[];
  readonly #searchPaths: readonly string[];
  readonly #skusAsJson: readonly string[];
  readonly #addresses: StatedAddresses | null;
  readonly #plain: string[];
  readonly #withToken: string[];
  readonly #withBody: string[];
  readonly #withKey: string[];

  constructor(spec: ClientSpec) {
    this.#tokens = spec.tokens;
    const skus = spec.skus.map((sku) => encodeURIComponent(sku));
    this.#productPaths = skus.map((sku) => `/api/products/${sku}`);
    this.#stockPaths = skus.map((sku) => `/api/inventory/${sku}`);
    this.#skusAsJson = spec.skus.map((sku) => JSON.stringify(sku));
    this.#searchPaths = SEARCH_WORDS.map(
      (words) => `/api/search?q=${encodeURIComponent(words)}&limit=${SEARCH_LIMIT}`,
    );
    const userAgent = `ecomsim/${toolVersion()}`;
    const plain = ['user-agent', userAgent, 'accept', 'application/json'];
    const withToken = [...plain, 'authorization', ''];
    const withBody = [...withToken, 'content-type', 'application/json'];
    const withKey = [...withBody, 'idempotency-key', ''];
    // Last, so that its value is found from the end.
    const stated = spec.addressSecret === '' ? [] : ['x-shopper-address', ''];
    this.#addresses = stated.length === 0 ? null : new StatedAddresses(spec.addressSecret);
    this.#plain = [...plain, ...stated];
    this.#withToken = [...withToken, ...stated];
    this.#withBody = [...withBody, ...stated];
    this.#withKey = [...withKey, ...stated];
  }

  /** False when the call lacks an id that its request needs. */
  encode(call: Call, request: HttpRequest): boolean {
    if (!this.#encoders[call.operation](call, request)) return false;
    const { headers } = request;
    if (this.#addresses !== null) headers[headers.length - 1] = this.#addresses.of(call.customer);
    return true;
  }

  readonly #encoders: Readonly<Record<Call['operation'], Encode>> = {
    // Customers of the bundled shop are made over its control port, tokens and all.
    login: () => false,
    // Without a waiting room there is no place to take.
    joinQueue: () => false,
    queueStatus: () => false,
    home: (_call, request) => this.#get(request, '/api/home'),
    search: (call, request) => {
      const index = Math.floor(call.variate * this.#searchPaths.length);
      return this.#get(request, this.#searchPaths[index] ?? '/api/search?q=');
    },
    viewProduct: (call, request) => this.#get(request, ofItem(this.#productPaths, call)),
    viewStock: (call, request) => this.#get(request, ofItem(this.#stockPaths, call)),
    viewCart: (call, request) => this.#getAs(call, request, '/api/cart'),
    addToCart: (call, request) => this.#post(call, request, '/api/cart/items', this.#line(call)),
    checkout: (call, request) => {
      const body = call.direct ? `{"lines":[${this.#line(call)}]}` : '{}';
      return this.#post(call, request, '/api/checkouts', body);
    },
    order: (call, request) => this.#order(call, request, paymentToken(call)),
    orderDuplicate: (call, request) => this.#order(call, request, paymentToken(call)),
    orderReplay: (call, request) => this.#order(call, request, paymentToken(call)),
    orderChanged: (call, request) => this.#order(call, request, `tok_other${call.customer}`),
    orderStatus: (call, request) =>
      isSafeId(call.key) && this.#getAs(call, request, `/api/orders/by-key/${call.key}`),
    cancelOrder: (call, request) =>
      isSafeId(call.orderId) &&
      this.#send(call, request, 'POST', `/api/orders/${call.orderId}/cancel`),
    tombstoneKey: (call, request) =>
      isSafeId(call.key) &&
      this.#send(call, request, 'PUT', `/api/orders/by-key/${call.key}/tombstone`),
  };

  #line(call: Call): string {
    return `{"sku":${ofItem(this.#skusAsJson, call)},"quantity":${call.quantity}}`;
  }

  #get(request: HttpRequest, path: string): true {
    request.method = 'GET';
    request.path = path;
    request.headers = this.#plain;
    request.body = null;
    return true;
  }

  #getAs(call: Call, request: HttpRequest, path: string): true {
    this.#get(request, path);
    request.headers = this.#signed(this.#withToken, call);
    return true;
  }

  /** A write without a body must not state a content type either. */
  #send(call: Call, request: HttpRequest, method: 'POST' | 'PUT', path: string): true {
    this.#getAs(call, request, path);
    request.method = method;
    return true;
  }

  #post(call: Call, request: HttpRequest, path: string, body: string): true {
    request.method = 'POST';
    request.path = path;
    request.headers = this.#signed(this.#withBody, call);
    request.body = body;
    return true;
  }

  #order(call: Call, request: HttpRequest, token: string): boolean {
    if (!isSafeId(call.key) || !isSafeId(call.checkoutId)) return false;
    const body = `{"checkoutId":"${call.checkoutId}","paymentToken":"${token}"}`;
    this.#post(call, request, '/api/orders', body);
    request.headers = this.#signed(this.#withKey, call);
    request.headers[KEY_AT] = call.key;
    return true;
  }

  #signed(headers: string[], call: Call): string[] {
    const token = this.#tokens[call.customer];
    assert(token !== undefined, `customer ${call.customer} has no token`);
    headers[TOKEN_AT] = `Bearer ${token}`;
    return headers;
  }
}

/** Where the values stand in the header arrays. */
const TOKEN_AT = 5;
const KEY_AT = 9;

function ofItem(values: readonly string[], call: Call): string {
  const value = values[call.item];
  assert(value !== undefined, `${call.operation} needs an item of the catalogue, not ${call.item}`);
  return value;
}

function paymentToken(call: Call): string {
  return call.instantPayment ? 'tok_instant' : `tok_c${call.customer}`;
}
