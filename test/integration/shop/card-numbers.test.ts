// Card numbers go in by every door that takes one and by some that do not. Afterwards nothing that
// the shop has stored, answered or complained about may hold one.
import { fork } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSqlite } from '../../../src/reference-system/storage/sqlite.ts';
import { testCardNumber } from '../../../src/targets/reference/test-cards.ts';
import { request, Shop, SYSTEM, until } from './running-shop.ts';

const DECLINED = '4000000000000002';
const REAL_LOOKING = '4532015112830366';
const CANARIES = [
  ...Array.from({ length: 60 }, (_, customer) => testCardNumber(1, customer)),
  ...[DECLINED, REAL_LOOKING],
];

/** As it is, and as it looks in the encodings that hide a text from a search. */
function disguisesOf(cardNumber: string): string[] {
  const bytes = Buffer.from(cardNumber);
  // In base64 a text has three looks, by where it begins.
  const shifted = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    return text.slice(shift === 0 ? 0 : 4, -4);
  });
  return [cardNumber, bytes.toString('hex'), ...shifted];
}

function found(text: string): string[] {
  return CANARIES.filter((card) => disguisesOf(card).some((look) => text.includes(look)));
}

function everythingIn(folder: string): string {
  const files = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
  return files
    .filter((file) => file.isFile())
    .map((file) => fs.readFileSync(path.join(file.parentPath, file.name)).toString('latin1'))
    .join('\n');
}

