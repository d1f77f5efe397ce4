import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { type Clock, createSystemClock, createVirtualClock } from '../../src/base/clock.ts';
import { EcomsimError } from '../../src/base/errors.ts';
import { type Call, CLIENT_DEFAULTS, createCall } from '../../src/contract/call.ts';
import type { OperationName } from '../../src/contract/operation.ts';
import { shopProtocol } from '../../src/targets/client-registry.ts';
import { HttpClient, type HttpClientOptions } from '../../src/targets/http/http-client.ts';

const clock = createSystemClock();
const ORDER = {
  id: 'o-1',
  key: 'k-1',
  status: 'confirmed',
  lines: [{ sku: 'sku-0', quantity: 2, priceMinor: 500 }],
  totalMinor: 1000,
  currency: 'EUR',
};

/** How a request is answered, by the text of the request as it arrived. */
type Answerer = (socket: net.Socket, request: string, connection: number) => void;

function response(body: string, head = 'HTTP/1.1 201 Created', more = ''): string {
  const length = Buffer.byteLength(body);
  return `${head}\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n${more}\r\n${body}`;
}

const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

/** A TCP server that speaks whatever the test wants; the plain answer is a confirmed order. */
async function serve(
  answer: Answerer,
): Promise<{ origin: string; open: () => number; peak: () => number }> {
  const sockets = new Set<net.Socket>();
  let peak = 0;
  let connections = 0;
  const server = net.createServer((socket) => {
    sockets.add(socket);
    peak = Math.max(peak, sockets.size);
    const connection = connections++;
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let pending = '';
    socket.on('data', (chunk) => {
      pending += chunk.toString('latin1');
      for (;;) {
        const head = pending.indexOf('\r\n\r\n');
        if (head < 0) return;
        const length = Number(/content-length: (\d+)/i.exec(pending.slice(0, head))?.[1] ?? 0);
        if (pending.length < head + 4 + length) return;
        const request = pending.slice(0, head + 4 + length);
        pending = pending.slice(head + 4 + length);
        answer(socket, request, connection);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push({
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  });
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, open: () => sockets.size, peak: () => peak };
}

function clientOf(
  origin: string,
  options: Partial<HttpClientOptions> = {},
  clientClock: Clock = clock,
): HttpClient {
  const tokens = ['token-0', 'token-1'];
  const protocol = shopProtocol({
    ...CLIENT_DEFAULTS,
    kind: 'reference',
    origin,
    skus: ['sku-0', 'sku/1'],
    tokens,
    maxConnections: 2,
    timeoutMs: 1000,
  });
  const client = new HttpClient(
    { origin, maxConnections: 2, timeoutMs: 20_000, ...options },
    protocol,
    clientClock,
  );
  opened.push(client);
  return client;
}

function callOf(operation: OperationName, fields: Partial<Call> = {}): Call {
  return {
    ...createCall(),
    operation,
    item: 0,
    key: 'k-1',
    checkoutId: 'co-1',
    orderId: 'o-1',
    ...fields,
  };
}

/** Fails when `done` comes twice, or before `execute` has returned. */
function execute(client: HttpClient, call: Call): Promise<Call> {
  return new Promise((resolve, reject) => {
    let returned = false;
    let finished = false;
    client.execute(call, () => {
      if (finished) reject(new Error('done was called twice'));
      if (!returned) reject(new Error('done was called synchronously'));
      finished = true;
      // A late second `done` must have its chance to be seen.
      clock.after(20, () => resolve(call));
    });
    returned = true;
  });
}

async function opensAndStays(client: HttpClient): Promise<HttpClient> {
  await client.open();
  return client;
}

const healthy = (socket: net.Socket, request: string): boolean => {
  if (!request.startsWith('GET /healthz')) return false;
  socket.write(response('{"status":"ok"}', 'HTTP/1.1 200 OK'));
  return true;
};

describe('a client of a well-behaved shop', () => {
  it('takes the four instants in order and the facts of the answer', async () => {
    const server = await serve((socket) => socket.write(response(JSON.stringify(ORDER))));
    const call = callOf('order');
    call.dispatchedAtUs = clock.nowUs();
    await execute(clientOf(server.origin), call);
    expect(call).toMatchObject({
      outcome: 'ok',
      reason: 'none',
      status: 201,
      gotOrderId: 'o-1',
      gotOrderStatus: 'confirmed',
      gotUnits: 2,
      gotTotalMinor: 1000,
      bytesReceived: JSON.stringify(ORDER).length,
    });
    const instants = [call.dispatchedAtUs, call.sentAtUs, call.firstByteAtUs, call.doneAtUs];
    expect(instants).toEqual([...instants].sort((a, b) => a - b));
  });

  it('sends exactly the request of the interface, and nothing that the shop did not ask for', async () => {
    const seen: string[] = [];
    const server = await serve((socket, request) => {
      seen.push(request);
      socket.write(response(JSON.stringify(ORDER)));
    });
    const client = clientOf(server.origin, { maxConnections: 1 });
    await execute(client, callOf('order', { customer: 1 }));
    await execute(client, callOf('viewStock', { item: 1 }));
    const [order = '', stock = ''] = seen;
    expect(order.split('\r\n')).toEqual(
      [
        'POST /api/orders HTTP/1.1',
        `host: ${server.origin.slice('http://'.length)}`,
        'connection: keep-alive',
        expect.stringMatching(/^user-agent: ecomsim\/\d+\.\d+\.\d+/),
        'accept: application/json',
        'authorization: Bearer token-1',
        'content-type: application/json',
        'idempotency-key: k-1',
        'content-length: 48',
        '',
        '{"checkoutId":"co-1","paymentToken":"tok_c1"}'.padEnd(45),
      ].map((line) =>
        typeof line === 'string' && line.startsWith('content-length') ? 'content-length: 45' : line,
      ),
    );
    expect(stock).toMatch(/^GET \/api\/inventory\/sku%2F1 HTTP\/1\.1\r\n/);
    expect(stock).not.toMatch(/authorization|accept-encoding|content-/i);
  });

  it('opens, keeps few connections while few are needed, and counts them', async () => {
    const server = await serve((socket, request) => {
      if (!healthy(socket, request)) socket.write(response(JSON.stringify(ORDER)));
    });
    const client = await opensAndStays(clientOf(server.origin, { maxConnections: 50 }));
    for (let i = 0; i < 20; i++) await execute(client, callOf('order'));
    const stats = client.stats();
    expect(stats.connectionsOpen).toBe(server.open());
    expect(stats.connectionsOpened).toBeLessThan(12);
    expect(stats.waits).toBe(0);
  });

  it('lets calls wait in turn when every connection is busy, never opening more than allowed', async () => {
    const order: string[] = [];
    const server = await serve((socket, request) => {
      order.push(/idempotency-key: (\S+)/.exec(request)?.[1] ?? '');
      clock.after(2, () => socket.write(response(JSON.stringify(ORDER))));
    });
    const client = clientOf(server.origin, { maxConnections: 3 });
    const keys = Array.from({ length: 60 }, (_, i) => `k-${i}`);
    const calls = await Promise.all(keys.map((key) => execute(client, callOf('order', { key }))));
    expect(calls.every((call) => call.outcome === 'ok')).toBe(true);
    expect(server.peak()).toBe(3);
    expect(client.stats()).toMatchObject({ connectionsMax: 3, connectionsOpen: 3, waits: 57 });
    // Three at a time may overtake each other by no more than that.
    for (const [position, key] of order.entries()) {
      expect(Math.abs(keys.indexOf(key) - position)).toBeLessThanOrEqual(3);
    }
  });

  it('fails what exceeds the queue, and counts it', async () => {
    const server = await serve((socket) => {
      clock.after(10, () => socket.write(response(JSON.stringify(ORDER))));
    });
    const client = clientOf(server.origin, { maxConnections: 1, maxWaiting: 2 });
    const calls = await Promise.all(
      [0, 1, 2, 3, 4].map((i) => execute(client, callOf('order', { key: `k-${i}` }))),
    );
    expect(calls.map(({ outcome, reason }) => `${outcome} ${reason}`)).toEqual([
      'ok none',
      'ok none',
      'ok none',
      'failed connect_failed',
      'failed connect_failed',
    ]);
    expect(client.queueOverflows).toBe(2);
  });

  it('may be asked for the next call from within done', async () => {
    const server = await serve((socket) => socket.write(response(JSON.stringify(ORDER))));
    const client = clientOf(server.origin, { maxConnections: 1 });
    const total = await new Promise<number>((resolve) => {
      let finished = 0;
      const next = (call: Call): void => {
        finished += call.outcome === 'ok' ? 1 : 0;
        if (finished === 100) resolve(finished);
        else client.execute(call, next);
      };
      client.execute(callOf('order'), next);
    });
    expect(total).toBe(100);
    expect(server.peak()).toBe(1);
  });

  it('does not send a request whose id would not be safe', async () => {
    let requests = 0;
    const server = await serve((socket) => {
      requests++;
      socket.write(response(JSON.stringify(ORDER)));
    });
    const client = clientOf(server.origin);
    for (const checkoutId of ['', 'a b', 'x\r\nhost: evil', '"}', 'ä', 'a'.repeat(201)]) {
      const call = await execute(client, callOf('order', { checkoutId }));
      expect([checkoutId, call.outcome, call.reason]).toEqual([
        checkoutId,
        'failed',
        'bad_request',
      ]);
    }
    expect(requests).toBe(0);
    expect(await execute(client, callOf('order'))).toMatchObject({ outcome: 'ok' });
  });

  it('reconnects when an idle connection was closed by the shop', async () => {
    const server = await serve((socket) => {
      socket.write(response(JSON.stringify(ORDER)));
      clock.after(5, () => socket.end());
    });
    const client = clientOf(server.origin, { maxConnections: 1 });
    for (let i = 0; i < 3; i++) {
      expect(await execute(client, callOf('order'))).toMatchObject({ outcome: 'ok' });
      await clock.sleep(20);
    }
    expect(client.stats()).toMatchObject({ connectionsOpened: 3, connectionsMax: 1 });
  });

  it('reads an answer that node:http sends in chunks', async () => {
    const server = http.createServer((_request, answer) => {
      answer.writeHead(201, { 'content-type': 'application/json' });
      const body = JSON.stringify(ORDER);
      answer.write(body.slice(0, 10));
      clock.after(5, () => answer.end(body.slice(10)));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    opened.push({ close: () => new Promise((resolve) => server.close(resolve)) });
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await execute(clientOf(origin), callOf('order'))).toMatchObject({ outcome: 'ok' });
  });
});

interface Hostility {
  readonly name: string;
  readonly answer: Answerer;
  readonly write: string;
  readonly read: string;
}

const OK = JSON.stringify(ORDER);
const LIMIT = 8 * 1024 * 1024;

const HOSTILITIES: readonly Hostility[] = [
  {
    name: 'an endless chunked body',
    answer: (socket) => {
      socket.write(
        'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
      );
      const chunk = `${(65_536).toString(16)}\r\n${'['.repeat(65_536)}\r\n`;
      const push = (): void => {
        while (!socket.destroyed && socket.write(chunk));
        if (!socket.destroyed) socket.once('drain', push);
      };
      push();
    },
    write: 'unknown answer_too_large',
    read: 'failed answer_too_large',
  },
  {
    name: 'a body announced as 10 GB',
    answer: (socket) => {
      socket.write(
        'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 10000000000\r\n\r\n',
      );
      socket.write(Buffer.alloc(LIMIT + 1, 0x20));
    },
    write: 'unknown answer_too_large',
    read: 'failed answer_too_large',
  },
  {
    name: 'huge headers',
    answer: (socket) => {
      socket.write(response(OK, 'HTTP/1.1 200 OK', `x-big: ${'x'.repeat(20_000)}\r\n`));
    },
    write: 'unknown answer_too_large',
    read: 'failed answer_too_large',
  },
  {
    name: 'ten thousand headers',
    answer: (socket) => {
      socket.write(response(OK, 'HTTP/1.1 200 OK', 'x-a: b\r\n'.repeat(10_000)));
    },
    write: 'unknown answer_too_large',
    read: 'failed answer_too_large',
  },
  {
    name: 'no answer at all',
    answer: () => {},
    write: 'unknown timeout',
    read: 'failed timeout',
  },
  {
    name: 'one byte every few milliseconds',
    answer: (socket) => {
      const bytes = response(OK);
      let at = 0;
      const drip = (): void => {
        if (socket.destroyed) return;
        socket.write(bytes[at++ % bytes.length] as string);
        clock.after(20, drip);
      };
      drip();
    },
    write: 'unknown timeout',
    read: 'failed timeout',
  },
  {
    name: 'a body that stops half way',
    answer: (socket) => {
      socket.write(response(OK).slice(0, -10));
    },
    write: 'unknown timeout',
    read: 'failed timeout',
  },
  {
    name: 'a reset in the middle of the body',
    answer: (socket) => {
      socket.write(response(OK).slice(0, -10), () => socket.resetAndDestroy());
    },
    write: 'unknown connection_lost',
    read: 'failed connection_lost',
  },
  {
    name: 'a close before the answer',
    answer: (socket) => socket.end(),
    write: 'unknown connection_lost',
    read: 'failed connection_lost',
  },
  {
    name: 'an orderly close in the middle of the body',
    answer: (socket) => socket.end(response(OK).slice(0, -10)),
    write: 'unknown connection_lost',
    read: 'failed connection_lost',
  },
  {
    name: 'JSON that is cut although the length is right',
    answer: (socket) => {
      socket.write(response(OK.slice(0, -5)));
    },
    write: 'unknown bad_answer',
    read: 'failed bad_answer',
  },
  {
    name: 'a body shorter than its length, then the next answer',
    answer: (socket) => {
      socket.end(
        `HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 9999\r\n\r\n${OK}`,
      );
    },
    write: 'unknown bad_answer',
    read: 'failed bad_answer',
  },
  {
    name: 'a body longer than its length',
    answer: (socket) => {
      socket.write(
        `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5\r\n\r\n${OK}`,
      );
    },
    write: 'unknown bad_answer',
    read: 'failed bad_answer',
  },
  {
    name: 'two lengths that differ',
    answer: (socket) => {
      socket.write(response(OK, 'HTTP/1.1 200 OK', 'content-length: 7\r\n'));
    },
    write: 'unknown bad_answer',
    read: 'failed bad_answer',
  },
  {
    name: 'a gzipped body',
    answer: (socket) => {
      const body = gzipSync(OK);
      socket.write(
        `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: ${body.length}\r\n\r\n`,
      );
      socket.write(body);
    },
    write: 'unknown bad_answer',
    read: 'failed bad_answer',
  },
  {
    name: 'HTML',
    answer: (socket) => {
      socket.write(response(OK).replace('application/json', 'text/html'));
    },
    write: 'unknown bad_answer',
    read: 'failed bad_answer',
  },
  {
    name: 'no body',
    answer: (socket) => {
      socket.write('HTTP/1.1 204 No Content\r\n\r\n');
    },
    write: 'unknown bad_answer',
    read: 'failed bad_answer',
  },
  {
    name: 'bytes that are no HTTP',
    answer: (socket) => {
      socket.write('hello there, this is not HTTP at all\r\n\r\n');
    },
    write: 'unknown bad_answer',
    read: 'failed bad_answer',
  },
  {
    name: 'HTTP/0.9 text',
    answer: (socket) => socket.end(OK),
    write: 'unknown bad_answer',
    read: 'failed bad_answer',
  },
  {
    name: 'status 000',
    answer: (socket) => {
      socket.write(response(OK, 'HTTP/1.1 000 Nothing'));
    },
    write: 'unknown bad_answer',
    read: 'failed bad_answer',
  },
  {
    name: 'status 999',
    answer: (socket) => {
      socket.write(response(OK, 'HTTP/1.1 999 Beyond'));
    },
    write: 'unknown bad_answer',
    read: 'failed bad_answer',
  },
  {
    name: 'a switch to another protocol',
    answer: (socket) => {
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: evil\r\n\r\n',
      );
    },
    write: 'unknown connection_lost',
    read: 'failed connection_lost',
  },
  {
    name: 'a 302 to another origin',
    answer: (socket) => {
      socket.write(response('{}', 'HTTP/1.1 302 Found', 'location: http://169.254.169.254/\r\n'));
    },
    write: 'unknown redirect_refused',
    read: 'failed redirect_refused',
  },
  {
    name: 'a 307 to another origin',
    answer: (socket) => {
      socket.write(
        response('{}', 'HTTP/1.1 307 Temporary', 'location: http://[::ffff:127.0.0.1]/\r\n'),
      );
    },
    write: 'failed redirect_refused',
    read: 'failed redirect_refused',
  },
  {
    name: 'an order id with CR and LF',
    answer: (socket) => {
      socket.write(response(JSON.stringify({ ...ORDER, id: 'o-1\r\nx-evil: 1' })));
    },
    write: 'unknown bad_answer',
    read: 'failed bad_answer',
  },
  {
    name: 'an order id that is a script',
    answer: (socket) => {
      socket.write(response(JSON.stringify({ ...ORDER, id: '"><script>alert(1)</script>' })));
    },
    write: 'unknown bad_answer',
    read: 'failed bad_answer',
  },
  {
    name: 'brackets nested 100,000 deep',
    answer: (socket) => {
      socket.write(response('['.repeat(100_000) + ']'.repeat(100_000)));
    },
    write: 'unknown bad_answer',
    read: 'failed bad_answer',
  },
  {
    name: 'a hundred early hints and then nothing',
    answer: (socket) => {
      socket.write('HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'.repeat(100));
    },
    write: 'unknown timeout',
    read: 'failed timeout',
  },
];

describe('a client of a hostile target', () => {
  for (const { name, answer, write, read } of HOSTILITIES) {
    it(`answers each call once and goes on working after ${name}`, async () => {
      let isHostile = true;
      const server = await serve((socket, request, connection) => {
        if (isHostile) answer(socket, request, connection);
        else socket.write(response(OK));
      });
      // Time stands still where nobody has to lose patience, so a slow machine changes nothing.
      const virtual = createVirtualClock(1_000_000);
      const client = clientOf(server.origin, { timeoutMs: 300 }, virtual);
      const isPatienceTested = write.includes('timeout');
      const ticking = clock.every(5, () => {
        if (isPatienceTested) virtual.advance(10);
      });
      const pair = ['order', 'orderStatus'] as const;
      const calls = await Promise.all(pair.map((operation) => execute(client, callOf(operation))));
      calls.push(await execute(client, callOf('order')));
      clock.cancel(ticking);
      expect(calls.map(({ outcome, reason }) => `${outcome} ${reason}`)).toEqual([
        write,
        read,
        write,
      ]);
      expect(calls.map(({ gotOrderId }) => gotOrderId)).toEqual(['', '', '']);

      isHostile = false;
      const after = await Promise.all([1, 2, 3, 4].map(() => execute(client, callOf('order'))));
      expect(after.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok', 'ok']);
      // The shop may still hold what the client has closed, so its own peak proves nothing here.
      expect(server.open()).toBeLessThanOrEqual(2);
      expect(client.stats().connectionsMax).toBeLessThanOrEqual(2);
    });
  }

  it('does not take a late answer of one call for the answer of the next', async () => {
    const asked: net.Socket[] = [];
    const server = await serve((socket, request) => {
      const key = /idempotency-key: (\S+)/.exec(request)?.[1] ?? '';
      asked.push(socket);
      if (asked.length === 1) return;
      asked[0]?.write(response(JSON.stringify({ ...ORDER, id: 'o-late' })));
      clock.after(20, () => socket.write(response(JSON.stringify({ ...ORDER, id: key }))));
    });
    const virtual = createVirtualClock(1_000_000);
    const client = clientOf(server.origin, { timeoutMs: 300, maxConnections: 1 }, virtual);
    const late = callOf('order', { key: 'k-late' });
    const ended = execute(client, late);
    while (asked.length === 0) await clock.sleep(1);
    virtual.advance(310);
    await ended;
    const next = await execute(client, callOf('order', { key: 'k-next' }));
    expect([late.outcome, late.reason, late.gotOrderId]).toEqual(['unknown', 'timeout', '']);
    expect([next.outcome, next.gotOrderId]).toEqual(['ok', 'k-next']);
  });

  it('ignores what a target sends without having been asked', async () => {
    let cut: Promise<unknown> = Promise.resolve();
    const server = await serve((socket) => {
      cut = once(socket, 'close');
      socket.write(response(OK));
      clock.after(5, () => socket.write(response(JSON.stringify({ ...ORDER, id: 'o-smuggled' }))));
    });
    const client = clientOf(server.origin, { maxConnections: 1 });
    for (let i = 0; i < 3; i++) {
      expect(await execute(client, callOf('order'))).toMatchObject({ gotOrderId: 'o-1' });
      // A request sent before it comes could not tell it from its own answer: nobody could.
      await cut;
    }
  });
});

describe('a client of a target that is not there', () => {
  async function freePort(): Promise<number> {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }

  it('knows that a write never left, and recovers once the target is there', async () => {
    const port = await freePort();
    const client = clientOf(`http://127.0.0.1:${port}`, { maxConnections: 1 });
    const call = await execute(client, callOf('order'));
    expect(call).toMatchObject({
      outcome: 'failed',
      reason: 'connect_failed',
      sentAtUs: 0,
      status: 0,
    });
    const server = net.createServer((socket) => {
      socket.on('data', () => socket.write(response(OK)));
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    opened.unshift({ close: () => new Promise((resolve) => server.close(resolve)) });
    expect(await execute(client, callOf('order'))).toMatchObject({ outcome: 'ok' });
  });

  it('cannot be opened, and the error says what to look at', async () => {
    const origin = `http://127.0.0.1:${await freePort()}`;
    const problem = await clientOf(origin)
      .open()
      .catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(EcomsimError);
    expect((problem as EcomsimError).code).toBe('TARGET_UNREACHABLE');
    expect((problem as EcomsimError).message).toContain(origin);
  });

  it('ends a call that waits for a connection in vain, as failed', async () => {
    const server = await serve(() => {});
    const virtual = createVirtualClock(1_000_000);
    const client = clientOf(server.origin, { maxConnections: 1, timeoutMs: 150 }, virtual);
    const sent = callOf('order');
    const waiting = callOf('order');
    const finished: Call[] = [];
    client.execute(sent, (call) => finished.push(call));
    client.execute(waiting, (call) => finished.push(call));
    while (sent.sentAtUs === 0) await clock.sleep(1);
    virtual.advance(145);
    expect(finished).toEqual([]);
    virtual.advance(15);
    expect(finished.length).toBe(2);
    expect([sent.outcome, sent.reason]).toEqual(['unknown', 'timeout']);
    expect([waiting.outcome, waiting.reason, waiting.sentAtUs]).toEqual(['failed', 'timeout', 0]);
  });
});

describe('closing a client', () => {
  it('ends what is in flight and what waits, each once, and leaves no connection', async () => {
    const server = await serve(() => {});
    const client = clientOf(server.origin, { maxConnections: 1 });
    const calls = [
      execute(client, callOf('order')),
      execute(client, callOf('order', { key: 'k-waiting' })),
    ];
    await clock.sleep(50);
    await client.close();
    const [sent, waiting] = await Promise.all(calls);
    expect([sent?.outcome, sent?.reason]).toEqual(['unknown', 'cut_off']);
    expect([waiting?.outcome, waiting?.reason]).toEqual(['failed', 'cut_off']);
    await clock.sleep(50);
    expect(server.open()).toBe(0);
    expect(client.stats().connectionsOpen).toBe(0);
    expect(await execute(client, callOf('order'))).toMatchObject({
      outcome: 'failed',
      reason: 'cut_off',
    });
    await client.close();
  });
});
