/** The payment gateway as a process: its public port for the shop and its control port. */
import path from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import { secretMatcher } from '../control/secret.ts';
import type { GatewayStart, RunningRole } from '../processes/messages.ts';
import { CallbackSender } from './callback-sender.ts';
import type { SignedMessage } from './callback-signature.ts';
import { ChargeDesk } from './charge-desk.ts';
import { ChargeStore } from './charge-store.ts';
import { createGatewayClient, type GatewayClient } from './gateway-client.ts';
import { answerControl } from './gateway-control.ts';
import { answerShop } from './gateway-shop-port.ts';
import { problem, startJsonServer } from './json-server.ts';
import { Vault } from './vault.ts';

const CALLBACK_TIMEOUT_MS = 5_000;
const CALLBACK_PATH = '/api/payments/callbacks';

export async function startGateway(start: GatewayStart, clock: Clock): Promise<RunningRole> {
  const store = new ChargeStore(path.join(start.dataDir, 'charges.sqlite'), clock.soon);
  const vault = new Vault(start.dataDir);
  const shop = new ShopLine(clock);
  const sender = new CallbackSender({
    ...{ store, clock, secret: start.callbackSecret },
    deliver: (message) => shop.deliver(message),
    onError: (error) => process.stderr.write(`payment gateway: ${messageOf(error)}\n`),
  });
  const desk = new ChargeDesk({ store, clock, options: start.payment, seed: start.seed, sender });
  const door = { desk, vault, store, sender, clock, callbackSecret: start.callbackSecret };
  shop.port = await store.transact(() => store.callbacks.rememberedPort());
  const charges = await startJsonServer(start.port, (request) =>
    answerShop({ ...door, onCallbackPort: (port) => shop.move(port) }, request),
  );
  const authorised = secretMatcher(start.secret);
  const control = await startJsonServer(start.controlPort, async (request) => {
    if (!authorised(request.headers['x-control-secret'])) return problem(401, 'unauthorised');
    return answerControl(door, request);
  });
  await sender.resume();
  return {
    port: charges.port,
    controlPort: control.port,
    stop: async () => {
      await Promise.all([charges.close(), control.close(), shop.close()]);
      await sender.close();
      store.close();
      vault.close();
    },
  };
}

/** The way to the shop, once it has said on which port of this machine it listens. */
class ShopLine {
  readonly #clock: Clock;
  port: number | undefined;
  #client: GatewayClient | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  move(port: number): void {
    if (port === this.port) return;
    this.port = port;
    void this.#client?.close();
    this.#client = undefined;
  }

  async deliver({ headers, body }: SignedMessage): Promise<number> {
    if (this.port === undefined) throw new Error('the shop has not said where it listens');
    this.#client ??= createGatewayClient(`http://127.0.0.1:${this.port}`, this.#clock);
    const request = { method: 'POST', path: CALLBACK_PATH, headers, text: body } as const;
    return (await this.#client.send(request, CALLBACK_TIMEOUT_MS)).status;
  }

  async close(): Promise<void> {
    await this.#client?.close();
  }
}
