// A server that speaks whatever a test wants, byte by byte, over TCP or TLS; and what a test asks
// of a load client that has to survive it.
import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import tls from 'node:tls';
import type { Clock } from '../../src/base/clock.ts';
import { type Call, createCall, type LoadClient } from '../../src/contract/call.ts';
import type { HttpRequest, Protocol } from '../../src/targets/http/protocol.ts';
import { type CertificateName, certificate } from './certificates.ts';

/** How a request is answered, by its text as it arrived. */
export type Answerer = (socket: Socket, request: string, connection: number) => void;

export interface HostileServer {
  readonly origin: string;
  readonly port: number;
  /** Connections that were ever made. */
  accepted(): number;
  /** Connections that are open. */
  open(): number;
  close(): Promise<void>;
}

export async function startHostileServer(
  answer: Answerer,
  secured?: CertificateName,
): Promise<HostileServer> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  const serve = (socket: Socket): void => {
    const connection = accepted++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let pending = '';
    socket.on('data', (chunk) => {
      pending += chunk.toString('latin1');
      for (;;) {
        const head = pending.indexOf('\r\n\r\n');
        if (head < 0) return;
        const length = Number(/content-length: (\d+)/i.exec(pending.slice(0, head))?.[1] ?? 0);
        const end = head + 4 + length;
        if (pending.length < end) return;
        const request = pending.slice(0, end);
        pending = pending.slice(end);
        answer(socket, request, connection);
      }
    });
  };
  const server =
    secured === undefined
      ? net.createServer(serve)
      : tls.createServer(certificate(secured), serve).on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `${secured === undefined ? 'http' : 'https'}://localhost:${port}`,
    port,
    accepted: () => accepted,
    open: () => sockets.size,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A complete answer with a JSON body. */
export function response(body: string | Buffer, headers = '', status = '200 OK'): Buffer {
  const bytes = Buffer.from(body);
  const head =
    `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\n` +
    `content-length: ${bytes.length}\r\n${headers}\r\n`;
  return Buffer.concat([Buffer.from(head), bytes]);
}

/** Sends what the test says; any answer that holds JSON is fine. */
export function plainProtocol(fields: Partial<HttpRequest> = {}): Protocol {
  return {
    warmupPath: '/healthz',
    encode: (_call, request) => {
      Object.assign(request, { method: 'GET', path: '/', headers: [], body: null }, fields);
      return true;
    },
    decode: (call, answer) => {
      const body = answer.json(true);
      call.outcome = body === undefined ? 'unknown' : 'ok';
      call.reason = body === undefined ? 'bad_answer' : 'none';
      call.gotOrderId = String((body as { id?: unknown } | undefined)?.id ?? '');
    },
  };
}

/** Fails when `done` comes twice, or before `execute` has returned. */
export function execute(
  client: LoadClient,
  clock: Clock,
  fields: Partial<Call> = {},
): Promise<Call> {
  const call: Call = { ...createCall(), operation: 'order', ...fields };
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

export const verdict = ({ outcome, reason }: Call): string => `${outcome} ${reason}`;
