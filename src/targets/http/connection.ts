/**
 * One keep-alive connection: an undici client of its own with one handler object that is reused for
 * every request, because per-request handlers and pools cost a third of the throughput.
 */
import type { Socket } from 'node:net';
import { buildConnector, Client, type Dispatcher } from 'undici';
import type { Clock } from '../../base/clock.ts';
import type { Call } from '../../contract/call.ts';
import { applyRuling, rulingOfTransport, type TransportFailure } from '../outcome-table.ts';
import { HttpAnswer } from './http-answer.ts';
import type { HttpRequest, Protocol } from './protocol.ts';

/** Limits against a hostile target. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;
const MAX_HEADER_BYTES = 16 * 1024;
/** Unless the target says less; the pool keeps the least used connections idle for long. */
const KEEP_ALIVE_MS = 30_000;

export type Done = (call: Call) => void;

/** One request at a time; whether a socket is open behind it is its own affair. */
export interface HttpConnection {
  readonly busy: boolean;
  /** Instant at which the pool ends the exchange under way; Infinity when there is none. */
  readonly deadlineUs: number;
  /** Never used again; its place in the pool is free. */
  readonly retired: boolean;
  /** False when the request cannot be expressed; then nothing was begun. */
  begin(call: Call, done: Done, deadlineUs: number): boolean;
  /** Ends what is in flight; its `done` follows from here. */
  end(failure: TransportFailure): void;
  /** Ends what is in flight and the connection. */
  retire(failure: TransportFailure): void;
  close(): Promise<void>;
}

/** What a connection tells the pool it belongs to. */
export interface ConnectionOwner {
  readonly clock: Clock;
  readonly protocol: Protocol;
  /** The call is finished; its `done` has not been called yet. */
  onFinished(connection: HttpConnection, call: Call, done: Done): void;
  onConnected(connectMs: number): void;
  onDisconnected(): void;
  /** A bug of ours surfaced where undici would swallow it. */
  onDefect(error: unknown): void;
}

/** Why we ended an exchange ourselves. */
class Aborted extends Error {
  readonly code = 'ECOMSIM_ABORTED';
  readonly failure: TransportFailure;

  constructor(failure: TransportFailure) {
    super(failure);
    this.failure = failure;
  }
}

const FAILURE_BY_CODE: Readonly<Record<string, TransportFailure>> = {
  UND_ERR_HEADERS_OVERFLOW: 'answer_too_large',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'answer_too_large',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'bad_answer',
  ERR_ASSERTION: 'bad_answer',
};

function failureOf(error: unknown): TransportFailure {
  if (error instanceof Aborted) return error.failure;
  const { code, name } = error as { code?: unknown; name?: unknown };
  if (name === 'HTTPParserError') return 'bad_answer';
  const known = typeof code === 'string' ? FAILURE_BY_CODE[code] : undefined;
  return known ?? 'connection_lost';
}

/**
 * Implements undici's older handler interface: the newer one costs two objects and a header
 * record per answer. `sentAtUs` is taken in `onConnect`, which undici calls in the same turn right
 * before it writes the first byte, so from then on a request counts as sent.
 */
export class Connection implements HttpConnection {
  readonly #owner: ConnectionOwner;
  readonly #client: Client;
  readonly #answer = new HttpAnswer();
  readonly #options: HttpRequest & Dispatcher.DispatchOptions;
  #connecting: Socket | null = null;
  #connectStartUs = 0;
  #abort: ((error?: Error) => void) | null = null;
  #call: Call | null = null;
  #done: Done | null = null;
  deadlineUs = Number.POSITIVE_INFINITY;
  /** Never used again; its place in the pool is free. */
  retired = false;

  constructor(origin: string, owner: ConnectionOwner) {
    this.#owner = owner;
    this.#options = {
      method: 'GET',
      path: '/',
      headers: [],
      body: null,
      // One request at a time and a deadline of our own: undici's costs for both are saved.
      blocking: false,
    };
    this.#client = new Client(origin, {
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      maxResponseSize: MAX_BODY_BYTES,
      connect: this.#connector(),
    });
    this.#client.on('connect', () => {
      owner.onConnected((owner.clock.nowUs() - this.#connectStartUs) / 1000);
    });
    this.#client.on('disconnect', () => owner.onDisconnected());
  }

  /** Keeps hold of a socket that is still connecting, so that a deadline can end it. */
  #connector(): buildConnector.connector {
    const connect = buildConnector({ timeout: 0 });
    return (options, callback) => {
      this.#connectStartUs = this.#owner.clock.nowUs();
      const socket: unknown = connect(options, (...outcome) => {
        this.#connecting = null;
        callback(...outcome);
      });
      this.#connecting = socket as Socket;
    };
  }

  get busy(): boolean {
    return this.#call !== null;
  }

  /** False when the request cannot be expressed; then nothing was begun. */
  begin(call: Call, done: Done, deadlineUs: number): boolean {
    if (!this.#owner.protocol.encode(call, this.#options)) return false;
    this.#call = call;
    this.#done = done;
    this.deadlineUs = deadlineUs;
    this.#client.dispatch(this.#options, this);
    return true;
  }

  /** Ends what is in flight; its `done` follows from here. */
  end(failure: TransportFailure): void {
    if (this.#call === null) return;
    if (this.#abort !== null) this.#abort(new Aborted(failure));
    else this.retire(failure);
  }

  /** Ends what is in flight and the connection. */
  retire(failure: TransportFailure): void {
    this.retired = true;
    const error = new Aborted(failure);
    this.#connecting?.destroy(error);
    this.#client.destroy(error).catch(this.#owner.onDefect);
    this.#fail(error);
  }

  close(): Promise<void> {
    this.retire('cut_off');
    return this.#client.destroy();
  }

  // --- undici's handler ---

  onConnect(abort: (error?: Error) => void): void {
    this.#abort = abort;
    if (this.#call !== null) this.#call.sentAtUs = this.#owner.clock.nowUs();
  }

  onResponseStarted(): void {
    if (this.#call !== null && this.#call.firstByteAtUs === 0) {
      this.#call.firstByteAtUs = this.#owner.clock.nowUs();
    }
  }

  onHeaders(status: number, headers: Buffer[]): boolean {
    if (status >= 200) this.#answer.readHeaders(status, headers);
    return true;
  }

  onData(chunk: Buffer): boolean {
    this.#answer.add(chunk);
    return true;
  }

  onComplete(): void {
    const call = this.#call;
    if (call === null) return;
    try {
      call.status = this.#answer.status;
      this.#owner.protocol.decode(call, this.#answer);
      this.#finish(call);
    } catch (error) {
      this.#owner.onDefect(error);
    }
  }

  onError(error: Error): void {
    this.#fail(error);
  }

  #fail(error: Error): void {
    const call = this.#call;
    if (call === null) return;
    applyRuling(call, rulingOfTransport(failureOf(error), call.sentAtUs > 0));
    try {
      this.#finish(call);
    } catch (defect) {
      this.#owner.onDefect(defect);
    }
  }

  #finish(call: Call): void {
    const done = this.#done as Done;
    call.bytesReceived = this.#answer.bytes;
    call.doneAtUs = this.#owner.clock.nowUs();
    this.#call = null;
    this.#done = null;
    this.#abort = null;
    this.deadlineUs = Number.POSITIVE_INFINITY;
    this.#answer.clear();
    this.#owner.onFinished(this, call, done);
  }
}
