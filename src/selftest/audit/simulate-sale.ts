/** One simulated sale from the first shopper to the last ledger: what the audit is given. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { inDoubtOrders } from '../../audit/in-doubt.ts';
import { createVirtualClock, type VirtualClock } from '../../base/clock.ts';
import { Prng } from '../../base/prng.ts';
import type {
  AuditInput,
  DrainProbe,
  PriceCommand,
  Resolution,
  RestockCommand,
} from '../../contract/audit.ts';
import type { CardScan, ForeignProbe } from '../../contract/audit-probe.ts';
import type { FaultSpan } from '../../contract/fault.ts';
import type { Ledger } from '../../contract/ledger.ts';
import type { StrategyOptions } from '../../contract/profile.ts';
import type { CatalogueItem } from '../../contract/scenario.ts';
import type { TargetPromises } from '../../contract/target.ts';
import { drainStock, resolveInDoubt } from '../../engine/audit-probes.ts';
import { fillCart, lookIntoCart } from '../../engine/cart-probes.ts';
import { ask, type ProbeParts } from '../../engine/probe-calls.ts';
import { CRASH_POINTS } from '../../reference-system/crash-points.ts';
import type { Deliver } from '../../reference-system/payments/callback-sender.ts';
import type { Defect } from './defect.ts';
import { MemoryHistory } from './memory-history.ts';
import { messageLine } from './message-line.ts';
import { type SaleTraffic, USUAL_TRAFFIC } from './sale-traffic.ts';
import { ShopClient } from './shop-client.ts';
import { Shoppers } from './shoppers.ts';
import { SimulatedGateway } from './simulated-gateway.ts';
import { readLedger } from './simulated-ledger.ts';
import { simulatedPromises } from './simulated-promises.ts';
import { type ShopLife, SimulatedShop } from './simulated-shop.ts';
import { Stranger } from './stranger.ts';
import { drive } from './virtual-run.ts';
import { WalletOfCards } from './wallet-of-cards.ts';

/** Host-wide µs at which a sale starts; any instant will do. */
const START_US = 5_000_000_000;
const WALL_START_MS = 1_700_000_000_000;
const TIMEOUT_MS = 1200;
const FIRST_PROBE_CUSTOMER = 3000;
const RESOLVE_AT_ONCE = 8;
const HAND_OVER_MS = 3000;
const SETTLE_LIMIT_MS = 15_000;

export interface SaleOptions {
  readonly seed: number;
  readonly strategy: string;
  readonly strategyOptions?: Partial<StrategyOptions>;
  readonly traffic?: Partial<SaleTraffic>;
  readonly defect?: Defect;
  /** Searches folders, by the name that findings give them, for the card numbers that were sent. */
  readonly searchForCards?: SearchForCards;
}

export type SearchForCards = (
  folders: Readonly<Record<string, string>>,
  sent: readonly string[],
) => Promise<CardScan>;

export interface SimulatedSale {
  readonly input: AuditInput;
  /** How often the shop died. */
  readonly crashes: number;
}

/** Reproducible: the same options give the same sale. */
export async function simulateSale(options: SaleOptions): Promise<SimulatedSale> {
  const dataDir = fs.mkdtempSync(path.join(scratchDir(), 'ecomsim-selftest-'));
  const sale = new Sale(options, dataDir);
  try {
    return await sale.run();
  } finally {
    await sale.close();
    fs.rmSync(dataDir, { recursive: true, force: true });
  }
}

/** In memory where there is such a place: a simulated crash loses no page that was written. */
function scratchDir(): string {
  return fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir();
}

class Sale {
  readonly #options: SaleOptions;
  readonly #traffic: SaleTraffic;
  readonly #clock: VirtualClock = createVirtualClock(START_US, WALL_START_MS);
  readonly #history = new MemoryHistory(START_US);
  readonly #catalogue: readonly CatalogueItem[];
  readonly #prng: Prng;
  readonly #gateway: SimulatedGateway;
  readonly #shop: SimulatedShop;
  readonly #restocks: RestockCommand[] = [];
  readonly #priceChanges: PriceCommand[] = [];
  readonly #promises: TargetPromises;
  readonly #wallet = new WalletOfCards();
  readonly #dataDir: string;
  #down: Promise<void> | undefined;
  /** Opening files takes real time, during which virtual time stands still. */
  #opening: Promise<ShopLife> | undefined;
  #crashes = 0;
  readonly #faults: FaultSpan[] = [];

