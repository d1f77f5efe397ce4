// A shop started from the built files, and the few requests that the tests make of it.
import { createSystemClock } from '../../../src/base/clock.ts';
import type { SystemOptions } from '../../../src/contract/profile.ts';

type Door = typeof import('../../../src/reference-system/index.ts');
export type RunningShop = Awaited<ReturnType<Door['startReferenceSystem']>>;

// Worker threads and child processes only start from compiled files.
const DIST = new URL('../../../dist/', import.meta.url);
export const DOOR = new URL('reference-system/index.js', DIST).href;
const { startReferenceSystem } = (await import(DOOR)) as Door;

export const clock = createSystemClock();

export const SYSTEM: SystemOptions = {
  storage: 'embedded',
  layout: 'shared',
  inventory: { strategy: 'guarded-update', holdTtlMs: 5000, sweepEveryMs: 100 },
  payment: {
    latency: { p50Ms: 2, p99Ms: 4 },
    timeoutMs: 400,
    attempts: 2,
    declined: 0,
    lostAnswers: 0,
  },
  limits: { perCustomer: 2 },
};

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: any;
}

export interface StartOptions {
  readonly system?: Partial<SystemOptions>;
  readonly payment?: Partial<SystemOptions['payment']>;
  readonly inventory?: Partial<SystemOptions['inventory']>;
  readonly dataDir?: string;
  readonly port?: number;
}

export class Shop {
  readonly running: RunningShop;
  readonly deaths: string[] = [];
  tokens: readonly string[] = [];

  constructor(running: RunningShop) {
    this.running = running;
    running.onDeath((reason) => this.deaths.push(reason));
  }

  static async start(options: StartOptions = {}): Promise<Shop> {
    const running = await startReferenceSystem({
      system: {
        ...SYSTEM,
        ...options.system,
        payment: { ...SYSTEM.payment, ...options.payment },
        inventory: { ...SYSTEM.inventory, ...options.inventory },
      },
      seed: 1,
      clock,
      ...(options.dataDir !== undefined && { dataDir: options.dataDir }),
      ...(options.port !== undefined && { port: options.port }),
    });
    return new Shop(running);
  }

  /** `hot` is in the sale, which is open; `plain` and `last`, of which there is one, are not. */
  async seed(options: { hotUnits: number; perCustomer?: number; opensInMs?: number }) {
    const item = { description: '', category: 'Lamps', attributes: {}, priceMinor: 1999 };
    const catalogue = [
      { ...item, sku: 'hot', title: 'Hot lamp', units: options.hotUnits },
      { ...item, sku: 'plain', title: 'Plain lamp', units: 1000 },
      { ...item, sku: 'last', title: 'Last lamp', units: 1 },
    ];
    const perCustomer = options.perCustomer ?? 2;
    const seeding = { catalogue, currency: 'EUR', hotItems: [0], perCustomer };
    const seeded = await this.control('POST', '/control/seed', seeding);
    if (seeded.status !== 200) throw new Error(`seeding failed: ${JSON.stringify(seeded.body)}`);
    await this.openSale(options.opensInMs ?? 0);
    const made = await this.control('POST', '/control/customers', { from: 0, count: 50 });
    this.tokens = made.body.tokens;
  }

  async openSale(inMs: number, closesInMs: number | null = null): Promise<void> {
    const nowUs = clock.nowUs();
    const closesAtUs = closesInMs === null ? null : nowUs + closesInMs * 1000;
    await this.control('POST', '/control/sale', { opensAtUs: nowUs + inMs * 1000, closesAtUs });
  }

  control(method: string, path: string, body?: object): Promise<Answer> {
    const headers = { 'x-control-secret': this.running.secret };
    return request(this.running.controlOrigin + path, { method, headers, body });
  }

  charges(): Promise<Answer> {
    const headers = { 'x-control-secret': this.running.secret };
    const url = `${this.running.gatewayControlOrigin}/ledger/charges`;
    return request(url, { method: 'GET', headers });
  }

  /** As customer number `customer`. */
  api(
    customer: number,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const authorization = `Bearer ${this.tokens[customer]}`;
    return request(this.running.origin + path, {
      method,
      headers: { authorization, ...headers },
      body,
    });
  }

  checkout(customer: number, sku = 'hot', quantity = 1): Promise<Answer> {
    return this.api(customer, 'POST', '/api/checkouts', { lines: [{ sku, quantity }] });
  }

  order(customer: number, key: string, checkoutId: string, paymentToken = 'tok_card') {
    const body = { checkoutId, paymentToken };
    return this.api(customer, 'POST', '/api/orders', body, { 'idempotency-key': key });
  }

  /** Until nothing is between two steps any more. */
  async settle(): Promise<void> {
    await until(async () => {
      const { orders, outbox, heldUnits } = (await this.control('GET', '/control/pending')).body;
      return orders + outbox + heldUnits === 0;
    });
  }
}

export async function request(
  url: string,
  options: { method: string; headers?: Record<string, string>; body?: unknown },
): Promise<Answer> {
  const { method, headers = {}, body } = options;
  const response = await fetch(url, {
    method,
    headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? undefined : JSON.parse(text),
  };
}

/** Fails when it does not come true in good time. */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    if (await condition()) return;
    await clock.sleep(25);
  }
  throw new Error('it did not come true');
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
