/** What both HTTP ports of the shop have in common: limits, strict JSON, problem documents. */
import Fastify, { type FastifyInstance } from 'fastify';
import type { FailureLog } from '../failure-log.ts';
import { answerError, sendProblem } from './problem.ts';
import { answerParseFailure, answerUnusual } from './raw-problem.ts';

const HEADER_LIMIT_BYTES = 16 * 1024;
/** For a request to arrive completely. */
const REQUEST_TIMEOUT_MS = 10_000;
/** Longer than clients keep idle connections, so that no request meets a closing one. */
const KEEP_ALIVE_MS = 75_000;
/** Of a value in the path, as it is written there: an id of 128 characters, each escaped. */
const MAX_PARAM_CHARS = 3 * 128;
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
    // Node would answer by itself, with no word of explanation: `requireHost` does it instead.
    http: { maxHeaderSize: HEADER_LIMIT_BYTES, requireHostHeader: false },
    routerOptions: { maxParamLength: MAX_PARAM_CHARS },
    clientErrorHandler: answerParseFailure,
    frameworkErrors: (error, _request, reply) => answerError(error, reply, failures),
    // Nothing is turned into what it is not: a quantity of "1" or 1.5 is refused.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, allErrors: false } },
  });
  server.server.maxConnections = MAX_CONNECTIONS;
  answerUnusual(server.server);
  acceptEmptyJson(server);
  server.setErrorHandler((error: Error, _request, reply) => {
    answerError(error, reply, failures);
  });
  server.setNotFoundHandler((_request, reply) => {
    sendProblem(reply, 404, 'not_found');
  });
  return server;
}

/** RFC 9112 §3.2. To be installed after what counts requests, so that it counts these as well. */
export function requireHost(server: FastifyInstance): void {
  server.addHook('onRequest', (request, reply, done) => {
    const { headers, httpVersion } = request.raw;
    if (headers.host !== undefined || httpVersion === '1.0') done();
    else sendProblem(reply, 400, 'bad_request', { problems: ['the host header is missing'] });
  });
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
