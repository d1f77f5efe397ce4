import type { Socket } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { type Clock, createSystemClock, createVirtualClock } from '../../src/base/clock.ts';
import type { EcomsimError } from '../../src/base/errors.ts';
import { HttpClient, type HttpClientOptions } from '../../src/targets/http/http-client.ts';
import type { HttpRequest } from '../../src/targets/http/protocol.ts';
import { AUTHORITY, type CertificateName } from '../support/certificates.ts';
import {
  type Answerer,
  execute,
  type HostileServer,
  plainProtocol,
  response,
  startHostileServer,
  verdict,
} from '../support/hostile-server.ts';

const clock = createSystemClock();
const OK = JSON.stringify({ id: 'o-1' });

const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

async function serve(answer: Answerer, secured?: CertificateName): Promise<HostileServer> {
  const server = await startHostileServer(answer, secured);
  opened.push(server);
  return server;
}

function clientOf(
  origin: string,
  options: Partial<HttpClientOptions> = {},
  request: Partial<HttpRequest> = {},
  clientClock: Clock = clock,
): HttpClient {
  const client = new HttpClient(
    { origin, maxConnections: 1, timeoutMs: 20_000, ...options },
    plainProtocol(request),
    clientClock,
  );
  opened.push(client);
  return client;
}

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n';
const MINUTES = 60_000;

describe('a client of a target that answers slowly', () => {
  /** How far time had to go until the call was over; the deadline is ten minutes away. */
  async function patience(answer: Answerer, minBytesPerSec: number): Promise<[string, number]> {
    const server = await serve(answer);
    const virtual = createVirtualClock(1_000_000);
    const options = { timeoutMs: 10 * MINUTES, minBytesPerSec };
    const client = clientOf(server.origin, options, {}, virtual);
    let isOver = false;
    let passedMs = 0;
    const ticking = clock.every(2, () => {
      if (isOver) return;
      virtual.advance(1000);
      passedMs += 1000;
    });
    const call = await execute(client, clock).finally(() => {
      isOver = true;
    });
    clock.cancel(ticking);
    expect(client.stats().slowAnswers).toBe(passedMs < 10 * MINUTES ? 1 : 0);
    return [verdict(call), passedMs];
  }

  const drip =
    (first: string): Answerer =>
    (socket) => {
      socket.write(first);
      const next = (): void => {
        if (socket.destroyed) return;
        socket.write('x');
        clock.after(2, next);
      };
      next();
    };

  it('ends a drip of a byte a second within the header, long before the deadline', async () => {
    const [ending, passedMs] = await patience(drip('HTTP/1.1 200 OK\r\nx-slow: '), 32);
    expect(ending).toBe('unknown timeout');
    expect(passedMs).toBeLessThan(MINUTES);
  });

  it('ends a drip of a byte a second within the body', async () => {
    const [ending, passedMs] = await patience(drip(HEAD), 32);
    expect(ending).toBe('unknown timeout');
    expect(passedMs).toBeLessThan(MINUTES);
  });

  it('ends an answer that stops half way', async () => {
    const [ending, passedMs] = await patience((socket) => socket.write(`${HEAD}[`), 32);
    expect(ending).toBe('unknown timeout');
    expect(passedMs).toBeLessThan(MINUTES);
  });

  it('is patient until the deadline where no rate is asked for, or no byte has come', async () => {
    const unlimited = await patience((socket) => socket.write(`${HEAD}[`), 0);
    const silent = await patience(() => {}, 32);
    for (const [ending, passedMs] of [unlimited, silent]) {
      expect(ending).toBe('unknown timeout');
      expect(passedMs).toBeGreaterThanOrEqual(10 * MINUTES);
    }
  });

  it('takes an answer that comes fast after a long silence', async () => {
    const asked: Socket[] = [];
    const server = await serve((socket) => asked.push(socket));
    const virtual = createVirtualClock(1_000_000);
    const client = clientOf(server.origin, { timeoutMs: 10 * MINUTES }, {}, virtual);
    const call = execute(client, clock);
    while (asked.length === 0) await clock.sleep(1);
    virtual.advance(5 * MINUTES);
    asked[0]?.write(response(OK));
    expect(verdict(await call)).toBe('ok none');
    expect(client.stats().slowAnswers).toBe(0);
  });

  it('lets one call be less patient than the others', async () => {
    const server = await serve(() => {});
    const virtual = createVirtualClock(1_000_000);
    const client = clientOf(server.origin, { maxConnections: 2 }, {}, virtual);
    const patient = execute(client, clock);
    const hasty = execute(client, clock, { timeoutMs: 50 });
    const late = execute(client, clock, { timeoutMs: 60 });
    await clock.sleep(30);
    virtual.advance(70);
    // Failed where a busy machine had not even connected by then.
    const timedOut = /^(failed|unknown) timeout$/;
    expect(verdict(await hasty)).toMatch(timedOut);
    expect(verdict(await late)).toMatch(timedOut);
    virtual.advance(20_100);
    expect(verdict(await patient)).toMatch(timedOut);
  });
});

