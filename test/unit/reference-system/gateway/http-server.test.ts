import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { createSystemClock, createVirtualClock } from '../../../../src/base/clock.ts';
import { EcomsimError } from '../../../../src/base/errors.ts';
import type { FailureLog } from '../../../../src/reference-system/failure-log.ts';
import {
  closeHttpServer,
  createHttpServer,
} from '../../../../src/reference-system/gateway/http-server.ts';
import {
  installLoadShedding,
  type LoadShedding,
} from '../../../../src/reference-system/gateway/load-shedding.ts';
import { listenOnLoopback } from '../../../../src/reference-system/loopback.ts';
import { Refusal } from '../../../../src/reference-system/services.ts';

const clock = createSystemClock();
const opened: FastifyInstance[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map(closeHttpServer));
});

function serverWith(routes: (server: FastifyInstance) => void) {
  const reported: unknown[] = [];
  const failures: FailureLog = { count: 0, report: (error) => reported.push(error) };
  const server = createHttpServer(1024, failures);
  routes(server);
  opened.push(server);
  return { server, reported };
}

async function originOf(server: FastifyInstance): Promise<string> {
  await server.ready();
  return `http://127.0.0.1:${await listenOnLoopback(server.server, 0)}`;
}

describe('an error', () => {
  it.each([
    [new Refusal(409, 'sold_out', { sku: 'a' }), 409, { code: 'sold_out', sku: 'a' }],
    [new Refusal(503, 'contention'), 503, { code: 'contention' }],
    [new Error('secret detail'), 500, { code: 'internal' }],
    [new EcomsimError('STORE_FAILED', 'secret detail'), 500, { code: 'internal' }],
  ])('%s becomes a problem document without inner details', async (error, status, facts) => {
    const { server, reported } = serverWith((s) => {
      s.get('/', async () => {
        throw error;
      });
    });
    const answer = await server.inject('/');
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.json()).toEqual({
      ...{ type: 'about:blank', title: expect.any(String), status },
      ...facts,
    });
    expect(answer.body).not.toContain('secret detail');
    expect(reported).toEqual(status === 500 ? [error] : []);
  });

  it('that is a replayed refusal is marked as a replay', async () => {
    const { server } = serverWith((s) => {
      s.get('/', async () => {
        throw new Refusal(402, 'payment_declined', {}, true);
      });
    });
    expect((await server.inject('/')).headers['idempotent-replayed']).toBe('true');
  });

  it('of an unknown route is a 404 of the same kind', async () => {
    const { server } = serverWith(() => {});
    const answer = await server.inject('/nothing');
    expect(answer.json()).toMatchObject({ status: 404, code: 'not_found' });
  });
});

describe('load shedding', () => {
  it('refuses what is beyond its bound before anything is started, and then goes on', async () => {
    let started = 0;
    let release = (): void => {};
    const waiting = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { server } = serverWith((s) => {
      installLoadShedding(s, { requests: 2, orders: 1, loopDelayMs: 0 }, clock);
      s.get('/read', async () => {
        started++;
        await waiting;
        return {};
      });
      s.get('/order', { config: { waitsForPayment: true } }, async () => ({}));
    });
    const origin = await originOf(server);
    const held = [fetch(`${origin}/read`), fetch(`${origin}/read`)];
    while (started < 2) await new Promise((resolve) => setTimeout(resolve, 1));

    const shed = await fetch(`${origin}/read`);
    expect(shed.status).toBe(503);
    expect(shed.headers.get('x-shed')).toBe('before-dispatch');
    expect(shed.headers.get('retry-after')).toBe('1');
    expect(await shed.json()).toMatchObject({ code: 'overloaded' });
    expect(started).toBe(2);
    // A bound of its own: full pages do not stop orders.
    expect((await fetch(`${origin}/order`)).status).toBe(200);

    release();
    for (const answer of await Promise.all(held)) expect(answer.status).toBe(200);
    expect((await fetch(`${origin}/read`)).status).toBe(200);
  });

  it('refuses while the event loop is late, health excepted, and goes on when it is in time', async () => {
    const virtual = createVirtualClock(0, 0);
    let blockedUs = 0;
    const late = { ...virtual, nowUs: () => virtual.nowUs() + blockedUs };
    const limits = { requests: 10, orders: 10, loopDelayMs: 200 };
    let shedding: LoadShedding | undefined;
    const { server } = serverWith((s) => {
      shedding = installLoadShedding(s, limits, late);
      s.get('/', async () => ({}));
      s.get('/healthz', { config: { unlimited: true } }, async () => ({}));
    });
    // Whatever happens before it listens keeps nobody waiting.
    virtual.advance(5000);
    const origin = await originOf(server);
    const statuses = async () => [
      (await fetch(origin)).status,
      (await fetch(`${origin}/healthz`)).status,
    ];
    virtual.advance(240);
    expect(await statuses()).toEqual([200, 200]);
    // No pulse for a time that a blocked loop would take.
    blockedUs = 400_000;
    const shed = await fetch(origin);
    expect(shed.status).toBe(503);
    expect(shed.headers.get('x-shed')).toBe('before-dispatch');
    expect(shed.headers.get('retry-after')).toBe('1');
    expect(await statuses()).toEqual([503, 200]);
    // The first pulse after it tells how late it was, the second that all is well again.
    virtual.advance(20);
    expect(await statuses()).toEqual([503, 200]);
    virtual.advance(50);
    expect(await statuses()).toEqual([200, 200]);
    expect(shedding).toMatchObject({ shed: 0, shedByDelay: 3, inHand: 0 });
  });

  it('does not count a request whose client went away', async () => {
    let started = 0;
    let release = (): void => {};
    const waiting = new Promise<void>((resolve) => {
      release = resolve;
    });
    let inHand = (): number => -1;
    const { server } = serverWith((s) => {
      const shedding = installLoadShedding(s, { requests: 10, orders: 1, loopDelayMs: 0 }, clock);
      inHand = () => shedding.inHand;
      s.get('/', async () => {
        started++;
        await waiting;
        return {};
      });
    });
    const origin = await originOf(server);
    const abort = new AbortController();
    const gone = fetch(origin, { signal: abort.signal }).catch(() => 'gone');
    while (started < 1) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(inHand()).toBe(1);
    abort.abort();
    expect(await gone).toBe('gone');
    release();
    for (let i = 0; i < 200 && inHand() > 0; i++) await new Promise((r) => setTimeout(r, 5));
    expect(inHand()).toBe(0);
  });
});

describe('listening', () => {
  it('on a taken port fails with advice', async () => {
    const first = serverWith(() => {}).server;
    const port = Number(new URL(await originOf(first)).port);
    const second = serverWith(() => {}).server;
    await second.ready();
    await expect(listenOnLoopback(second.server, port)).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: expect.stringContaining('another port'),
    });
  });
});
