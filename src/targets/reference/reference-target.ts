/** The bundled shop as a target: started as child processes, driven over its control ports. */
import { assert } from '../../base/assert.ts';
import type { Clock } from '../../base/clock.ts';
import { EcomsimError } from '../../base/errors.ts';
import type { ForeignProbe, ForeignQuestion } from '../../contract/audit-probe.ts';
import { CLIENT_DEFAULTS, type ClientSpec } from '../../contract/call.ts';
import type { Injection } from '../../contract/fault.ts';
import type { Ledger } from '../../contract/ledger.ts';
import type { PaymentBehaviour, SystemOptions } from '../../contract/profile.ts';
import type { Seeding, Target, TargetObservation, TargetPromises } from '../../contract/target.ts';
import {
  emulatedPart,
  type RunningShop,
  startReferenceSystem,
} from '../../reference-system/index.ts';
import { ControlClient } from './control-client.ts';
import { type FaultReach, healFault, injectFault } from './fault-injector.ts';
import { readInventoryCounts, readObservation, readProcessUsage } from './ledger-rows.ts';
import { giveCards } from './payment-cards.ts';
import { PaymentWishes } from './payment-wishes.ts';
import { promisesOf } from './promises.ts';
import { RowReader } from './row-reader.ts';
import { readShopLedger, readUnfinished } from './shop-ledger.ts';
import { askAsStranger } from './stranger-requests.ts';
import { testCardNumber } from './test-cards.ts';
import { tokensOf } from './tokens.ts';

/** Longest wait for one answer of a control port: a stopped process must not stop us. */
const CONTROL_TIMEOUT_MS = 5000;
/** Seeding works through the whole catalogue in one request. */
const PREPARE_TIMEOUT_MS = 30_000;
const CUSTOMERS_PER_REQUEST = 5000;
const SETTLE_POLL_MS = 50;
const MAX_CONNECTIONS = 256;
const REQUEST_TIMEOUT_MS = 10_000;

export interface ReferenceTargetOptions {
  readonly system: SystemOptions;
  readonly seed: number;
  readonly clock: Clock;
  /** Kept afterwards; a temporary folder when absent. */
  readonly dataDir?: string;
  /** Port of the shop; any free one when absent. */
  readonly port?: number;
  /** Built file that the shop's process runs; only a selftest has one of its own. */
  readonly shopEntry?: URL;
  /** Default 5000. */
  readonly controlTimeoutMs?: number;
  /** Of one load client; default 256. */
  readonly maxConnections?: number;
  /** Of one shopper's request; default 10 s. */
  readonly timeoutMs?: number;
}

/** What exists only between `open` and `close`. */
interface Opened {
  readonly shop: RunningShop;
  /** The shop's public port, without the secret. */
  readonly front: ControlClient;
  readonly control: ControlClient;
  readonly gateway: ControlClient;
}

export class ReferenceTarget implements Target {
  readonly kind = 'reference';
  readonly onlyHttp1 = true;
  readonly name: string;
  readonly promises: TargetPromises;
  readonly #options: ReferenceTargetOptions;
  readonly #controlTimeoutMs: number;
  readonly #deathListeners: ((reason: string) => void)[] = [];
  readonly #payments = new PaymentWishes((behaviour) => this.#sendPayment(behaviour));
  #opened: Opened | null = null;
  #isDead = false;
  #isClosed = false;
  #customers = 0;
  /** Customers 0 … who have given a card; those of probes have none. */
  #cards = 0;
  #skus: readonly string[] = [];

  constructor(options: ReferenceTargetOptions) {
    this.#options = options;
    this.#controlTimeoutMs = options.controlTimeoutMs ?? CONTROL_TIMEOUT_MS;
    const { inventory } = options.system;
    const label = emulatedPart(inventory.strategy, inventory) === '' ? '' : ', emulated';
    this.name = `reference (${inventory.strategy}${label})`;
    this.promises = promisesOf(options.system);
  }

  get url(): string {
    return this.#opened?.shop.origin ?? '';
  }

  /** The shop's processes, for who puts them to the test. */
  get processes(): RunningShop {
    return this.#use().shop;
  }

