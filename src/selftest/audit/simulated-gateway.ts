/** The real payment gateway without its ports: asked over a line that loses what it is told to. */
import path from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { Prng } from '../../base/prng.ts';
import type { CallbackRow, ChargeRow } from '../../contract/ledger.ts';
import { CallbackSender, type Deliver } from '../../reference-system/payments/callback-sender.ts';
import { ChargeDesk } from '../../reference-system/payments/charge-desk.ts';
import { ChargeStore } from '../../reference-system/payments/charge-store.ts';
import type { GatewayClient } from '../../reference-system/payments/gateway-client.ts';
import { answerShop } from '../../reference-system/payments/gateway-shop-port.ts';
import type { JsonAnswer } from '../../reference-system/payments/json-server.ts';
import { type Card, Vault } from '../../reference-system/payments/vault.ts';
import type { SaleTraffic } from './sale-traffic.ts';

const PAYMENT_P50_MS = 15;
const NETWORK_MS = 2;
const PAGE = 1000;
/** Signs messages between gateway and shop. */
export const CALLBACK_SECRET = 'secret of the simulated gateway';

export interface SimulatedGatewayOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly seed: number;
  readonly prng: Prng;
  readonly traffic: SaleTraffic;
  /** Brings a message to the shop; it sends none where `traffic.callbacks` is null. */
  readonly deliver: Deliver;
}

/** Outlives every life of the shop, as a process of its own does. */
export class SimulatedGateway {
  readonly #options: SimulatedGatewayOptions;
  readonly #store: ChargeStore;
  readonly #desk: ChargeDesk;
  readonly #vault: Vault;
  readonly #sender: CallbackSender | undefined;

  constructor(options: SimulatedGatewayOptions) {
    const { dataDir, clock, seed, traffic } = options;
    const { callbacks } = traffic;
    this.#options = options;
    this.#store = new ChargeStore(path.join(dataDir, 'charges.sqlite'), clock.soon);
    this.#vault = new Vault(dataDir);
    if (callbacks !== null) {
      this.#sender = new CallbackSender({
        ...{ store: this.#store, clock, secret: CALLBACK_SECRET, onError: () => {} },
        deliver: (message) => clock.sleep(NETWORK_MS).then(() => options.deliver(message)),
      });
    }
    this.#desk = new ChargeDesk({
      store: this.#store,
      clock,
      seed,
      ...(this.#sender && { sender: this.#sender }),
      options: {
        latency: { p50Ms: PAYMENT_P50_MS, p99Ms: traffic.paymentP99Ms },
        declined: traffic.declinedShare,
        lostAnswers: traffic.lostAnswers,
        ...(callbacks !== null && { callbacks }),
      },
    });
  }

  /** A line for one life of the shop: when that has ended, nothing comes back any more. */
  connect(isAlive: () => boolean): GatewayClient {
    const { clock } = this.#options;
    return {
      send: (request, timeoutMs) =>
        new Promise((resolve, reject) => {
          const timer = clock.after(timeoutMs, () => reject(new Error('no answer in time')));
          const answered = (answer: JsonAnswer): void => {
            if (answer === 'silent' || !isAlive()) return;
            clock.cancel(timer);
            if (answer === 'cut') reject(new Error('the connection was cut'));
            else resolve({ status: answer.status, body: answer.body as Record<string, unknown> });
          };
          this.#exchange(request).then(answered, reject);
        }),
      close: async () => {},
    };
  }

  async rows(): Promise<readonly ChargeRow[]> {
    return this.#store.transact(() => this.#store.page(0, PAGE));
  }

  /** Every message with how often it was sent; undefined where it sends none. */
  async messages(): Promise<readonly CallbackRow[] | undefined> {
    if (this.#sender === undefined) return undefined;
    await this.#sender.record();
    return this.#store.transact(() => this.#store.callbacks.page(0, PAGE));
  }

  /** Messages that are still on their way. */
  get pending(): number {
    return this.#sender?.pending ?? 0;
  }

  /** A token per customer, as the vault gives them. */
  tokenise(cards: readonly Card[]): (string | null)[] {
    return this.#vault.tokenise(cards);
  }

  close(): void {
    this.#store.close();
    this.#vault.close();
  }

  async #exchange(request: Parameters<GatewayClient['send']>[0]): Promise<JsonAnswer> {
    const { clock, prng, traffic } = this.#options;
    const isCharge = request.path === '/charges';
    await clock.sleep(NETWORK_MS);
    if (isCharge && isAtRisk(request.body) && prng.chance(traffic.gatewayLossShare))
      return 'silent';
    const [requestPath = '/', search = ''] = request.path.split('?', 2);
    const door = { desk: this.#desk, vault: this.#vault, store: this.#store, clock };
    const port = { ...door, callbackSecret: CALLBACK_SECRET, onCallbackPort: () => {} };
    return answerShop(port, {
      method: request.method,
      path: requestPath,
      query: new URLSearchParams(search),
      headers: { ...request.headers },
      body: request.body,
    });
  }
}

/** The audit's own purchases must not depend on luck. */
function isAtRisk(body: unknown): boolean {
  return (body as { paymentToken?: unknown } | undefined)?.paymentToken !== 'tok_instant';
}
