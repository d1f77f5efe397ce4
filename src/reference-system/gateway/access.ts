/** Who is asking: turns a bearer token into the customer, or refuses. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { UserService } from '../services.ts';
import { sendProblem } from './problem.ts';
import type { RateLimit } from './rate-limit.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the token check; '' on routes without one. */
    customer: string;
  }
}

const SCHEME = 'Bearer ';

export type AccessCheck = (request: FastifyRequest, reply: FastifyReply, done: () => void) => void;

/** An `onRequest` hook for routes that need a token; `perUser` limits each customer's requests. */
export function createAccessCheck(
  server: FastifyInstance,
  users: UserService,
  perUser?: RateLimit,
): AccessCheck {
  server.decorateRequest('customer', '');
  return (request, reply, done) => {
    const header = request.headers.authorization;
    const customer = header?.startsWith(SCHEME)
      ? users.verifyToken(header.slice(SCHEME.length))
      : undefined;
    if (customer === undefined) {
      reply.header('www-authenticate', 'Bearer');
      sendProblem(reply, 401, 'unauthorised');
      return;
    }
    if (perUser?.take(customer) === false) {
      sendProblem(reply, 429, 'rate_limited');
      return;
    }
    request.customer = customer;
    done();
  };
}
