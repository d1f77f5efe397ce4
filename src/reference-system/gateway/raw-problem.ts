/**
 * Problem documents for what never becomes a request: broken HTTP, headers without end, a tunnel asked
 * of a shop. Written to the socket itself, because there is nothing else to answer on.
 */
import { type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { problemOf } from './problem.ts';

const PROBLEM_HEADERS = { 'content-type': 'application/problem+json', connection: 'close' };

/** By the code of Node's own error; anything else is not HTTP. */
const PARSE_FAILURES: Readonly<Record<string, readonly [status: number, code: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'headers_too_large'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'body_too_large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'request_timeout'],
};

/** For the server's `clientError`: answers if anybody listens, and closes the connection. */
export function answerParseFailure(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy(error);
    return;
  }
  const [status, code] = PARSE_FAILURES[error.code ?? ''] ?? [400, 'bad_request'];
  endWithProblem(socket, status, code);
}

/** What Node would answer by itself with an empty body, or not at all. */
export function answerUnusual(server: Server): void {
  server.on('checkExpectation', (_request, response: ServerResponse) => {
    const body = JSON.stringify(problemOf(417, 'bad_expectation'));
    response.writeHead(417, PROBLEM_HEADERS);
    response.end(body);
  });
  server.on('connect', (_request, socket: Duplex) => {
    endWithProblem(socket, 405, 'method_not_allowed');
  });
}

function endWithProblem(socket: Duplex, status: number, code: string): void {
  const body = JSON.stringify(problemOf(status, code));
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\n` +
      'content-type: application/problem+json\r\n' +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