describe('card numbers', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ecomsim-test-cards-'));
  const answers: string[] = [];
  let shop: Shop;

  beforeAll(async () => {
    shop = await Shop.start({ dataDir: folder });
    await shop.seed({ hotUnits: 100, perCustomer: 100 });
  });

  afterAll(async () => {
    await shop.running.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  async function give(customer: number, cardNumber: unknown) {
    const answer = await shop.api(customer, 'POST', '/api/payment-methods', { cardNumber });
    answers.push(JSON.stringify(answer.body));
    return answer;
  }

  it('become tokens that pay, for the customer whose card it is and nobody else', async () => {
    const { status, body } = await give(0, CANARIES[0]);
    expect(status).toBe(201);
    expect(body.lastDigits).toBe(CANARIES[0]!.slice(-4));
    const { id } = (await shop.checkout(0)).body;
    expect((await shop.order(0, 'k', id, body.paymentToken)).status).toBe(201);
    const other = (await shop.checkout(1)).body.id;
    expect((await shop.order(1, 'k', other, body.paymentToken)).status).toBe(402);
  });

  it('of a card that is not good pay nothing', async () => {
    const { paymentToken } = (await give(2, DECLINED)).body;
    const { id } = (await shop.checkout(2)).body;
    const order = await shop.order(2, 'k', id, paymentToken);
    expect(order.body).toMatchObject({ status: 402, code: 'payment_declined' });
  });

  it.each<[string, unknown]>([
    ['of a real bank', REAL_LOOKING],
    ['with a wrong digit', `${CANARIES[3]!.slice(0, -1)}x`],
    ['that are empty', ''],
  ])('%s are refused', async (_name, cardNumber) => {
    const { status, body } = await give(3, cardNumber);
    expect([status, body.code]).toEqual([422, 'card_refused']);
  });

  it.each<[string, unknown]>([
    ['a number', Number(CANARIES[4])],
    ['a list', [CANARIES[4]]],
    ['too long', CANARIES[4]!.repeat(3)],
    ['missing', undefined],
  ])('that are %s are no acceptable request', async (_name, cardNumber) => {
    const { status, body } = await give(4, cardNumber);
    expect([status, body.code]).toEqual([400, 'bad_request']);
  });

  it('without a valid access token are not looked at', async () => {
    const url = `${shop.running.origin}/api/payment-methods`;
    const answer = await request(url, { method: 'POST', body: { cardNumber: CANARIES[5] } });
    expect(answer.status).toBe(401);
  });

  it('are given in bulk to many customers, or to none when one of them is no test card', async () => {
    const cardNumbers = CANARIES.slice(0, 50);
    const given = await shop.control('POST', '/control/payment-methods', { from: 0, cardNumbers });
    expect(new Set(given.body.tokens).size).toBe(50);
    const wrong = { from: 0, cardNumbers: [CANARIES[0], REAL_LOOKING] };
    expect((await shop.control('POST', '/control/payment-methods', wrong)).status).toBe(422);
  });

  it('where none belongs are not kept, and are nowhere afterwards', async () => {
    const [card] = [CANARIES[6]!];
    const misplaced: [string, string, unknown, Record<string, string>?][] = [
      ['POST', '/api/payment-methods', `{"cardNumber":"${card}"`],
      ['POST', '/api/payment-methods', { cardNumber: card, note: card }],
      ['POST', '/api/payment-methods', `cardNumber=${card}`, { 'content-type': 'text/plain' }],
      ['GET', `/api/orders/${card}`, undefined],
      ['POST', `/api/payment-methods?card=${card}`, {}],
      [
        'POST',
        '/api/orders',
        { checkoutId: 'k-1', paymentToken: card },
        { 'idempotency-key': 'x' },
      ],
    ];
    for (const [method, url, body, headers] of misplaced) {
      const answer = await shop.api(6, method, url, body, headers);
      expect(answer.status, `${method} ${url}`).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      answers.push(JSON.stringify(answer.body));
    }
    await shop.settle();
    expect(found(answers.join('\n'))).toEqual([]);
    await shop.running.stop();
    expect(found(everythingIn(folder))).toEqual([]);
  });

  it('would be found if they were there', () => {
    for (const [index, look] of disguisesOf(CANARIES[9]!).entries()) {
      fs.writeFileSync(path.join(folder, `planted-${index}`), `x${look}y`);
      expect(found(everythingIn(folder))).toEqual([CANARIES[9]]);
      fs.rmSync(path.join(folder, `planted-${index}`));
    }
    const encoded = Buffer.from(`{"card":"${CANARIES[9]}"}`).toString('base64');
    expect(found(encoded)).toEqual([CANARIES[9]]);
  });
});

describe('a vault that fails', () => {
  it('complains without a card number', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ecomsim-test-cards-'));
    const entry = new URL('../../../dist/shop-process.js', import.meta.url).pathname;
    const gateway = fork(entry, { silent: true });
    let said = '';
    gateway.stderr?.on('data', (text) => {
      said += text;
    });
    try {
      const { latency, timeoutMs, attempts } = SYSTEM.payment;
      const payment = { latency, timeoutMs, attempts, declined: 0, lostAnswers: 0 };
      const common = { seed: 1, dataDir: folder, secret: 's', callbackSecret: 's' };
      const start = { role: 'payment-gateway', ...common, port: 0, controlPort: 0, payment };
      const ready = new Promise<any>((resolve) => gateway.once('message', resolve));
      gateway.send({ kind: 'start', start });
      const { port } = await ready;
      const url = `http://127.0.0.1:${port}/vault/cards`;
      const give = (card: unknown) =>
        request(url, { method: 'POST', body: { cards: [['c', card]] } });
      expect((await give(CANARIES[0])).body.tokens[0]).toMatch(/^tok_/);
      const file = openSqlite(path.join(folder, 'vault.sqlite'), []);
      file.exec('DROP TABLE card');
      file.close();
      const failed = await give(CANARIES[1]);
      expect(failed.status).toBe(500);
      expect(found(JSON.stringify(failed.body))).toEqual([]);
      await until(() => said.includes('payment gateway:'));
      expect(found(said)).toEqual([]);
    } finally {
      const ended = new Promise((resolve) => gateway.once('exit', resolve));
      gateway.kill('SIGKILL');
      await ended;
      fs.rmSync(folder, { recursive: true, force: true });
    }
  });
});
