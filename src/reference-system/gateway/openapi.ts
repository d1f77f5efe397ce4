/** The OpenAPI 3.1 document, assembled from the schemas that the routes themselves use. */
import type { RouteOptions } from 'fastify';

declare module 'fastify' {
  /** What our routes say beyond validation and serialisation. */
  interface FastifySchema {
    readonly operationId?: string;
    readonly summary?: string;
    readonly tags?: readonly [string];
    readonly token?: boolean;
  }
}

/** What a route says about itself, in OpenAPI's words. */
export interface RouteSchema {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly [string];
  /** True where a bearer token is required. */
  readonly token?: boolean;
  readonly params?: ObjectSchema;
  readonly querystring?: ObjectSchema;
  readonly headers?: ObjectSchema;
  readonly body?: object;
  readonly response: Readonly<Record<number, object>>;
}

interface ObjectSchema {
  readonly properties: Readonly<Record<string, object>>;
  readonly required?: readonly string[];
}

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  200: 'Done',
  201: 'Created',
  202: 'Accepted: the outcome comes later',
  304: 'Not modified',
};

export class OpenApiDocument {
  readonly #paths: Record<string, Record<string, object>> = {};

  /** An `onRoute` hook. Takes from the route what only the document needs. */
  readonly add = (route: RouteOptions): void => {
    const schema = route.schema as RouteSchema | undefined;
    if (schema === undefined) return;
    const path = route.url.replaceAll(/:(\w+)/g, '{$1}');
    const method = String(route.method).toLowerCase();
    this.#paths[path] = { ...this.#paths[path], [method]: operationOf(schema) };
    // Problem documents have a serialiser of their own: compiling forty of them would only make
    // the start slower.
    const response = Object.entries(schema.response).filter(([status]) => Number(status) < 300);
    route.schema = { ...route.schema, response: Object.fromEntries(response) };
  };

  toJson(): string {
    return JSON.stringify({
      openapi: '3.1.0',
      info: {
        title: 'ecomsim reference shop',
        version: '1.0.0',
        description: 'A shop to be put under load. Not for production.',
      },
      paths: this.#paths,
      components: {
        securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      },
    });
  }
}

function operationOf(schema: RouteSchema): object {
  const parameters = [
    ...parametersOf('path', schema.params),
    ...parametersOf('query', schema.querystring),
    ...parametersOf('header', schema.headers),
  ];
  return {
    operationId: schema.operationId,
    summary: schema.summary,
    tags: schema.tags,
    ...(parameters.length > 0 && { parameters }),
    ...(schema.body !== undefined && {
      requestBody: { required: true, content: json(schema.body) },
    }),
    ...(schema.token === true && { security: [{ bearer: [] }] }),
    responses: Object.fromEntries(Object.entries(schema.response).map(responseOf)),
  };
}

function parametersOf(place: 'path' | 'query' | 'header', schema?: ObjectSchema): object[] {
  return Object.entries(schema?.properties ?? {}).map(([name, property]) => ({
    name,
    in: place,
    required: schema?.required?.includes(name) ?? false,
    schema: property,
  }));
}

function responseOf([status, schema]: [string, object]): [string, object] {
  const isProblem = Number(status) >= 400;
  const description = DESCRIPTIONS[status] ?? 'Problem document';
  if (status === '304') return [status, { description }];
  const type = isProblem ? 'application/problem+json' : 'application/json';
  return [status, { description, content: json(schema, type) }];
}

function json(schema: object, type = 'application/json'): object {
  return { [type]: { schema } };
}