  /** Throws TARGET_START_FAILED, PORT_TAKEN, TARGET_UNREACHABLE or TARGET_FOREIGN. */
  async open(): Promise<void> {
    assert(this.#opened === null && !this.#isClosed, 'a target is opened once');
    const { system, seed, clock, dataDir, port, shopEntry } = this.#options;
    const shop = await startReferenceSystem({
      system,
      seed,
      clock,
      ...(dataDir !== undefined && { dataDir }),
      ...(port !== undefined && { port }),
      ...(shopEntry !== undefined && { shopEntry }),
    });
    if (this.#isClosed) {
      await shop.stop();
      throw new EcomsimError('TARGET_START_FAILED', 'the shop was closed while it started');
    }
    const { origin, controlOrigin, gatewayControlOrigin, secret } = shop;
    this.#opened = {
      shop,
      front: new ControlClient({ origin, secret: '', name: 'shop', clock }),
      control: new ControlClient({ origin: controlOrigin, secret, name: 'shop', clock }),
      gateway: new ControlClient({
        origin: gatewayControlOrigin,
        secret,
        name: 'payment gateway',
        clock,
      }),
    };
    shop.onDeath((reason) => this.#die(reason));
    await this.#assertOurs();
  }

  /** Throws TARGET_PREPARE_FAILED or TARGET_FOREIGN. */
  async prepare(seeding: Seeding): Promise<ClientSpec> {
    await this.#assertOurs();
    const { catalogue, currency, hotItems, perCustomer } = seeding;
    try {
      const body = { catalogue, currency, hotItems, perCustomer };
      await this.#post('/control/seed', body, PREPARE_TIMEOUT_MS);
      await this.resume();
      this.#skus = catalogue.map(({ sku }) => sku);
      const tokens = await this.#createCustomers(seeding.customers);
      const { seed, system } = this.#options;
      this.#cards = tokens.length;
      const paymentTokens = await giveCards(this.#use(), { seed, tokens, limits: system.limits });
      const limitsAddresses = (this.#options.system.limits.perAddressPerSec ?? 0) > 0;
      return {
        ...CLIENT_DEFAULTS,
        kind: 'reference',
        origin: this.#use().shop.origin,
        skus: this.#skus,
        tokens,
        paymentTokens,
        maxConnections: this.#options.maxConnections ?? MAX_CONNECTIONS,
        timeoutMs: this.#options.timeoutMs ?? REQUEST_TIMEOUT_MS,
        // Its answers come whole; a slow one is a finding and is measured to its end.
        minBytesPerSec: 0,
        // Without a limit per address nobody looks at them.
        addressSecret: limitsAddresses ? this.#use().shop.addressSecret : '',
        waitingRoom: this.promises.waitingRoom !== undefined,
      };
    } catch (error) {
      if (!(error instanceof EcomsimError)) throw error;
      const message = `the shop could not be prepared: ${error.message}`;
      throw new EcomsimError('TARGET_PREPARE_FAILED', message, { cause: error });
    }
  }

  /** They are ours and no shoppers: the waiting room lets them pass. */
  addCustomers(count: number): Promise<readonly string[]> {
    return this.#createCustomers(count, true);
  }

  async openSale(opensAtUs: number, closesAtUs: number | null): Promise<void> {
    await this.#post('/control/sale', { opensAtUs, closesAtUs }, this.#controlTimeoutMs);
  }

  /** Throws TARGET_UNREACHABLE when it is not known whether the units were added. */
  async restock(item: number, units: number): Promise<void> {
    const sku = this.#skus[item];
    assert(sku !== undefined, `a restock of item ${item}, which is not in the catalogue`);
    await this.#post('/control/restock', { sku, units }, this.#controlTimeoutMs);
  }

  /** Throws TARGET_UNREACHABLE when it is not known which price it has now. */
  async setPrice(item: number, priceMinor: number): Promise<void> {
    const sku = this.#skus[item];
    assert(sku !== undefined, `a price of item ${item}, which is not in the catalogue`);
    await this.#post('/control/price', { sku, priceMinor }, this.#controlTimeoutMs);
  }

  /** Beside faults that are active: the worse of both holds. */
  setPayment(behaviour: PaymentBehaviour | null): Promise<void> {
    return this.#payments.setBase(behaviour);
  }

  inject(injection: Injection): Promise<void> {
    return injectFault(this.#reach(), injection);
  }

  heal(injection: Injection): Promise<void> {
    return healFault(this.#reach(), injection);
  }

  async observe(): Promise<TargetObservation> {
    const { control, gateway } = this.#use();
    const request = { method: 'GET', path: '/control/observe', timeoutMs: this.#controlTimeoutMs };
    const [shop, payments] = await Promise.all([
      control.send({ ...request, method: 'GET' }),
      gateway.send({ ...request, method: 'GET' }),
    ]);
    const observed = readObservation(new RowReader(shop, 'the observation of the shop'));
    const where = 'the observation of the payment gateway';
    const gatewayUsage = readProcessUsage(new RowReader(payments['process'], where));
    const counts = shop['inventory'];
    return {
      ...observed,
      processes: [...observed.processes, gatewayUsage],
      ...(counts !== undefined && {
        inventory: readInventoryCounts(new RowReader(counts, 'the counts of the inventory')),
      }),
    };
  }

  askAsStranger(question: ForeignQuestion): Promise<ForeignProbe> {
    return askAsStranger(this.#use().front, question, this.#controlTimeoutMs);
  }

  cardNumbers(): readonly string[] {
    const { seed } = this.#options;
    return Array.from({ length: this.#cards }, (_, customer) => testCardNumber(seed, customer));
  }

  storedIn(): readonly string[] {
    return [this.#use().shop.dataDir];
  }

  /** Messages that the gateway keeps for later are sent now: nothing is to happen afterwards. */
  async settle(timeoutMs: number): Promise<boolean> {
    const { clock } = this.#options;
    await this.#hurry(Math.min(timeoutMs, this.#controlTimeoutMs));
    const endUs = clock.nowUs() + timeoutMs * 1000;
    await this.#closeWaitingRoom();
    for (;;) {
      const leftMs = (endUs - clock.nowUs()) / 1000;
      if (leftMs <= 0 || this.#isDead) return false;
      if (await this.#isSettled(Math.min(leftMs, this.#controlTimeoutMs))) return true;
      await clock.sleep(Math.min(SETTLE_POLL_MS, leftMs));
    }
  }

  /** What stood still since `settle`, so that it could be read, moves again. */
  async resume(): Promise<void> {
    await this.#post('/control/archive', { moving: true }, PREPARE_TIMEOUT_MS);
  }

  /** Throws TARGET_UNREACHABLE, or TARGET_BAD_ANSWER with the row and what is wrong with it. */
  ledger(): Promise<Ledger> {
    return readShopLedger(this.#use(), {
      hasWaitingRoom: this.promises.waitingRoom !== undefined,
      timeoutMs: this.#controlTimeoutMs,
    });
  }

  onDeath(listener: (reason: string) => void): void {
    this.#deathListeners.push(listener);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const opened = this.#opened;
    if (opened === null) return;
    const { front, control, gateway, shop } = opened;
    await Promise.all([front.close(), control.close(), gateway.close()]);
    await shop.stop();
  }

  kill(): void {
    this.#isClosed = true;
    this.#opened?.shop.kill();
  }

  #use(): Opened {
    assert(this.#opened !== null, 'the target is used before it is opened');
    return this.#opened;
  }

  #reach(): FaultReach {
    return {
      shop: this.#use().shop,
      tell: async (body) => {
        await this.#post('/control/faults', body, this.#controlTimeoutMs);
      },
      payments: this.#payments,
    };
  }

  async #sendPayment(behaviour: PaymentBehaviour | null): Promise<void> {
    const request = { method: 'POST', path: '/control/payment', body: { behaviour } } as const;
    await this.#use().gateway.send({ ...request, timeoutMs: this.#controlTimeoutMs });
  }

  #die(reason: string): void {
    if (this.#isDead || this.#isClosed) return;
    this.#isDead = true;
    for (const listener of this.#deathListeners) listener(reason);
  }

  /** A leaked shop of an earlier run on the same port would be measured in silence. */
  async #assertOurs(): Promise<void> {
    const { shop, front } = this.#use();
    const request = { path: '/healthz', timeoutMs: this.#controlTimeoutMs } as const;
    const { instance } = await front.send({ method: 'GET', ...request });
    if (instance === shop.instance) return;
    throw new EcomsimError(
      'TARGET_FOREIGN',
      `the shop at ${shop.origin} is not the one that was started: another program holds the ` +
        'port; stop it or choose another port',
    );
  }

  /** A gateway that cannot be reached has something pending, and is found out by it. */
  async #hurry(timeoutMs: number): Promise<void> {
    try {
      await this.#use().gateway.send({ method: 'POST', path: '/control/hurry', timeoutMs });
    } catch (error) {
      if (!(error instanceof EcomsimError) || error.code !== 'TARGET_UNREACHABLE') throw error;
    }
  }

  #post(
    path: string,
    body: unknown,
    timeoutMs: number,
  ): Promise<Readonly<Record<string, unknown>>> {
    return this.#use().control.send({ method: 'POST', path, body, timeoutMs });
  }

  async #createCustomers(count: number, exempt = false): Promise<string[]> {
    const tokens: string[] = [];
    while (tokens.length < count) {
      const size = Math.min(CUSTOMERS_PER_REQUEST, count - tokens.length);
      const body = { from: this.#customers, count: size, exempt };
      const answer = await this.#post('/control/customers', body, PREPARE_TIMEOUT_MS);
      tokens.push(...tokensOf(answer['tokens'], size, '/control/customers'));
      this.#customers += size;
    }
    return tokens;
  }

  /** The shoppers have gone home: whoever were admitted now would never come. */
  async #closeWaitingRoom(): Promise<void> {
    if (this.promises.waitingRoom === undefined || this.#isDead) return;
    await this.#post('/control/waiting-room/close', {}, this.#controlTimeoutMs);
  }

  /** A shop that does not answer is not settled; whether it ever will be, the deadline says. */
  async #isSettled(timeoutMs: number): Promise<boolean> {
    try {
      // Nothing may move while the books are read. Said each time: a restarted shop has forgotten it.
      await this.#post('/control/archive', { moving: false }, timeoutMs);
      const { orders, outbox, heldUnits, callbacks } = await readUnfinished(this.#use(), timeoutMs);
      return orders === 0 && outbox === 0 && heldUnits === 0 && callbacks === 0;
    } catch (error) {
      if (error instanceof EcomsimError && error.code === 'TARGET_UNREACHABLE') return false;
      throw error;
    }
  }
}
