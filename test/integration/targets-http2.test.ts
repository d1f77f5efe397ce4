import { once } from 'node:events';
import http2, { type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import net, { type AddressInfo } from 'node:net';
import tls from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { createSystemClock } from '../../src/base/clock.ts';
import type { Call } from '../../src/contract/call.ts';
import { HttpClient, type HttpClientOptions } from '../../src/targets/http/http-client.ts';
import type { HttpRequest, Protocol } from '../../src/targets/http/protocol.ts';
import { AUTHORITY, certificate } from '../support/certificates.ts';
import { execute as executeOn, verdict } from '../support/hostile-server.ts';

const clock = createSystemClock();
const BODY = JSON.stringify({ id: 'o-1', status: 'confirmed' });

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

type OnStream = (
  stream: ServerHttp2Stream,
  headers: http2.IncomingHttpHeaders,
  session: ServerHttp2Session,
) => void;

interface Serving {
  readonly origin: string;
  readonly sessions: Set<ServerHttp2Session>;
  accepted: number;
  peakStreams: number;
}

const reply = (stream: ServerHttp2Stream, body = BODY, status = 200): void => {
  stream.respond({ ':status': status, 'content-type': 'application/json' });
  stream.end(body);
};

async function serve(
  onStream: OnStream,
  { secure = false, settings = {} }: { secure?: boolean; settings?: http2.Settings } = {},
): Promise<Serving> {
  const options = { settings, ...certificate('good') };
  const server = secure ? http2.createSecureServer(options) : http2.createServer({ settings });
  const sessions = new Set<ServerHttp2Session>();
  const serving = { origin: '', sessions, accepted: 0, peakStreams: 0 };
  let streams = 0;
  server.on('session', (session) => {
    serving.accepted++;
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    session.on('error', () => {});
  });
  server.on('stream', (stream: ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => {
    serving.peakStreams = Math.max(serving.peakStreams, ++streams);
    stream.on('close', () => streams--);
    stream.on('error', () => {});
    onStream(stream, headers, stream.session as ServerHttp2Session);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push({
    close: () => {
      for (const session of sessions) session.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  });
  const { port } = server.address() as AddressInfo;
  serving.origin = `${secure ? 'https' : 'http'}://localhost:${port}`;
  return serving;
}

/** Sends what the test says; any complete 2xx with JSON is fine. */
function protocolOf(fields: Partial<HttpRequest> = {}): Protocol {
  return {
    warmupPath: '/healthz',
    encode: (_call, request) => {
      Object.assign(request, { method: 'GET', path: '/', headers: [], body: null }, fields);
      return true;
    },
    decode: (call, answer) => {
      call.outcome = answer.json(false) === undefined ? 'unknown' : 'ok';
      call.reason = call.outcome === 'ok' ? 'none' : 'bad_answer';
    },
  };
}

function clientOf(
  origin: string,
  options: Partial<HttpClientOptions> = {},
  request: Partial<HttpRequest> = {},
): HttpClient {
  const client = new HttpClient(
    {
      origin,
      maxConnections: 4,
      timeoutMs: 20_000,
      http: '2',
      tls: { ca: AUTHORITY, insecure: false },
      ...options,
    },
    protocolOf(request),
    clock,
  );
  opened.push(client);
  return client;
}

const execute = (client: HttpClient, fields: Partial<Call> = {}): Promise<Call> =>
  executeOn(client, clock, fields);

describe('a client over HTTP/2', () => {
  for (const secure of [false, true]) {
    it(`sends the request and takes the answer ${secure ? 'over TLS' : 'without TLS'}`, async () => {
      const seen: http2.IncomingHttpHeaders[] = [];
      const bodies: string[] = [];
      const server = await serve(
        (stream, headers) => {
          seen.push(headers);
          stream.setEncoding('utf8');
          let body = '';
          stream.on('data', (text: string) => {
            body += text;
          });
          stream.on('end', () => {
            bodies.push(body);
            reply(stream, BODY, 201);
          });
        },
        { secure },
      );
      const request: Partial<HttpRequest> = {
        method: 'POST',
        path: '/api/orders?x=1',
        headers: ['Idempotency-Key', 'k-1', 'content-type', 'application/json', 'host', 'other'],
        body: '{"a":1}',
      };
      const call = await execute(clientOf(server.origin, {}, request));
      expect(verdict(call)).toBe('ok none');
      expect(call).toMatchObject({ status: 201, bytesReceived: BODY.length });
      expect(call.connectUs).toBeGreaterThan(0);
      const instants = [call.sentAtUs, call.firstByteAtUs, call.doneAtUs];
      expect(instants).toEqual([...instants].sort((a, b) => a - b));
      expect(bodies).toEqual(['{"a":1}']);
      expect(seen[0]).toMatchObject({
        ':method': 'POST',
        ':path': '/api/orders?x=1',
        ':authority': new URL(server.origin).host,
        ':scheme': secure ? 'https' : 'http',
        'idempotency-key': 'k-1',
      });
      expect(seen[0]).not.toHaveProperty('host');
      expect(seen[0]).not.toHaveProperty('accept-encoding');
    });
  }

  it('shares one connection between many requests, and never exceeds its bound', async () => {
    const server = await serve((stream) => clock.after(5, () => reply(stream)));
    const client = clientOf(server.origin, { maxConnections: 40 });
    await client.open();
    const calls = await Promise.all(Array.from({ length: 200 }, () => execute(client)));
    expect(calls.every(({ outcome }) => outcome === 'ok')).toBe(true);
    expect(server.peakStreams).toBeLessThanOrEqual(40);
    expect(server.peakStreams).toBeGreaterThan(8);
    expect(server.accepted).toBe(2);
    expect(client.stats()).toMatchObject({ connectionsOpened: 2, connectionsMax: 2, waits: 160 });
  });

  it('keeps to the number of requests at a time that the target allows', async () => {
    const server = await serve((stream) => clock.after(2, () => reply(stream)), {
      settings: { maxConcurrentStreams: 3 },
    });
    const client = clientOf(server.origin, { maxConnections: 20 });
    const calls = await Promise.all(Array.from({ length: 60 }, () => execute(client)));
    expect(new Set(calls.map(verdict))).toEqual(new Set(['ok none']));
    expect(server.peakStreams).toBe(3);
    expect(server.accepted).toBe(1);
  });

  it('gives every shopper a connection where that is asked for', async () => {
    const server = await serve((stream) => reply(stream));
    const client = clientOf(server.origin, { connectionPerShopper: true });
    for (const slot of [0, 1, 0, 1, 2]) await execute(client, { slot });
    expect(server.accepted).toBe(3);
    client.release(1);
    while (server.sessions.size > 2) await clock.sleep(1);
    await execute(client, { slot: 1 });
    expect(server.accepted).toBe(4);
  });

  it('makes a new connection when the target said that it leaves', async () => {
    const server = await serve((stream, _headers, session) => {
      reply(stream);
      session.goaway();
    });
    const client = clientOf(server.origin, { maxConnections: 1 });
    for (let i = 0; i < 3; i++) {
      expect(verdict(await execute(client))).toBe('ok none');
      await clock.sleep(10);
    }
    expect(server.accepted).toBeGreaterThan(1);
  });

  it('is told plainly when the target speaks only HTTP/1.1, with TLS and without', async () => {
    const plain = net.createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () =>
        socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n'),
      );
    });
    const secure = tls.createServer({ ...certificate('good'), ALPNProtocols: ['http/1.1'] });
    const silent = tls.createServer(certificate('good'));
    const servers = [plain, secure, silent];
    for (const server of servers) {
      server.on('tlsClientError', () => {});
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      opened.push(server);
      const { port } = server.address() as AddressInfo;
      const scheme = server === plain ? 'http' : 'https';
      const client = clientOf(`${scheme}://localhost:${port}`);
      const call = await execute(client);
      expect(verdict(call)).toBe('failed connect_failed');
      const problem = await client.open().catch((error: Error) => error);
      expect(String(problem)).toMatch(/HTTP\/2|protocol/i);
    }
  });
});

describe('a client of a hostile target over HTTP/2', () => {
  const HOSTILE: readonly (readonly [string, OnStream, string])[] = [
    ['no answer', () => {}, 'unknown timeout'],
    ['a reset instead of an answer', (stream) => stream.close(2), 'unknown connection_lost'],
    ['a refusal of the stream', (stream) => stream.close(7), 'failed connect_failed'],
    [
      'an endless body',
      (stream) => {
        stream.respond({ ':status': 200, 'content-type': 'application/json' });
        const push = (): void => {
          while (!stream.destroyed && stream.write(Buffer.alloc(65_536, 0x5b)));
          if (!stream.destroyed) stream.once('drain', push);
        };
        push();
      },
      'unknown answer_too_large',
    ],
    [
      'a header of 40 kB',
      (stream) => {
        stream.respond({ ':status': 200, 'x-big': 'x'.repeat(40_000) });
        stream.end(BODY);
      },
      'unknown answer_too_large',
    ],
    [
      'a body shorter than its length',
      (stream) => {
        stream.respond({
          ':status': 200,
          'content-type': 'application/json',
          'content-length': 99,
        });
        stream.end(BODY);
      },
      'unknown bad_answer',
    ],
    [
      'a body that stops half way',
      (stream) => {
        stream.respond({ ':status': 200, 'content-type': 'application/json' });
        stream.write(BODY.slice(0, 10));
      },
      'unknown timeout',
    ],
    [
      'a reset in the middle of the body',
      (stream) => {
        stream.respond({ ':status': 200, 'content-type': 'application/json' });
        stream.write(BODY.slice(0, 10), () => stream.destroy(new Error('broken')));
      },
      'unknown connection_lost',
    ],
    [
      'the end of the whole connection',
      (_stream, _headers, session) => session.destroy(),
      'unknown connection_lost',
    ],
    ['a body that is no JSON', (stream) => reply(stream, '<html>'), 'unknown bad_answer'],
  ];

  for (const [name, answer, expected] of HOSTILE) {
    it(`survives ${name}, and goes on`, async () => {
      let hostile = true;
      const server = await serve((stream, headers, session) => {
        if (hostile) answer(stream, headers, session);
        else reply(stream);
      });
      const client = clientOf(server.origin, { maxConnections: 2, timeoutMs: 300 });
      expect(verdict(await execute(client))).toBe(expected);
      hostile = false;
      for (let i = 0; i < 3; i++)
        expect(verdict(await execute(client, { timeoutMs: 5000 }))).toBe('ok none');
      expect(client.stats().connectionsMax).toBeLessThanOrEqual(2);
    });
  }

  it('sends nothing that would end a header early', async () => {
    let requests = 0;
    const server = await serve((stream) => {
      requests++;
      reply(stream);
    });
    for (const request of [
      { headers: ['x-session', 'a\r\nhost: evil'] },
      { headers: ['x-session', 'a\0b'] },
      { headers: ['x-session\n', 'a'] },
      { path: '/a\r\nx: y' },
      { path: '/a b' },
      { path: 'http://elsewhere/' },
    ]) {
      const call = await execute(clientOf(server.origin, {}, request));
      expect([request, verdict(call)]).toEqual([request, 'failed bad_request']);
    }
    expect(requests).toBe(0);
  });

  it('ends what is in flight when it is closed, each once, and leaves no connection', async () => {
    const server = await serve(() => {});
    const client = clientOf(server.origin, { maxConnections: 1 });
    const calls = [execute(client), execute(client)];
    await clock.sleep(100);
    await client.close();
    expect((await Promise.all(calls)).map(verdict)).toEqual(['unknown cut_off', 'failed cut_off']);
    while (server.sessions.size > 0) await clock.sleep(1);
    expect(client.stats().connectionsOpen).toBe(0);
  });
});
