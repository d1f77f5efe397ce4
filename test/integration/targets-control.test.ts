import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createSystemClock } from '../../src/base/clock.ts';
import { EcomsimError } from '../../src/base/errors.ts';
import { ControlClient } from '../../src/targets/reference/control-client.ts';
import { readPages } from '../../src/targets/reference/ledger-pages.ts';
import { readNotificationRow } from '../../src/targets/reference/ledger-rows.ts';

const clock = createSystemClock();
const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

async function controlOf(answer: http.RequestListener): Promise<ControlClient> {
  const server = http.createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new ControlClient({ origin, secret: 's3cret', name: 'shop', clock });
  opened.push({
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  });
  opened.push(client);
  return client;
}

function json(body: unknown, status = 200): http.RequestListener {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
}

const ask = (client: ControlClient, timeoutMs = 2000) =>
  client.send({ method: 'GET', path: '/control/pending', timeoutMs });

const list = (client: ControlClient) =>
  readPages(client, '/ledger/notifications', readNotificationRow, 2000);

async function failureOf(promise: Promise<unknown>): Promise<EcomsimError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(EcomsimError);
  return error as EcomsimError;
}

describe('a request to a control port', () => {
  it('carries the secret, and its body as JSON', async () => {
    let seen: http.IncomingMessage | undefined;
    let body = '';
    const client = await controlOf((request, response) => {
      seen = request;
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on('end', () => json({ done: true })(request, response));
    });
    const request = { method: 'POST', path: '/control/sale', timeoutMs: 2000 } as const;
    expect(await client.send({ ...request, body: { opensAtUs: 1 } })).toEqual({ done: true });
    expect(seen?.headers['x-control-secret']).toBe('s3cret');
    expect([seen?.url, body]).toEqual(['/control/sale', '{"opensAtUs":1}']);
  });

  it.each<[string, http.RequestListener, string, string]>([
    ['another status', json({ code: 'unauthorised' }, 401), 'TARGET_BAD_ANSWER', '(unauthorised)'],
    ['a hostile code', json({ code: '\u001b[2J' }, 500), 'TARGET_BAD_ANSWER', 'HTTP 500'],
    ['a list', json([1]), 'TARGET_BAD_ANSWER', 'JSON object'],
    ['null', json(null), 'TARGET_BAD_ANSWER', 'JSON object'],
    [
      'HTML',
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/html' });
        response.end('{}');
      },
      'TARGET_BAD_ANSWER',
      'JSON object',
    ],
    [
      'a redirect',
      (_request, response) => {
        response.writeHead(307, { location: 'http://169.254.169.254/' });
        response.end();
      },
      'TARGET_BAD_ANSWER',
      'HTTP 307',
    ],
    ['a cut connection', (request) => request.socket.destroy(), 'TARGET_UNREACHABLE', 'shop'],
    [
      'an answer without end',
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const chunk = Buffer.alloc(1 << 20, 0x20);
        const push = (): void => {
          while (!response.destroyed && response.write(chunk));
          if (!response.destroyed) response.once('drain', push);
        };
        push();
      },
      'TARGET_UNREACHABLE',
      'shop',
    ],
    [
      'huge headers',
      (_request, response) => {
        response.writeHead(200, { 'x-big': 'x'.repeat(20_000) });
        response.end('{}');
      },
      'TARGET_UNREACHABLE',
      'shop',
    ],
  ])('fails with %s', async (_name, answer, code, words) => {
    const client = await controlOf(answer);
    const failure = await failureOf(ask(client, 5000));
    expect([failure.code, failure.message]).toEqual([code, expect.stringContaining(words)]);
    expect(failure.message).not.toContain('\u001b');
  });

  it.each<[string, http.RequestListener]>([
    ['silent', () => {}],
    [
      'slow',
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const drip = (): void => {
          if (response.destroyed) return;
          response.write(' ');
          clock.after(20, drip);
        };
        drip();
      },
    ],
  ])('ends in time when the other side is %s', async (_name, answer) => {
    const failure = await failureOf(ask(await controlOf(answer), 100));
    expect(failure.code).toBe('TARGET_UNREACHABLE');
    expect(failure.message).toContain('100 ms');
  });
});

describe('a paged list', () => {
  const row = (n: number) => ({ orderId: `o-${n}`, sent: 1 });

  it('is read to its end, cursor by cursor', async () => {
    const seen: string[] = [];
    const pages = [
      { items: [row(0), row(1)], next: 'a b/&' },
      { items: [row(2)], next: 'c' },
      { items: [], next: null },
    ];
    const client = await controlOf((request, response) => {
      seen.push(request.url ?? '');
      json(pages[seen.length - 1])(request, response);
    });
    expect(await list(client)).toEqual([row(0), row(1), row(2)]);
    expect(seen.map((url) => new URL(url, 'http://x').searchParams.get('after'))).toEqual([
      null,
      'a b/&',
      'c',
    ]);
  });

  it('may be one answer without a cursor', async () => {
    expect(await list(await controlOf(json({ items: [row(0)] })))).toEqual([row(0)]);
  });

  it.each([
    ['no items', { next: null }, 'no list'],
    ['items that are no list', { items: {} }, 'no list'],
    ['a cursor that comes again', { items: [row(0)], next: 'same' }, 'lead nowhere'],
    ['an empty page with a cursor', { items: [], next: 'x' }, 'lead nowhere'],
    ['a cursor that is a number', { items: [row(0)], next: 7 }, 'cursor'],
    ['a cursor of 300 characters', { items: [row(0)], next: 'x'.repeat(300) }, 'cursor'],
    ['a row that is wrong', { items: [row(0), { orderId: 'o', sent: -1 }] }, 'row 1 of /ledger'],
  ])('is refused with %s', async (_name, page, words) => {
    const failure = await failureOf(list(await controlOf(json(page))));
    expect([failure.code, failure.message]).toEqual([
      'TARGET_BAD_ANSWER',
      expect.stringContaining(words),
    ]);
  });
});
