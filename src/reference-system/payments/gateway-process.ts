/** The payment gateway as a process: its public port for the shop and its control port. */
import path from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { PaymentBehaviour } from '../../contract/profile.ts';
import { pageQuery } from '../control/page-query.ts';
import { processUsage } from '../control/process-usage.ts';
import { secretMatcher } from '../control/secret.ts';
import type { GatewayStart, RunningRole } from '../processes/messages.ts';
import { parseBehaviour } from './behaviour.ts';
import { ChargeDesk, type ChargeOrder } from './charge-desk.ts';
import { ChargeStore } from './charge-store.ts';
import { type JsonAnswer, type JsonRequest, startJsonServer } from './json-server.ts';

const BY_ORDER = /^\/charges\/by-order\/([A-Za-z0-9_-]{1,128})(\/cancel)?$/;

export async function startGateway(start: GatewayStart, clock: Clock): Promise<RunningRole> {
  const store = new ChargeStore(path.join(start.dataDir, 'charges.sqlite'), clock.soon);
  const desk = new ChargeDesk({ store, clock, options: start.payment, seed: start.seed });
  const authorised = secretMatcher(start.secret);
  const charges = await startJsonServer(start.port, (request) => answerShop(desk, request));
  const control = await startJsonServer(start.controlPort, async (request) => {
    if (!authorised(request.headers['x-control-secret'])) return problem(401, 'unauthorised');
    if (request.method === 'POST' && request.path === '/control/payment') {
      return changeBehaviour(desk, start.payment, request.body);
    }
    return answerControl(store, request);
  });
  return {
    port: charges.port,
    controlPort: control.port,
    stop: async () => {
      await Promise.all([charges.close(), control.close()]);
      store.close();
    },
  };
}

/** One request of the shop, however it came. */
export async function answerShop(desk: ChargeDesk, request: JsonRequest): Promise<JsonAnswer> {
  if (request.method === 'POST' && request.path === '/charges') {
    const order = parseCharge(request);
    return order === undefined ? problem(400, 'bad_request') : answerCharge(desk, order);
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

async function answerCharge(desk: ChargeDesk, order: ChargeOrder): Promise<JsonAnswer> {
  const decision = await desk.charge(order);
  if (decision.kind === 'barred') return problem(409, 'barred');
  if (decision.kind === 'key_reused') return problem(422, 'key_reused');
  if (decision.lost !== 'no') return decision.lost;
  return { status: 200, body: { id: decision.id, status: decision.status } };
}

function parseCharge(request: JsonRequest): ChargeOrder | undefined {
  const key = request.headers['idempotency-key'];
  const body = request.body;
  if (typeof key !== 'string' || key === '' || key.length > 256) return undefined;
  if (typeof body !== 'object' || body === null) return undefined;
  const { orderId, amountMinor, currency, paymentToken } = body as Record<string, unknown>;
  if (typeof orderId !== 'string' || orderId === '' || orderId.length > 128) return undefined;
  if (!Number.isSafeInteger(amountMinor) || (amountMinor as number) < 0) return undefined;
  if (typeof currency !== 'string' || currency.length > 8) return undefined;
  if (typeof paymentToken !== 'string' || paymentToken.length > 256) return undefined;
  return { orderId, key, amountMinor: amountMinor as number, currency, paymentToken };
}

/** `{ "behaviour": null }` goes back to how it was configured. */
function changeBehaviour(
  desk: ChargeDesk,
  configured: PaymentBehaviour,
  body: unknown,
): JsonAnswer {
  const wanted = (body as { behaviour?: unknown } | null | undefined)?.behaviour;
  const behaviour = wanted === null ? configured : parseBehaviour(wanted);
  if (behaviour === undefined) return problem(400, 'bad_request');
  desk.behave(behaviour);
  return { status: 200, body: { changed: true } };
}

async function answerControl(store: ChargeStore, request: JsonRequest): Promise<JsonAnswer> {
  if (request.method === 'GET' && request.path === '/control/observe') {
    return { status: 200, body: { process: processUsage('payment-gateway', 0) } };
  }
  if (request.method !== 'GET' || request.path !== '/ledger/charges') {
    return problem(404, 'not_found');
  }
  const page = pageQuery(request.query);
  if (page === undefined) return problem(400, 'bad_request');
  const afterSeq = page.after === null ? 0 : Number(page.after);
  if (!Number.isSafeInteger(afterSeq)) return problem(400, 'bad_request');
  const items = await store.transact(() => store.page(afterSeq, page.limit));
  const last = items.length < page.limit ? undefined : items.at(-1);
  return { status: 200, body: { items, next: last === undefined ? null : last.id.slice(3) } };
}

function problem(status: number, code: string): JsonAnswer {
  return { status, body: { type: 'about:blank', title: code, status, code } };
}
