/** What the shop may ask of the gateway: tokens, charges, what became of them, and to cancel. */

import type { Clock } from '../../base/clock.ts';
import { checkSignature } from './callback-signature.ts';
import type { ChargeDesk, ChargeOrder } from './charge-desk.ts';
import type { ChargeStore } from './charge-store.ts';
import { type JsonAnswer, type JsonRequest, problem } from './json-server.ts';
import { type Card, isVaultToken, type Vault } from './vault.ts';

const BY_ORDER = /^\/charges\/by-order\/([A-Za-z0-9_-]{1,128})(\/cancel)?$/;
const MAX_CARDS = 1_000;
const MAX_NAME_CHARS = 128;
const MAX_PORT = 65_535;

export interface ShopPort {
  readonly desk: ChargeDesk;
  readonly vault: Vault;
  readonly store: ChargeStore;
  readonly clock: Clock;
  readonly callbackSecret: string;
  readonly onCallbackPort: (port: number) => void;
}

type Fields = Readonly<Record<string, unknown>>;

export async function answerShop(port: ShopPort, request: JsonRequest): Promise<JsonAnswer> {
  const { desk } = port;
  if (request.method === 'POST') {
    if (request.path === '/charges') return answerCharge(port, request);
    if (request.path === '/vault/cards') return tokenise(port.vault, request);
    if (request.path === '/callback-address') return moveCallbacks(port, request);
  }
  const match = BY_ORDER.exec(request.path);
  const orderId = match?.[1];
  if (orderId === undefined) return problem(404, 'not_found');
  if (request.method === 'POST' && match?.[2] !== undefined) {
    return { status: 200, body: { status: await desk.cancel(orderId) } };
  }
  if (request.method !== 'GET' || match?.[2] !== undefined) return problem(404, 'not_found');
  const charge = await desk.statusOf(orderId);
  if (charge === undefined) return problem(404, 'not_found');
  return { status: 200, body: { id: charge.id, status: charge.status } };
}

async function answerCharge({ desk, vault }: ShopPort, request: JsonRequest): Promise<JsonAnswer> {
  const order = parseCharge(request);
  if (order === undefined) return problem(400, 'bad_request');
  const { paymentToken, customer } = order;
  const isRefused =
    isVaultToken(paymentToken) && vault.standing(paymentToken, customer) === 'refused';
  const decision = await desk.charge({ ...order, isRefused });
  if (decision.kind === 'barred') return problem(409, 'barred');
  if (decision.kind === 'key_reused') return problem(422, 'key_reused');
  if (decision.lost !== 'no') return decision.lost;
  return { status: 200, body: { id: decision.id, status: decision.status } };
}

function parseCharge(request: JsonRequest): ChargeOrder | undefined {
  const key = request.headers['idempotency-key'];
  const { body } = request;
  if (typeof key !== 'string' || key === '' || key.length > 256 || !isObject(body)) {
    return undefined;
  }
  const { orderId, amountMinor, currency, paymentToken, customer = '' } = body;
  if (!isName(orderId) || orderId === '') return undefined;
  if (!Number.isSafeInteger(amountMinor) || (amountMinor as number) < 0) return undefined;
  if (typeof currency !== 'string' || currency.length > 8) return undefined;
  if (!isName(paymentToken) || !isName(customer)) return undefined;
  return { orderId, key, amountMinor: amountMinor as number, currency, paymentToken, customer };
}

/** `{cards: [[customer, cardNumber], …]}`; what is wrong with a card is never said with its digits. */
async function tokenise(vault: Vault, { body }: JsonRequest): Promise<JsonAnswer> {
  const given: unknown = isObject(body) ? body['cards'] : undefined;
  if (!Array.isArray(given) || given.length > MAX_CARDS) return problem(400, 'bad_request');
  const cards: Card[] = [];
  for (const card of given as readonly unknown[]) {
    const [customer, cardNumber] = Array.isArray(card) ? (card as readonly unknown[]) : [];
    if (!isName(customer) || typeof cardNumber !== 'string') return problem(400, 'bad_request');
    cards.push({ customer, cardNumber });
  }
  return { status: 200, body: { tokens: vault.tokenise(cards) } };
}

/** Only who can sign may say where the messages go, and only to a port of this machine. */
async function moveCallbacks(port: ShopPort, request: JsonRequest): Promise<JsonAnswer> {
  const { store, clock, callbackSecret } = port;
  const text = JSON.stringify(request.body);
  const verdict = checkSignature(callbackSecret, request.headers, text, clock.wallMs());
  if (verdict !== 'genuine') return problem(401, 'unauthorised');
  const number = isObject(request.body) ? request.body['port'] : undefined;
  if (!Number.isInteger(number) || (number as number) < 1 || (number as number) > MAX_PORT) {
    return problem(400, 'bad_request');
  }
  await store.transact(() => store.callbacks.rememberPort(number as number));
  port.onCallbackPort(number as number);
  return { status: 200, body: { port: number } };
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_NAME_CHARS;
}
