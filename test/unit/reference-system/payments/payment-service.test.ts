import http from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSystemClock } from '../../../../src/base/clock.ts';
import { EcomsimError } from '../../../../src/base/errors.ts';
import { listenOnLoopback } from '../../../../src/reference-system/loopback.ts';
import {
  type ClosablePaymentService,
  createPaymentService,
} from '../../../../src/reference-system/payments/payment-service.ts';

/** What the scripted gateway does with one request. */
type Script = (response: http.ServerResponse) => void;

const REQUEST = {
  orderId: 'o-1',
  amountMinor: 5,
  currency: 'EUR',
  paymentToken: 'tok_x',
  customer: 'c-1',
};

let server: http.Server;
let payments: ClosablePaymentService;
let script: Script[];
let keys: unknown[];

const json =
  (status: number, body: unknown): Script =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
const cut: Script = (response) => response.destroy();
const silent: Script = () => {};

beforeEach(async () => {
  script = [];
  keys = [];
  server = http.createServer((request, response) => {
    keys.push(request.headers['idempotency-key']);
    request.resume();
    script.shift()?.(response);
  });
  const port = await listenOnLoopback(server, 0);
  payments = createPaymentService({
    gatewayOrigin: `http://127.0.0.1:${port}`,
    timeoutMs: 120,
    attempts: 2,
    clock: createSystemClock(),
    callbackSecret: 'secret',
  });
});

afterEach(async () => {
  await payments.close();
  server.closeAllConnections();
  server.close();
});

describe('a charge', () => {
  it.each([
    ['a capture', [json(200, { id: 'ch_1', status: 'captured' })], 'captured', 1],
    ['a decline', [json(200, { id: 'ch_1', status: 'declined' })], 'declined', 1],
    ['a barred order', [json(409, { code: 'barred' })], 'declined', 1],
    ['a cut, then a capture', [cut, json(200, { id: 'ch_1', status: 'captured' })], 'captured', 2],
    ['silence, then a decline', [silent, json(200, { status: 'declined' })], 'declined', 2],
    ['silence twice', [silent, silent], 'unknown', 2],
    ['a cut twice', [cut, cut], 'unknown', 2],
    ['failures of the gateway', [json(500, {}), json(503, {})], 'unknown', 2],
    ['an answer that is not JSON', [(r: http.ServerResponse) => r.end('<p>'), cut], 'unknown', 2],
    ['a capture without an id', [json(200, { status: 'captured' }), cut], 'unknown', 2],
  ] as const)('after %s is known as it should be', async (_name, answers, kind, attempts) => {
    script = [...answers];
    expect((await payments.charge(REQUEST)).kind).toBe(kind);
    expect(keys).toEqual(Array(attempts).fill('o-1:charge'));
  });

  it('does not take in an answer without end', async () => {
    const endless: Script = (response) => {
      response.writeHead(200);
      const chunk = Buffer.alloc(32 * 1024, 'x');
      const write = (): void => {
        if (!response.destroyed) response.write(chunk, write);
      };
      write();
    };
    script = [endless, endless];
    expect(await payments.charge(REQUEST)).toEqual({ kind: 'unknown' });
  });
});

describe('a question about an order', () => {
  it('finds its status, or none', async () => {
    script = [json(200, { id: 'ch_1', status: 'refunded' }), json(404, { code: 'not_found' })];
    expect(await payments.lookup('o-1')).toBe('refunded');
    expect(await payments.lookup('o-2')).toBe('none');
  });

  it('is asked again after a cut connection', async () => {
    script = [cut, json(200, { status: 'voided' })];
    expect(await payments.cancel('o-1')).toBe('voided');
  });

  it('fails when the gateway cannot be reached', async () => {
    script = [silent, silent];
    await expect(payments.lookup('o-1')).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE' });
  });

  it('fails on an answer that the gateway must not give', async () => {
    script = [json(200, { status: 'maybe' }), json(500, {})];
    await expect(payments.lookup('o-1')).rejects.toBeInstanceOf(EcomsimError);
    await expect(payments.cancel('o-1')).rejects.toMatchObject({ code: 'TARGET_BAD_ANSWER' });
  });
});
