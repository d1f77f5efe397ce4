/** What both HTTP ports of the shop have in common: limits, strict JSON, problem documents. */
import Fastify, { type FastifyInstance } from 'fastify';
import type { FailureLog } from '../failure-log.ts';
import { answerError, sendProblem } from './problem.ts';

const HEADER_LIMIT_BYTES = 16 * 1024;
/** For a request to arrive completely. */
const REQUEST_TIMEOUT_MS = 10_000;
/** Longer than clients keep idle connections, so that no request meets a closing one. */
const KEEP_ALIVE_MS = 75_000;
const MAX_CONNECTIONS = 16_384;

/** Fastify is made ready by the caller, which also opens the port. */
export function createHttpServer(bodyLimitBytes: number, failures: FailureLog): FastifyInstance {
  const server = Fastify({
    bodyLimit: bodyLimitBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    exposeHeadRoutes: false,
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    http: { maxHeaderSize: HEADER_LIMIT_BYTES },
    // Nothing is turned into what it is not: a quantity of "1" or 1.5 is refused.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, allErrors: false } },
  });
  server.server.maxConnections = MAX_CONNECTIONS;
  acceptEmptyJson(server);
  server.setErrorHandler((error: Error, _request, reply) => {
    answerError(error, reply, failures);
  });
  server.setNotFoundHandler((_request, reply) => {
    sendProblem(reply, 404, 'not_found');
  });
  return server;
}

/** Takes no more requests, cuts the connections and runs Fastify's own closing. */
export async function closeHttpServer(server: FastifyInstance): Promise<void> {
  // Fastify only closes what it has itself opened by its `listen`.
  server.server.close();
  server.server.closeAllConnections();
  await server.close();
}

/** A POST without a body is fine where none is needed, whatever its content type. */
function acceptEmptyJson(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.addContentTypeParser(
    'application/json',
    { parseAs: 'string' },
    (request, body: string, done) => {
      if (body === '') done(null, undefined);
      // It answers through `done`; its type also allows a promise, which it never returns.
      else void parse(request, body, done);
    },
  );
}
