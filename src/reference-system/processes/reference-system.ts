/** Starts the shop and its payment gateway as child processes and keeps hold of them. */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { EcomsimError, messageOf } from '../../base/errors.ts';
import type { SystemOptions } from '../../contract/profile.ts';
import { Child } from './child.ts';
import { type DataFolder, openDataFolder } from './data-folder.ts';
import type { ReadyMessage, Role, ShopStart } from './messages.ts';

/** Ample, because a machine under load starts slowly: who waits for it wants it up, not quick. */
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 2_000;

export interface ReferenceSystemOptions {
  readonly system: SystemOptions;
  readonly seed: number;
  readonly clock: Clock;
  /** Kept afterwards; a temporary folder when absent. */
  readonly dataDir?: string;
  /** Port of the shop; any free one when absent. */
  readonly port?: number;
  /** Artificial delay after each commit of the shop's stores; only benchmarks set it. */
  readonly extraSyncMs?: number;
  /** Built file that the shop's process runs; only a selftest has one of its own. */
  readonly shopEntry?: URL;
}

export interface RunningShop {
  readonly origin: string;
  readonly controlOrigin: string;
  readonly gatewayControlOrigin: string;
  /** For `x-control-secret` on both control ports. */
  readonly secret: string;
  /** Signs the addresses of shoppers, see `x-shopper-address`. */
  readonly addressSecret: string;
  /** Random id of this start of the shop, as `GET /healthz` shows it. */
  readonly instance: string;
  /** From the call of startReferenceSystem until both processes answered. */
  readonly readyMs: number;
  readonly dataDir: string;
  readonly processes: readonly { readonly name: string; readonly pid: number }[];
  /** Called when a process ends without having been asked to; at most once per start. */
  onDeath(listener: (reason: string) => void): void;
  /** Orderly end with a time limit; removes temporary data. Safe to call twice. */
  stop(): Promise<void>;
  /** Synchronous last resort for exit handlers. */
  kill(): void;
  /** SIGKILL; resolves when the shop's process is gone. `restartShop` brings it back. */
  killShop(): Promise<void>;
  /**
   * Kills the shop's process if it lives and starts it on the same data and ports. `tellFirst`: as
   * `tellShop`, before it begins; its end is then no surprise either. Throws TARGET_START_FAILED or
   * PORT_TAKEN.
   */
  restartShop(tellFirst?: object): Promise<void>;
  /** Resolves when the shop's process of this moment has ended, with a plain sentence. */
  shopEnded(): Promise<string>;
  /** From here on the end of the shop's process is no surprise, until it is started again. */
  expectShopToEnd(): void;
  /** Stops a process in the middle of whatever it does, or lets it go on. */
  signal(role: Role, signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** To a shop with an entry of its own. */
  tellShop(message: object): void;
}

/** Throws EcomsimError PORT_TAKEN or TARGET_START_FAILED; nothing is then left behind. */
export async function startReferenceSystem(options: ReferenceSystemOptions): Promise<RunningShop> {
  const startedUs = options.clock.nowUs();
  const data = openDataFolder(options.dataDir);
  const system = createSystem(options, data);
  try {
    await system.start();
  } catch (error) {
    await system.stop();
    throw error;
  }
  system.readyMs = (options.clock.nowUs() - startedUs) / 1000;
  return system;
}

function createSystem(options: ReferenceSystemOptions, data: DataFolder): ReferenceSystem {
  try {
    return new ReferenceSystem(options, data);
  } catch (error) {
    // A process that was made before the failure ends by itself: nobody holds its channel.
    data.release();
    throw new EcomsimError(
      'TARGET_START_FAILED',
      `The shop's processes could not be created: ${messageOf(error)}.`,
      { cause: error },
    );
  }
}

function originOf(port: number): string {
  return `http://127.0.0.1:${port}`;
}

class ReferenceSystem implements RunningShop {
  readonly secret = randomBytes(24).toString('base64url');
  readonly addressSecret = randomBytes(32).toString('base64url');
  readonly #tokenSecret = randomBytes(32).toString('base64url');
  readonly #callbackSecret = randomBytes(32).toString('base64url');
  readonly #options: ReferenceSystemOptions;
  readonly #data: DataFolder;
  readonly #deathListeners: ((reason: string) => void)[] = [];
  #gateway: Child;
  #shop: Child;
  #gatewayPorts: ReadyMessage = { kind: 'ready', port: 0, controlPort: 0 };
  #shopPorts: ReadyMessage;
  /** Processes whose end is no surprise. */
  readonly #expectedToEnd = new WeakSet<Child>();
  #deathReason: string | undefined;
  #isStopping = false;
  instance = newInstance();
  readyMs = 0;

