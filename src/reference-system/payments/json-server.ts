/** A bare JSON server on loopback: what the payment gateway needs and no more. */
import http from 'node:http';
import { messageOf } from '../../base/errors.ts';
import { listenOnLoopback } from '../loopback.ts';

const BODY_LIMIT_BYTES = 64 * 1024;
const HEADER_LIMIT_BYTES = 16 * 1024;
/** Longer than any client keeps an idle connection, so that no request meets a closing one. */
const KEEP_ALIVE_MS = 75_000;

export interface JsonRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: http.IncomingHttpHeaders;
  /** Undefined when there is none. */
  readonly body: unknown;
}

export type JsonAnswer =
  | { readonly status: number; readonly body: unknown }
  /** No answer: the connection is cut, or stays silent. */
  | 'cut'
  | 'silent';

export interface JsonServer {
  readonly port: number;
  /** Cuts what is open, so that it ends at once. */
  close(): Promise<void>;
}

/** Throws PORT_TAKEN. `handle` rejecting becomes a 500 and a line on stderr. */
export async function startJsonServer(
  port: number,
  handle: (request: JsonRequest) => Promise<JsonAnswer>,
): Promise<JsonServer> {
  const server = http.createServer(
    { maxHeaderSize: HEADER_LIMIT_BYTES, keepAliveTimeout: KEEP_ALIVE_MS },
    (request, response) => {
      readBody(
        request,
        (body) => {
          void handle(body)
            .catch(internalError)
            .then((answer) => send(response, answer));
        },
        (status, code) => send(response, { status, body: { status, code } }),
      );
    },
  );
  return {
    port: await listenOnLoopback(server, port),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function readBody(
  request: http.IncomingMessage,
  done: (request: JsonRequest) => void,
  refuse: (status: number, code: string) => void,
): void {
  const [path = '/', search = ''] = (request.url ?? '/').split('?', 2);
  const finish = (body: unknown): void =>
    done({
      method: request.method ?? 'GET',
      path,
      query: new URLSearchParams(search),
      headers: request.headers,
      body,
    });
  if (request.method === 'GET') {
    request.resume();
    finish(undefined);
    return;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= BODY_LIMIT_BYTES) chunks.push(chunk);
  });
  request.on('end', () => {
    if (bytes > BODY_LIMIT_BYTES) return refuse(413, 'body_too_large');
    if (bytes === 0) return finish(undefined);
    let body: unknown;
    try {
      body = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    } catch {
      return refuse(400, 'bad_request');
    }
    finish(body);
  });
}

function internalError(error: unknown): JsonAnswer {
  process.stderr.write(`payment gateway: ${messageOf(error)}\n`);
  return { status: 500, body: { status: 500, code: 'internal' } };
}

function send(response: http.ServerResponse, answer: JsonAnswer): void {
  if (answer === 'silent') return;
  if (answer === 'cut') {
    response.destroy();
    return;
  }
  const payload = JSON.stringify(answer.body);
  response.writeHead(answer.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(payload),
  });
  response.end(payload);
}

export function problem(status: number, code: string): JsonAnswer {
  return { status, body: { type: 'about:blank', title: code, status, code } };
}
