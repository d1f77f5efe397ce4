import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net, { type AddressInfo, type Server, type Socket } from 'node:net';
import tls from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { type Clock, createSystemClock, createVirtualClock } from '../../src/base/clock.ts';
import { type Call, createCall } from '../../src/contract/call.ts';
import { HttpClient, type HttpClientOptions } from '../../src/targets/http/http-client.ts';
import type { Protocol } from '../../src/targets/http/protocol.ts';

const clock = createSystemClock();
const certificate = (name: string): string =>
  readFileSync(new URL(`../support/certificates/${name}.pem`, import.meta.url), 'utf8');

const OK = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
const answerOf = (body: string, more = ''): string =>
  `${OK}${more}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

const opened: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

/** `answer` is called for each piece of a request that arrives. */
async function serve(
  answer: (socket: Socket, text: string, connection: number) => void,
  create: (listener: (socket: Socket) => void) => Server = (listener) => net.createServer(listener),
): Promise<number> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = create((socket) => {
    const connection = connections++;
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk) => answer(socket, chunk.toString('utf8'), connection));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

/** Answers come out in `gotOrderId`, as they are. */
const echo: Protocol = {
  warmupPath: '/healthz',
  encode: (call, request) => {
    request.method = 'POST';
    request.path = '/echo';
    request.headers = ['content-type', 'application/json'];
    request.body = JSON.stringify(call.key);
    return true;
  },
  decode: (call, answer) => {
    call.outcome = 'ok';
    call.gotOrderId = JSON.stringify(answer.json(true)) ?? '';
  },
};

function clientOf(origin: string, options: Partial<HttpClientOptions> = {}, time: Clock = clock) {
  const client = new HttpClient(
    { origin, maxConnections: 1, timeoutMs: 20_000, ...options },
    echo,
    time,
  );
  opened.push(() => client.close());
  return client;
}

function execute(client: HttpClient, key: string): Promise<Call> {
  const call = { ...createCall(), operation: 'order' as const, key };
  return new Promise((resolve) => client.execute(call, resolve));
}

const bodyOf = (text: string): string => text.slice(text.indexOf('\r\n\r\n') + 4);

describe('our own HTTP/1.1 connection', () => {
  it('carries text of any script both ways, over TLS as well', async () => {
    const secure = (listener: (socket: Socket) => void): Server =>
      tls.createServer({ cert: certificate('good'), key: certificate('good-key') }, listener);
    const answer = (socket: Socket, text: string): void => {
      socket.write(answerOf(bodyOf(text)));
    };
    const origins = [
      `http://127.0.0.1:${await serve(answer)}`,
      `https://127.0.0.1:${await serve(answer, secure)}`,
    ];
    for (const origin of origins) {
      const client = clientOf(origin, { tls: { ca: certificate('authority'), insecure: false } });
      for (const key of ['plain', 'Füße €5', '商品 🛒', 'a'.repeat(5000)]) {
        const call = await execute(client, key);
        expect(call.outcome).toBe('ok');
        expect(call.gotOrderId === JSON.stringify(key)).toBe(true);
      }
      expect(client.stats().connectionsOpened).toBe(1);
    }
  });

  it('reads bodies that come in many pieces, larger than what is read at once', async () => {
    const large = JSON.stringify('x'.repeat(300_000));
    const port = await serve((socket) => socket.write(answerOf(large)));
    const client = clientOf(`http://127.0.0.1:${port}`);
    for (let i = 0; i < 3; i++) {
      const call = await execute(client, 'k');
      expect(call.gotOrderId === large).toBe(true);
      expect(call.bytesReceived).toBe(large.length);
    }
  });

  it('takes an answer that lasts until the close, and connects again for the next', async () => {
    const port = await serve((socket) => socket.end(`${OK}\r\n{"a":1}`));
    const client = clientOf(`http://127.0.0.1:${port}`);
    for (let i = 0; i < 3; i++) expect((await execute(client, 'k')).gotOrderId).toBe('{"a":1}');
    expect(client.stats()).toMatchObject({ connectionsOpened: 3, connectionsMax: 1 });
  });

  it.each([
    ['announced that it would close', 'connection: close\r\n', ''],
    ['sent more than it was asked for', '', 'HTTP/1.1 200 OK\r\n'],
  ])('is not used again once the target has %s', async (_name, field, excess) => {
    const seen: number[] = [];
    const port = await serve((socket, _text, connection) => {
      seen.push(connection);
      socket.write(answerOf('{"a":1}', field) + excess);
    });
    const client = clientOf(`http://127.0.0.1:${port}`);
    for (let i = 0; i < 3; i++) expect((await execute(client, 'k')).gotOrderId).toBe('{"a":1}');
    expect(seen).toEqual([0, 1, 2]);
  });

  it('is not used again after the time for which the target keeps it', async () => {
    const seen: number[] = [];
    const port = await serve((socket, _text, connection) => {
      seen.push(connection);
      socket.write(answerOf('{}', 'keep-alive: timeout=5\r\n'));
    });
    const virtual = createVirtualClock(1_000_000);
    const client = clientOf(`http://127.0.0.1:${port}`, {}, virtual);
    await execute(client, 'k');
    virtual.advance(3900);
    await execute(client, 'k');
    virtual.advance(4100);
    await execute(client, 'k');
    expect(seen).toEqual([0, 0, 1]);
  });

  it('counts what it sent and how long it waited to be connected', async () => {
    let bytes = 0;
    const port = await serve((socket, text) => {
      bytes = Buffer.byteLength(text);
      socket.write(answerOf('{}'));
    });
    const client = clientOf(`http://127.0.0.1:${port}`);
    const first = await execute(client, 'k€');
    expect(first.bytesSent).toBe(bytes);
    expect(first.connectUs).toBeGreaterThan(0);
    expect((await execute(client, 'k')).connectUs).toBe(0);
  });
});
