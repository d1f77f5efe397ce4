/** Public routes of users: register and log in. */
import type { FastifyInstance } from 'fastify';
import type { UserService } from '../services.ts';
import { sendProblem } from './problem.ts';
import * as schemas from './schemas.ts';

export function userRoutes(server: FastifyInstance, users: UserService): void {
  const tags = ['users'] as const;
  const { problem } = schemas;

  server.post<{ Body: { email: string; name: string; password: string } }>('/api/user/register', {
    schema: {
      operationId: 'register',
      summary: 'Creates a customer and logs in',
      tags,
      body: schemas.registration,
      response: { 201: schemas.session, 400: problem, 409: problem, 503: problem },
    },
    handler: async (request, reply) => {
      const { id } = await users.register(request.body);
      reply.code(201);
      return { id, accessToken: users.mintToken(id) };
    },
  });

  server.post<{ Body: { email: string; password: string } }>('/api/user/login', {
    schema: {
      operationId: 'login',
      summary: 'Gives an access token',
      tags,
      body: schemas.credentials,
      response: { 200: schemas.session, 400: problem, 401: problem, 503: problem },
    },
    handler: async (request, reply) => {
      const user = await users.login(request.body.email, request.body.password);
      if (user === undefined) return sendProblem(reply, 401, 'bad_credentials');
      return { id: user.id, accessToken: users.mintToken(user.id) };
    },
  });
}