describe('a client of a target that sends too much', () => {
  const endless =
    (head: string, piece: string): Answerer =>
    (socket) => {
      socket.write(head);
      const push = (): void => {
        while (!socket.destroyed && socket.write(piece));
        if (!socket.destroyed) socket.once('drain', push);
      };
      push();
    };
  const CHUNKED = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked';
  const TOO_MUCH: readonly (readonly [string, Answerer])[] = [
    ['a header of 1 MB', (s) => s.write(response(OK, `x-big: ${'x'.repeat(1_000_000)}\r\n`))],
    ['endless headers', endless('HTTP/1.1 200 OK\r\n', `x-more: ${'y'.repeat(1000)}\r\n`)],
    ['an endless status line', endless('HTTP/1.1 200 ', 'O'.repeat(65_536))],
    ['an endless body', endless(`${CHUNKED}\r\n\r\n`, `10000\r\n${'['.repeat(65_536)}\r\n`)],
    ['a body without length or end', endless('HTTP/1.1 200 OK\r\n\r\n', ' '.repeat(65_536))],
    ['endless trailers', endless(`${CHUNKED}\r\n\r\n0\r\n`, `x-more: ${'y'.repeat(1000)}\r\n`)],
    ['an endless chunk extension', endless(`${CHUNKED}\r\n\r\n5;a=`, 'z'.repeat(65_536))],
    [
      'endless early hints',
      endless('', `HTTP/1.1 103 Early Hints\r\nx: ${'y'.repeat(1000)}\r\n\r\n`),
    ],
  ];
  for (const [name, answer] of TOO_MUCH) {
    it(`ends ${name} without keeping it, and goes on`, async () => {
      let hostile = true;
      const server = await serve((socket, request, connection) => {
        if (hostile) answer(socket, request, connection);
        else socket.write(response(OK));
      });
      const client = clientOf(server.origin);
      const before = process.memoryUsage().rss;
      expect(verdict(await execute(client, clock))).toMatch(
        /^unknown (answer_too_large|bad_answer)$/,
      );
      expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
      hostile = false;
      expect(verdict(await execute(client, clock))).toBe('ok none');
    });
  }
});

