/** Every error as an RFC 9457 problem document with a stable code. */
import type { FastifyError, FastifyReply } from 'fastify';
import type { FailureLog } from '../failure-log.ts';
import { Refusal } from '../services.ts';

const RETRY_AFTER_S = 1;
/** Codes of refusals that are surely decided before anything was started. */
const SHED_CODES: ReadonlySet<string> = new Set(['overloaded', 'rate_limited']);
const VALIDATION_PROBLEMS_SHOWN = 10;

const TITLES: Readonly<Record<string, string>> = {
  sold_out: 'Sold out',
  limit_reached: 'The purchase limit is reached',
  price_changed: 'The price has changed',
  sale_closed: 'The sale is not open',
  empty_cart: 'The cart is empty',
  units_sold: 'More units are held or sold than that',
  cart_limit: 'The cart does not take that many',
  contention: 'Too many shoppers at once, try again',
  checkout_expired: 'The checkout has expired',
  key_in_progress: 'The same request is still being worked on',
  key_reused: 'The idempotency key was used for another request',
  key_used: 'The idempotency key was used',
  payment_declined: 'The payment was declined',
  tombstoned: 'The idempotency key was withdrawn',
  illegal_state: 'The order is in a state that does not allow this',
  not_found: 'Not found',
  email_taken: 'The e-mail address is taken',
  bad_credentials: 'Wrong e-mail address or password',
  unauthorised: 'A valid access token is required',
  bad_request: 'The request is not acceptable',
  method_not_allowed: 'The method is not allowed',
  headers_too_large: 'The headers are too large',
  request_timeout: 'The request did not arrive in time',
  bad_expectation: 'The expectation cannot be met',
  body_too_large: 'The body is too large',
  rate_limited: 'Too many requests at once, try again',
  overloaded: 'The shop is overloaded, try again',
  internal: 'The shop failed',
};

export function sendProblem(
  reply: FastifyReply,
  status: number,
  code: string,
  facts?: Readonly<Record<string, unknown>>,
): FastifyReply {
  if (status === 503 || status === 429) {
    reply.header('retry-after', RETRY_AFTER_S);
    if (SHED_CODES.has(code)) reply.header('x-shed', 'before-dispatch');
  }
  return reply
    .code(status)
    .header('content-type', 'application/problem+json')
    .serializer(JSON.stringify)
    .send(problemOf(status, code, facts));
}

export function problemOf(
  status: number,
  code: string,
  facts?: Readonly<Record<string, unknown>>,
): object {
  return { type: 'about:blank', title: TITLES[code] ?? code, status, code, ...facts };
}

/** The answer to anything thrown; what is a failure of the shop itself is also logged. */
export function answerError(
  error: FastifyError | Error,
  reply: FastifyReply,
  failures: FailureLog,
): FastifyReply {
  if (error instanceof Refusal) return answerRefusal(error, reply);
  const status = (error as FastifyError).statusCode ?? 500;
  if (status === 413) return sendProblem(reply, 413, 'body_too_large');
  if (status >= 400 && status < 500) {
    return sendProblem(reply, status, 'bad_request', { problems: problemsOf(error) });
  }
  failures.report(error);
  return sendProblem(reply, 500, 'internal');
}

function answerRefusal(refusal: Refusal, reply: FastifyReply): FastifyReply {
  if (refusal.replayed) reply.header('idempotent-replayed', 'true');
  return sendProblem(reply, refusal.status, refusal.code, refusal.facts);
}

function problemsOf(error: FastifyError | Error): string[] {
  const { validation, validationContext } = error as FastifyError;
  if (validation === undefined) return [error.message];
  return validation
    .slice(0, VALIDATION_PROBLEMS_SHOWN)
    .map((issue) => `${validationContext}${issue.instancePath} ${issue.message}`);
}
