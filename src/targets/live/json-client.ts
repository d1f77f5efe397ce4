/**
 * The coordinator's own requests to a live target: set-up, lists, ledgers, consent. One exchange at
 * a time limit, a size limit and the same rule of where to connect as the load itself.
 */
import { Pool } from 'undici';
import type { Clock } from '../../base/clock.ts';
import { EcomsimError, messageOf } from '../../base/errors.ts';
import { toolVersion } from '../../base/tool-version.ts';
import type { HttpMethod } from '../../contract/target-mapping.ts';
import { Connector, type ConnectorOptions } from '../http/connector.ts';

const CONNECTIONS = 32;
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

export interface JsonClientOptions extends ConnectorOptions {
  /** `http(s)://host[:port]`. */
  readonly origin: string;
  readonly clock: Clock;
  /** Makes text fit to be shown: no secrets in it. */
  readonly shown: (text: string) => string;
}

export interface Exchange {
  readonly method: HttpMethod;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Any JSON value; undefined: no body. */
  readonly body?: unknown;
  readonly timeoutMs: number;
}

export interface ExchangeAnswer {
  readonly status: number;
  readonly text: string;
}

export class JsonClient {
  readonly #options: JsonClientOptions;
  readonly #pool: Pool;
  #refusal: EcomsimError | undefined;

  /** Throws INVALID_VALUE for an origin that cannot be used. */
  constructor(options: JsonClientOptions) {
    this.#options = options;
    const connector = new Connector(options.origin, options);
    this.#pool = new Pool(options.origin, {
      connections: CONNECTIONS,
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: MAX_HEADER_BYTES,
      maxResponseSize: MAX_ANSWER_BYTES,
      connect: (_options, callback) => {
        connector.connect((error, socket) => {
          if (error instanceof EcomsimError) this.#refusal = error;
          if (socket === null) callback(error ?? new Error('no connection'), null);
          else callback(null, socket);
        });
      },
    });
  }

  /** Any complete answer, redirects included: they are not followed. Throws TARGET_UNREACHABLE. */
  async exchange(request: Exchange): Promise<ExchangeAnswer> {
    const { clock, origin, shown } = this.#options;
    const { method, path, timeoutMs } = request;
    const abort = new AbortController();
    const timer = clock.after(timeoutMs, () =>
      abort.abort(new Error(`no complete answer within ${timeoutMs} ms`)),
    );
    try {
      const answer = await this.#pool.request({
        method,
        path,
        signal: abort.signal,
        headers: {
          'user-agent': `ecomsim/${toolVersion()}`,
          accept: 'application/json',
          ...(request.body !== undefined && { 'content-type': 'application/json' }),
          ...lowerCase(request.headers),
        },
        body: request.body === undefined ? null : JSON.stringify(request.body),
      });
      return { status: answer.statusCode, text: await answer.body.text() };
    } catch (error) {
      if (this.#refusal !== undefined) throw this.#refusal;
      const why = shown(messageOf(error));
      const message = `${origin} did not answer ${shown(`${method} ${path}`)}: ${why}`;
      throw new EcomsimError('TARGET_UNREACHABLE', message, { cause: error });
    } finally {
      clock.cancel(timer);
    }
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }
}

/** Names differ in case only: the later one wins. */
function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