describe('a client that asked for compression', () => {
  const packed = (coding: string, body: Buffer): Buffer =>
    response(body, `content-encoding: ${coding}\r\n`);
  const asking = { compression: true };

  it('asks for it, takes one layer of it, and counts what came over the wire', async () => {
    const bodies: Readonly<Record<string, Buffer>> = {
      gzip: gzipSync(OK),
      'x-gzip': gzipSync(OK),
      GZIP: gzipSync(OK),
      deflate: deflateSync(OK),
      ' deflate ': deflateRawSync(OK),
      br: brotliCompressSync(OK),
      identity: Buffer.from(OK),
    };
    const asked: string[] = [];
    for (const [coding, body] of Object.entries(bodies)) {
      const server = await serve((socket, request) => {
        asked.push(request);
        socket.write(packed(coding, body));
      });
      const call = await execute(clientOf(server.origin, asking), clock);
      expect([coding, verdict(call), call.gotOrderId, call.bytesReceived]).toEqual([
        ...[coding, 'ok none', 'o-1', body.length],
      ]);
    }
    expect(asked.every((request) => /accept-encoding: gzip, deflate, br\r\n/.test(request))).toBe(
      true,
    );
  });

  it('does not ask for it unless told to, and then takes none', async () => {
    const asked: string[] = [];
    const server = await serve((socket, request) => {
      asked.push(request);
      socket.write(packed('gzip', gzipSync(OK)));
    });
    const client = clientOf(server.origin);
    expect(verdict(await execute(client, clock))).toBe('unknown bad_answer');
    expect(asked[0]).not.toMatch(/accept-encoding/i);
  });

  const million = Buffer.from(`"${'0'.repeat(50_000_000)}"`);
  const BOMBS: readonly (readonly [string, () => Buffer, string])[] = [
    ['a gzip bomb', () => packed('gzip', gzipSync(million)), 'answer_too_large'],
    ['a brotli bomb', () => packed('br', brotliCompressSync(million)), 'answer_too_large'],
    ['a deflate bomb', () => packed('deflate', deflateSync(million)), 'answer_too_large'],
    [
      'more than a hundred times what was sent',
      () => packed('gzip', gzipSync(Buffer.from(`"${'0'.repeat(1_000_000)}"`))),
      'answer_too_large',
    ],
    ['two layers', () => packed('gzip, gzip', gzipSync(gzipSync(OK))), 'bad_answer'],
    [
      'two layers in two headers',
      () => response(gzipSync(gzipSync(OK)), 'content-encoding: gzip\r\n'.repeat(2)),
      'bad_answer',
    ],
    [
      'a thousand layers',
      () => packed(new Array(1000).fill('gzip').join(','), gzipSync(OK)),
      'bad_answer',
    ],
    ['a coding that nobody asked for', () => packed('zstd', Buffer.from(OK)), 'bad_answer'],
    ['a layer that is broken', () => packed('gzip', gzipSync(OK).subarray(0, 20)), 'bad_answer'],
    ['a layer that is not there', () => packed('br', Buffer.from(OK)), 'bad_answer'],
  ];
  for (const [name, bytes, reason] of BOMBS) {
    it(`refuses ${name}, and goes on`, async () => {
      const answers = [bytes(), response(OK)];
      const server = await serve((socket) => socket.write(answers.shift() ?? response(OK)));
      const client = clientOf(server.origin, asking);
      expect(verdict(await execute(client, clock))).toBe(`unknown ${reason}`);
      expect(verdict(await execute(client, clock))).toBe('ok none');
    });
  }
});

describe('a client of a target that redirects', () => {
  it('follows nothing, wherever it leads', async () => {
    const trap = await serve((socket) => socket.write(response(OK)));
    const locations = [
      `http://127.0.0.1:${trap.port}/`,
      `http://localhost:${trap.port}/`,
      `//localhost:${trap.port}/`,
      `http://[::ffff:127.0.0.1]:${trap.port}/`,
      `http://2130706433:${trap.port}/`,
      `http://0177.0.0.1:${trap.port}/`,
      `http://user:pass@127.0.0.1:${trap.port}/`,
      `http://example.org@127.0.0.1:${trap.port}/`,
      'http://169.254.169.254/latest/meta-data/',
      '/elsewhere',
      '',
    ];
    let location = '';
    let status = '';
    const paths: string[] = [];
    const server = await serve((socket, request) => {
      paths.push(request.split(' ')[1] ?? '');
      socket.write(
        response('{}', `location: ${location}\r\nrefresh: 0;url=${location}\r\n`, status),
      );
    });
    const client = clientOf(server.origin);
    for (status of ['300 X', '301 X', '302 X', '303 X', '305 X', '307 X', '308 X']) {
      for (location of locations) await execute(client, clock);
    }
    expect(trap.accepted()).toBe(0);
    expect(new Set(paths)).toEqual(new Set(['/']));
    expect(paths.length).toBe(7 * locations.length);
  });
});

describe('a client whose target answers more than it was asked', () => {
  const evil = response(JSON.stringify({ id: 'evil' }));
  const SMUGGLED: readonly (readonly [string, Answerer])[] = [
    ['a second answer behind the first', (s) => s.write(Buffer.concat([response(OK), evil]))],
    [
      'half of a second answer',
      (s) => s.write(Buffer.concat([response(OK), evil.subarray(0, 30)])),
    ],
    [
      'a second answer a moment later',
      (s) => {
        s.write(response(OK));
        clock.after(5, () => s.write(evil));
      },
    ],
    ['garbage behind the answer', (s) => s.write(Buffer.concat([response(OK), Buffer.from('xx')]))],
  ];
  for (const [name, answer] of SMUGGLED) {
    it(`never takes ${name} for the next one, and leaves the connection`, async () => {
      let asked = 0;
      const server = await serve((socket, request, connection) => {
        if (asked++ === 0) answer(socket, request, connection);
        else socket.write(response(JSON.stringify({ id: `o-${asked}` })));
      });
      const client = clientOf(server.origin);
      await execute(client, clock);
      const next = await execute(client, clock);
      const last = await execute(client, clock);
      expect([next.gotOrderId, last.gotOrderId]).not.toContain('evil');
      expect(last.gotOrderId).toMatch(/^o-\d$/);
      expect(server.accepted()).toBeGreaterThan(1);
      while (server.open() > 1) await clock.sleep(1);
    });
  }
});