  constructor(options: ReferenceSystemOptions, data: DataFolder) {
    this.#options = options;
    this.#data = data;
    this.#shopPorts = { kind: 'ready', port: options.port ?? 0, controlPort: 0 };
    // Both at once: the shop loads its modules while the gateway opens its file.
    this.#gateway = this.#fork('payment-gateway');
    this.#shop = this.#fork('shop');
  }

  get origin(): string {
    return originOf(this.#shopPorts.port);
  }
  get controlOrigin(): string {
    return originOf(this.#shopPorts.controlPort);
  }
  get gatewayControlOrigin(): string {
    return originOf(this.#gatewayPorts.controlPort);
  }
  get dataDir(): string {
    return this.#data.root;
  }
  get processes(): { name: string; pid: number }[] {
    return [this.#shop, this.#gateway].map((child) => ({ name: child.role, pid: child.pid }));
  }

  async start(): Promise<void> {
    this.#gatewayPorts = await this.#gateway.start(
      {
        role: 'payment-gateway',
        ...this.#common('payment-gateway'),
        port: 0,
        controlPort: 0,
        payment: this.#options.system.payment,
      },
      START_TIMEOUT_MS,
    );
    this.#watch(this.#gateway);
    await this.#startShop();
  }

  async killShop(): Promise<void> {
    this.expectShopToEnd();
    this.#shop.kill();
    await this.#shop.ended;
  }

  expectShopToEnd(): void {
    this.#expectedToEnd.add(this.#shop);
  }

  shopEnded(): Promise<string> {
    return this.#shop.ended;
  }

  signal(role: Role, signal: 'SIGSTOP' | 'SIGCONT'): void {
    (role === 'shop' ? this.#shop : this.#gateway).signal(signal);
  }

  tellShop(message: object): void {
    this.#shop.tell(message);
  }

  async restartShop(tellFirst?: object): Promise<void> {
    await this.killShop();
    if (this.#isStopping)
      throw new EcomsimError('TARGET_START_FAILED', 'the shop is being stopped');
    this.#shop = this.#fork('shop');
    this.instance = newInstance();
    this.#deathReason = undefined;
    if (tellFirst !== undefined) {
      // Whoever tells a start something of its own may have told it to end.
      this.expectShopToEnd();
      this.tellShop(tellFirst);
    }
    await this.#startShop();
  }

  async #startShop(): Promise<void> {
    const shop = this.#shop;
    this.#shopPorts = await shop.start(
      {
        role: 'shop',
        ...this.#common('shop'),
        port: this.#shopPorts.port,
        controlPort: this.#shopPorts.controlPort,
        system: this.#options.system,
        instance: this.instance,
        tokenSecret: this.#tokenSecret,
        addressSecret: this.addressSecret,
        gatewayOrigin: originOf(this.#gatewayPorts.port),
        extraSyncMs: this.#options.extraSyncMs ?? 0,
      },
      START_TIMEOUT_MS,
    );
    this.#watch(shop);
  }

  #fork(role: Role): Child {
    const temporaryRoot = this.#data.temporary ? this.#data.root : null;
    const { clock, shopEntry } = this.#options;
    const own = role === 'shop' && shopEntry !== undefined ? { entry: shopEntry } : {};
    return new Child({ role, clock, temporaryRoot, ...own });
  }

  #common(role: Role): Pick<ShopStart, 'seed' | 'dataDir' | 'secret' | 'callbackSecret'> {
    return {
      seed: this.#options.seed,
      dataDir: this.#data.of(role),
      secret: this.secret,
      callbackSecret: this.#callbackSecret,
    };
  }

  #watch(child: Child): void {
    void child.ended.then((how) => {
      if (this.#expectedToEnd.has(child) || this.#deathReason !== undefined) return;
      const said = child.stderrTail().at(-1);
      const reason = said === undefined ? how : `${how}; it last said: ${said}`;
      this.#deathReason = reason;
      for (const listener of this.#deathListeners) listener(reason);
    });
  }

  onDeath(listener: (reason: string) => void): void {
    this.#deathListeners.push(listener);
    if (this.#deathReason !== undefined) listener(this.#deathReason);
  }

  async stop(): Promise<void> {
    this.#expectAllToEnd();
    // The shop first: it may still have a charge under way.
    await this.#shop.stop(STOP_TIMEOUT_MS);
    await this.#gateway.stop(STOP_TIMEOUT_MS);
    this.#data.release();
  }

  kill(): void {
    this.#expectAllToEnd();
    this.#shop.kill();
    this.#gateway.kill();
    this.#data.release();
  }

  #expectAllToEnd(): void {
    this.#isStopping = true;
    this.#expectedToEnd.add(this.#shop);
    this.#expectedToEnd.add(this.#gateway);
  }
}

function newInstance(): string {
  return randomBytes(12).toString('base64url');
}
