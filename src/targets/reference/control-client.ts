/** Requests to the control ports: one JSON exchange with a time limit and nothing taken on trust. */
import { Pool } from 'undici';
import type { Clock } from '../../base/clock.ts';
import { EcomsimError, messageOf } from '../../base/errors.ts';

const CONNECTIONS = 4;
const MAX_HEADER_BYTES = 16 * 1024;
/** A page of ten thousand rows of a kilobyte each. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

export interface ControlClientOptions {
  readonly origin: string;
  /** Sent as `x-control-secret`; '' for none. */
  readonly secret: string;
  /** How the other side is called in errors. */
  readonly name: string;
  readonly clock: Clock;
}

export interface ControlRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly timeoutMs: number;
}

export class ControlClient {
  readonly #options: ControlClientOptions;
  readonly #pool: Pool;

  constructor(options: ControlClientOptions) {
    this.#options = options;
    this.#pool = new Pool(options.origin, {
      connections: CONNECTIONS,
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: MAX_HEADER_BYTES,
      maxResponseSize: MAX_ANSWER_BYTES,
    });
  }

  /**
   * The decoded 2xx answer. Throws TARGET_UNREACHABLE without a complete answer in time,
   * TARGET_BAD_ANSWER on another status or when it is no JSON object.
   */
  async send(request: ControlRequest): Promise<Readonly<Record<string, unknown>>> {
    const { status, contentType, body } = await this.#exchange(request);
    const what = `${request.method} ${request.path} of the ${this.#options.name}`;
    if (status < 200 || status > 299) {
      throw new EcomsimError('TARGET_BAD_ANSWER', `${what} answered HTTP ${status}${codeIn(body)}`);
    }
    const value = contentType.startsWith('application/json') ? parseObject(body) : undefined;
    if (value === undefined) {
      throw new EcomsimError('TARGET_BAD_ANSWER', `${what} did not answer with a JSON object`);
    }
    return value;
  }

  /** Whatever the answer is; undefined without a complete one in time. */
  async tryToSend(
    request: ControlRequest,
  ): Promise<{ readonly status: number; readonly body: string } | undefined> {
    try {
      return await this.#exchange(request);
    } catch (error) {
      if (error instanceof EcomsimError && error.code === 'TARGET_UNREACHABLE') return undefined;
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }

  async #exchange(
    request: ControlRequest,
  ): Promise<{ status: number; contentType: string; body: string }> {
    const { clock, name, secret, origin } = this.#options;
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
          accept: 'application/json',
          ...(secret !== '' && { 'x-control-secret': secret }),
          ...(request.body !== undefined && { 'content-type': 'application/json' }),
          ...request.headers,
        },
        body: request.body === undefined ? null : JSON.stringify(request.body),
      });
      const contentType = answer.headers['content-type'];
      return {
        status: answer.statusCode,
        contentType: typeof contentType === 'string' ? contentType.toLowerCase() : '',
        body: await answer.body.text(),
      };
    } catch (error) {
      throw new EcomsimError(
        'TARGET_UNREACHABLE',
        `the ${name} at ${origin} did not answer ${method} ${path}: ${messageOf(error)}`,
        { cause: error },
      );
    } finally {
      clock.cancel(timer);
    }
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    // Undefined is the finding: the caller makes it TARGET_BAD_ANSWER.
    return undefined;
  }
}

function codeIn(body: string): string {
  const code = parseObject(body)?.['code'];
  return typeof code === 'string' && /^[a-z_]{1,40}$/.test(code) ? ` (${code})` : '';
}
