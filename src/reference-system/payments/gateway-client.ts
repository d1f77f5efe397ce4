/** One JSON request to the payment gateway with a time limit, over kept-alive connections. */
import { type Dispatcher, Pool } from 'undici';
import { assert } from '../../base/assert.ts';
import type { Clock } from '../../base/clock.ts';

/** Charges wait for the payment, so many are open at a time; beyond it they queue. */
const MAX_CONNECTIONS = 512;
const MAX_ANSWER_BYTES = 64 * 1024;

export interface GatewayRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Sent as it is, instead of `body`: what was signed must not change. */
  readonly text?: string;
}

export interface GatewayAnswer {
  readonly status: number;
  /** Undefined when it is not a JSON object. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

export interface GatewayClient {
  /** Rejects when there is no complete answer within `timeoutMs`. */
  send(request: GatewayRequest, timeoutMs: number): Promise<GatewayAnswer>;
  close(): Promise<void>;
}

export function createGatewayClient(origin: string, clock: Clock): GatewayClient {
  const pool = new Pool(origin, {
    connections: MAX_CONNECTIONS,
    pipelining: 1,
    // The time limit is ours: undici's own is only accurate to a second.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return {
    send: (request, timeoutMs) =>
      new Promise((resolve, reject) => {
        const handler = new AnswerHandler(resolve, reject);
        const timer = clock.after(timeoutMs, () =>
          handler.abort(new Error(`no answer within ${timeoutMs} ms`)),
        );
        handler.settled = () => clock.cancel(timer);
        pool.dispatch(
          {
            method: request.method,
            path: request.path,
            headers: { 'content-type': 'application/json', ...request.headers },
            body: textOf(request),
          },
          handler,
        );
      }),
    close: () => pool.destroy(),
  };
}

function textOf({ text, body }: GatewayRequest): string | null {
  if (text !== undefined) return text;
  return body === undefined ? null : JSON.stringify(body);
}

class AnswerHandler implements Dispatcher.DispatchHandler {
  readonly #resolve: (answer: GatewayAnswer) => void;
  readonly #reject: (error: Error) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #abortedWith: Error | undefined;
  #status = 0;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  settled: () => void = () => {};

  constructor(resolve: (answer: GatewayAnswer) => void, reject: (error: Error) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Also stops a request that still waits for a connection: it is then never sent. */
  abort(reason: Error): void {
    this.#abortedWith = reason;
    this.#reject(reason);
    this.#controller?.abort(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#abortedWith !== undefined) controller.abort(this.#abortedWith);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.#status = status;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > MAX_ANSWER_BYTES) controller.abort(new Error('the answer is too large'));
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.settled();
    assert(this.#status > 0, 'an answer ended without a status');
    const [only] = this.#chunks;
    const bytes = this.#chunks.length === 1 ? only : Buffer.concat(this.#chunks);
    this.#resolve({ status: this.#status, body: parseObject(bytes?.toString('utf8') ?? '') });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.settled();
    this.#reject(error);
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    // Not JSON: the caller treats the answer as one it cannot use.
    return undefined;
  }
}