  constructor(options: SaleOptions, dataDir: string) {
    this.#options = options;
    this.#dataDir = dataDir;
    this.#traffic = { ...USUAL_TRAFFIC, ...options.defect?.traffic, ...options.traffic };
    const { seed, strategy, strategyOptions = {}, defect } = options;
    const { currency, redeliveryShare, archiveAfterMs, units, pricesMinor } = this.#traffic;
    const { admission, perUserPerSec } = this.#traffic;
    this.#promises = simulatedPromises(strategy, strategyOptions, this.#traffic);
    this.#prng = new Prng(seed, 'sale');
    const more = this.#prng.below(6);
    this.#catalogue = units.map((seeded, item) => ({
      ...{ sku: `SKU-${item}`, title: `Item ${item}`, description: '', category: 'c' },
      ...{ attributes: {}, priceMinor: pricesMinor[item] ?? 1000, units: seeded + more },
    }));
    const clock = this.#clock;
    const prng = this.#prng.fork('gateway');
    const deliver: Deliver = (message) => messageLine(this.#shop, clock)(message);
    const traffic = this.#traffic;
    this.#gateway = new SimulatedGateway({ dataDir, clock, seed, prng, traffic, deliver });
    this.#shop = new SimulatedShop({
      ...{ dataDir, clock, seed, strategy, strategyOptions, currency, redeliveryShare, defect },
      ...{ archiveAfterMs, catalogue: this.#catalogue, gateway: this.#gateway },
      ...{ admission, perUserPerSec, firstProbeCustomer: FIRST_PROBE_CUSTOMER - 3 },
    });
  }

  async run(): Promise<SimulatedSale> {
    const life = await this.#shop.open();
    await this.#drive(this.#prepare(life));
    this.#shop.receive(life);
    life.start();
    const client = this.#client(this.#traffic.lossShare);
    this.#shop.onDeath = () => {
      this.#crashes++;
      client.cutAll();
      this.#down = this.#comeBack();
    };
    const clock = this.#clock;
    const { seed } = this.#options;
    const shoppers = new Shoppers({
      ...{ client, clock, writer: this.#history, traffic: this.#traffic },
      prng: new Prng(seed, 'shoppers'),
    });
    const coordinator = [this.#badLuck(), this.#restock(), this.#reprice()];
    await this.#drive(Promise.all([shoppers.run(), ...coordinator]));
    this.#shop.arm(undefined);
    await this.#drive(this.#whileDown());
    const { input, crashes } = await this.#drive(this.#investigate());
    // Reads real files, for which virtual time would not wait.
    const { searchForCards } = this.#options;
    if (searchForCards === undefined || !this.#traffic.paysByCard) return { input, crashes };
    const cardScan = await searchForCards({ 'shop data': this.#dataDir }, this.#wallet.numbers);
    return { input: { ...input, cardScan }, crashes };
  }

  async close(): Promise<void> {
    await this.#shop.end();
    this.#gateway.close();
  }

  #drive<T>(work: Promise<T>): Promise<T> {
    const interruption = (): Promise<unknown> | undefined => this.#opening;
    return drive({ clock: this.#clock, interruption }, work);
  }

  #client(lossShare: number): ShopClient {
    return new ShopClient({
      ...{ shop: this.#shop, clock: this.#clock, lossShare, timeoutMs: TIMEOUT_MS },
      prng: this.#prng.fork(`network ${lossShare}`),
      skus: this.#catalogue.map(({ sku }) => sku),
      wallet: this.#wallet,
    });
  }

  async #prepare(life: ShopLife): Promise<void> {
    const { perCustomer, opensAtMs, closesAtMs } = this.#traffic;
    await life.recover();
    await life.inventory.seed(this.#catalogue.map(({ sku, units }) => ({ sku, units })));
    life.announce({
      skus: [this.#sku(0)],
      opensAtUs: START_US + opensAtMs * 1000,
      closesAtUs: closesAtMs === null ? null : START_US + closesAtMs * 1000,
      perCustomer,
    });
    if (this.#traffic.paysByCard) {
      const { shoppers, returning } = this.#traffic;
      await this.#wallet.fill(life.payments, { shoppers, returning });
    }
  }

  /** Arms a crash point at as many random instants as the traffic asks for. */
  async #badLuck(): Promise<void> {
    const { crashes, crashPoints, crashWithinMs, arriveForMs } = this.#traffic;
    const withinMs = crashWithinMs ?? 1.3 * arriveForMs;
    const prng = this.#prng.fork('crashes');
    const points = crashPoints.length === 0 ? CRASH_POINTS : crashPoints;
    for (let crash = 0; crash < crashes; crash++) {
      await this.#clock.sleep((prng.unit() * withinMs) / crashes);
      this.#shop.arm(points[prng.below(points.length)]);
    }
    await this.#clock.sleep(arriveForMs / 4);
  }

  async #comeBack(): Promise<void> {
    const fromMs = (this.#clock.nowUs() - START_US) / 1000;
    await this.#clock.sleep(80 + this.#prng.unit() * 250);
    this.#opening = this.#shop.open();
    const life = await this.#opening;
    this.#opening = undefined;
    await life.recover();
    this.#shop.receive(life);
    life.start();
    const toMs = (this.#clock.nowUs() - START_US) / 1000;
    this.#faults.push({ name: 'kill', fromMs, toMs });
  }

  async #whileDown(): Promise<void> {
    for (let down = this.#down; down !== undefined; down = this.#down) {
      await down;
      if (this.#down === down) this.#down = undefined;
    }
  }

  async #restock(): Promise<void> {
    const prng = this.#prng.fork('restock');
    if (!prng.chance(this.#traffic.restockShare)) return;
    await this.#clock.sleep(this.#traffic.arriveForMs * (0.4 + 0.4 * prng.unit()));
    await this.#whileDown();
    const units = 1 + prng.below(3);
    const sentUs = Math.floor(this.#clock.nowUs() - START_US);
    const sku = this.#sku(0);
    const isDone = await this.#shop.life?.inventory.restock(sku, units).then(
      () => true,
      () => false,
    );
    const doneUs = isDone ? Math.ceil(this.#clock.nowUs() - START_US) : null;
    this.#restocks.push({ item: 0, units, sentUs, doneUs });
  }

  /** The price goes up and down again, and stays changed in between. */
  async #reprice(): Promise<void> {
    const { priceChanges, arriveForMs } = this.#traffic;
    const first = this.#catalogue[0]?.priceMinor ?? 0;
    const prng = this.#prng.fork('prices');
    for (let change = 0; change < priceChanges; change++) {
      await this.#clock.sleep((arriveForMs / priceChanges) * (0.3 + 0.6 * prng.unit()));
      await this.#whileDown();
      const priceMinor = first + (change % 2 === 0 ? 100 * (1 + prng.below(5)) : 0);
      const sentUs = Math.floor(this.#clock.nowUs() - START_US);
      await this.#shop.life?.catalogue.reprice(this.#sku(0), priceMinor);
      const doneUs = Math.ceil(this.#clock.nowUs() - START_US);
      this.#priceChanges.push({ item: 0, priceMinor, sentUs, doneUs });
    }
  }

  // --- after the sale, as the coordinator does it ---

  async #investigate(): Promise<SimulatedSale> {
    const clock = this.#clock;
    this.#shop.life?.waitingRoom?.close();
    const probes = { client: this.#client(0), clock, writer: this.#history };
    const deadlineUs = clock.nowUs() + this.#promises.serverDeadlineMs * 1000;
    const orders = inDoubtOrders(this.#history);
    const concurrency = RESOLVE_AT_ONCE;
    const resolutions = await resolveInDoubt({ ...probes, orders, concurrency, deadlineUs });
    const foreignProbes = await this.#tryAsStranger(probes);
    const settled = await this.#settle();
    const ledgers: Ledger[] = [];
    const ledgerReadAtUs: number[] = [];
    const read = async (): Promise<void> => {
      ledgerReadAtUs.push(clock.nowUs());
      ledgers.push(await readLedger(this.#shop.life, this.#gateway));
    };
    await read();
    await read();
    const ledgerStable = JSON.stringify(ledgers[0]) === JSON.stringify(ledgers[1]);
    const stock = new Map(ledgers[1]?.stock.map((row) => [row.sku, row.available]));
    const drainProbes = await drainStock({
      ...probes,
      items: this.#drained().map((item) => ({ item, reported: stock.get(this.#sku(item)) ?? 0 })),
      firstCustomer: FIRST_PROBE_CUSTOMER,
      perCustomer: this.#traffic.perCustomer,
    });
    // Long enough that what is in two lists both times is not being handed over.
    await this.#clock.sleep(HAND_OVER_MS);
    await this.#settle();
    await read();
    const found = {
      ...{ ledgers, ledgerReadAtUs, ledgerStable, settled },
      ...{ resolutions, drainProbes, foreignProbes },
    };
    return { input: this.#input(found), crashes: this.#crashes };
  }

  /** What is in a sale that has ended cannot be bought any more. */
  #drained(): number[] {
    const items = [...this.#catalogue.keys()];
    return this.#traffic.closesAtMs === null ? items : items.slice(1);
  }

  #sku(item: number): string {
    return this.#catalogue[item]?.sku ?? '';
  }

  /** What every customer's own is, asked for by one who bought nothing. */
  async #tryAsStranger(probes: ProbeParts): Promise<ForeignProbe[]> {
    const life = this.#shop.life;
    if (life === undefined) return [];
    const owner = FIRST_PROBE_CUSTOMER - 1;
    const kept = this.#catalogue.length - 1;
    const dropped = this.#traffic.closesAtMs === null ? 0 : -1;
    const checkoutId = await fillCart(probes, { customer: owner, kept, dropped });
    const stranger = new Stranger(life.orders, FIRST_PROBE_CUSTOMER - 2);
    const probed = await stranger.tryOrders(this.#history);
    if (this.#wallet.numbers.length > 0) probed.push(...(await this.#payWithStolenCard(probes)));
    if (checkoutId === '') return probed;
    probed.push(await stranger.payFor(owner, checkoutId));
    const about = { customer: owner, item: kept, key: 'cart-probe', checkoutId };
    await ask(probes, { operation: 'order', ...about, instantPayment: true });
    await this.#settle();
    await lookIntoCart(probes, { customer: owner, kept, dropped });
    return probed;
  }

  /** With the token of a card that is another's: it has to be declined. */
  async #payWithStolenCard(probes: ProbeParts): Promise<ForeignProbe[]> {
    const intruder = FIRST_PROBE_CUSTOMER - 3;
    const item = this.#catalogue.length - 1;
    const owner = 0;
    const about = { customer: intruder, item, quantity: 1 };
    const opened = await ask(probes, { operation: 'checkout', ...about, direct: true });
    if (opened.outcome !== 'ok') return [];
    this.#wallet.steal(owner, intruder);
    const subject = opened.gotCheckoutId;
    const paid = { ...about, key: 'stolen-card', checkoutId: subject };
    const { status, outcome } = await ask(probes, { operation: 'order', ...paid });
    return [{ action: 'pay', owner, intruder, subject, status, leaked: outcome === 'ok' }];
  }

  async #settle(): Promise<boolean> {
    const skus = this.#catalogue.map(({ sku }) => sku);
    const endUs = this.#clock.nowUs() + SETTLE_LIMIT_MS * 1000;
    while (this.#clock.nowUs() < endUs) {
      const life = this.#shop.life;
      await life?.orders.setArchiving(false);
      const pending = await life?.orders.pending();
      const observed = await life?.inventory.observe(skus);
      if (pending?.orders === 0 && pending.outbox === 0 && observed?.held === 0) {
        if (this.#gateway.pending === 0) return true;
      }
      await this.#clock.sleep(100);
    }
    return false;
  }

  #input(found: {
    readonly ledgers: readonly Ledger[];
    readonly ledgerReadAtUs: readonly number[];
    readonly ledgerStable: boolean;
    readonly settled: boolean;
    readonly resolutions: readonly Resolution[];
    readonly drainProbes: readonly DrainProbe[];
    readonly foreignProbes: readonly ForeignProbe[];
  }): AuditInput {
    const { seed } = this.#options;
    const { opensAtMs, closesAtMs, perCustomer, currency } = this.#traffic;
    const restocked: Record<string, number> = {};
    for (const { item, units } of this.#restocks) {
      const sku = this.#sku(item);
      restocked[sku] = (restocked[sku] ?? 0) + units;
    }
    return {
      ...found,
      ...{ runId: `simulated-${seed}`, seed, replayCommand: '', currency, historyKept: true },
      catalogue: this.#catalogue,
      sale: { opensAtMs, closesAtMs, hotItems: [0], demandToStock: 5, perCustomer },
      promises: this.#promises,
      history: this.#history,
      restocked,
      restocks: this.#restocks,
      priceChanges: this.#priceChanges,
      requiredGoals: [],
      historyScope: 'all',
      ...(this.#traffic.crashesDeclared && { faults: this.#faults }),
      startUs: START_US,
    };
  }
}