describe('a client that is given a request with line ends in it', () => {
  it('does not send it', async () => {
    const seen: string[] = [];
    const server = await serve((socket, request) => {
      seen.push(request);
      socket.write(response(OK));
    });
    for (const request of [
      { headers: ['x-session', 'a\r\nx-evil: 1'] },
      { headers: ['x-session', 'a\nx-evil: 1'] },
      { headers: ['x-session', 'a\0'] },
      { headers: ['x-session\r\nx-evil', '1'] },
      { path: '/a\r\nx-evil: 1' },
      { path: '/a b' },
      { path: '/\0' },
    ]) {
      const call = await execute(clientOf(server.origin, {}, request), clock);
      expect([request, verdict(call)]).toEqual([request, 'failed bad_request']);
    }
    expect(seen).toEqual([]);
  });
});

describe('a client over TLS', () => {
  const healthy: Answerer = (socket) => socket.write(response(OK));
  const trusting = { tls: { ca: AUTHORITY, insecure: false } };

  it('keeps its connections and counts them', async () => {
    const server = await serve(healthy, 'good');
    const client = clientOf(server.origin, { ...trusting, maxConnections: 4 });
    await client.open();
    const calls = await Promise.all(Array.from({ length: 20 }, () => execute(client, clock)));
    expect(new Set(calls.map(verdict))).toEqual(new Set(['ok none']));
    expect(server.accepted()).toBe(4);
    expect(client.stats()).toMatchObject({ connectionsOpened: 4, connectionsMax: 4 });
  });

  const REFUSED: readonly (readonly [CertificateName, RegExp])[] = [
    ['self-signed', /self-signed certificate.*certificate was not accepted/],
    ['expired', /certificate has expired.*certificate was not accepted/],
    ['wrong-name', /altnames.*certificate was not accepted/i],
  ];
  for (const [name, message] of REFUSED) {
    it(`sends nothing to a server whose certificate is ${name}, and says why`, async () => {
      let requests = 0;
      const server = await serve((socket) => {
        requests++;
        socket.write(response(OK));
      }, name);
      const client = clientOf(server.origin, trusting);
      expect(verdict(await execute(client, clock))).toBe('failed connect_failed');
      const problem = (await client.open().catch((error: unknown) => error)) as EcomsimError;
      expect(problem.code).toBe('TARGET_UNREACHABLE');
      expect(problem.message).toMatch(message);
      expect(requests).toBe(0);
      const insecure = clientOf(server.origin, { tls: { ca: '', insecure: true } });
      expect(verdict(await execute(insecure, clock))).toBe('ok none');
    });
  }
});

describe('a client of a target at an address that may not be loaded', () => {
  it('does not open, and says what the address is', async () => {
    for (const origin of ['http://10.1.2.3:80', 'https://169.254.169.254', 'http://8.8.8.8']) {
      const client = clientOf(origin);
      const problem = (await client.open().catch((error: unknown) => error)) as EcomsimError;
      expect([origin, problem.code]).toEqual([origin, 'EGRESS_REFUSED']);
      expect(problem.exitCode).toBe(104);
    }
  });

  it('fails each call without sending it, and counts the refusals', async () => {
    let answers = 0;
    const server = await serve((socket) => socket.end(response(OK, 'connection: close\r\n')));
    const client = clientOf(`http://shop.test:${server.port}`, {
      resolve: (_host, answer) =>
        answer(null, [{ address: answers++ === 0 ? '127.0.0.1' : '10.0.0.1', family: 4 }]),
    });
    expect(verdict(await execute(client, clock))).toBe('ok none');
    for (let i = 0; i < 3; i++) {
      const call = await execute(client, clock);
      expect([verdict(call), call.sentAtUs]).toEqual(['failed connect_failed', 0]);
    }
    expect(client.stats().egressRefused).toBe(3);
    expect(server.accepted()).toBe(1);
  });
});
