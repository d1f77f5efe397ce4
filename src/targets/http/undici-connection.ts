/**
 * One keep-alive connection: an undici client of its own with one handler object that is reused for
 * every request, because per-request handlers and pools cost a third of the throughput.
 */

import type { Socket } from 'node:net';
import { type buildConnector, Client, type Dispatcher } from 'undici';
import type { Call } from '../../contract/call.ts';
import {
  applyRuling,
  NOT_SENDABLE,
  rulingOfTransport,
  type TransportFailure,
} from '../outcome-table.ts';
import { MAX_BODY_BYTES, MAX_HEADER_BYTES } from './answer-limits.ts';
import type { Connection, ConnectionOwner, Done } from './connection.ts';
import type { Connector } from './connector.ts';
import { HttpAnswer } from './http-answer.ts';
import type { HttpRequest } from './protocol.ts';

/** Unless the target says less; the pool keeps the least used connections idle for long. */
const KEEP_ALIVE_MS = 30_000;

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
export class UndiciConnection implements Connection {
  readonly #owner: ConnectionOwner;
  readonly #connector: Connector;
  readonly #client: Client;
  readonly #answer: HttpAnswer;
  readonly #options: HttpRequest & Dispatcher.DispatchOptions;
  #socket: Socket | null = null;
  #isConnecting = false;
  #connectUs = 0;
  /** Bytes that the socket had read before the answer under way. */
  #readBefore = 0;
  #abort: ((error?: Error) => void) | null = null;
  #call: Call | null = null;
  #done: Done | null = null;
  deadlineUs = Number.POSITIVE_INFINITY;
  retired = false;

  /** `origin` is that of the connector, as undici wants it. */
  constructor(origin: string, connector: Connector, owner: ConnectionOwner) {
    this.#owner = owner;
    this.#connector = connector;
    this.#answer = new HttpAnswer(owner.compression);
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
      connect: this.#connect,
    });
    this.#client.on('connect', () => owner.onConnected(this.#connectUs / 1000));
    this.#client.on('disconnect', () => {
      this.#socket = null;
      owner.onDisconnected();
    });
  }

  /** Keeps hold of a socket that is still connecting, so that a deadline can end it. */
  readonly #connect: buildConnector.connector = (_options, callback) => {
    const { clock } = this.#owner;
    const startUs = clock.nowUs();
    this.#isConnecting = true;
    this.#socket = this.#connector.connect((error, socket) => {
      this.#isConnecting = false;
      if (socket === null) {
        this.#owner.onConnectFailed(error as Error);
        // undici deals with some codes of TLS in a way that leaves its next request unanswered.
        callback(new Error(error?.message, { cause: error }), null);
        return;
      }
      this.#connectUs = clock.nowUs() - startUs;
      if (this.#call !== null) this.#call.connectUs = this.#connectUs;
      callback(null, socket);
    });
  };

  get busy(): boolean {
    return this.#call !== null;
  }

  get answerStartedAtUs(): number {
    return this.#call?.firstByteAtUs ?? 0;
  }

  get answerBytes(): number {
    return (this.#socket?.bytesRead ?? 0) - this.#readBefore;
  }

  begin(call: Call, done: Done, deadlineUs: number): boolean {
    if (!this.#owner.protocol.encode(call, this.#options)) return false;
    this.#call = call;
    this.#done = done;
    this.deadlineUs = deadlineUs;
    this.#client.dispatch(this.#options, this);
    return true;
  }

  end(failure: TransportFailure): void {
    if (this.#call === null) return;
    if (this.#abort !== null) this.#abort(new Aborted(failure));
    else this.retire(failure);
  }

  retire(failure: TransportFailure): void {
    this.retired = true;
    const error = new Aborted(failure);
    if (this.#isConnecting) this.#socket?.destroy(error);
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
    this.#readBefore = this.#socket?.bytesRead ?? 0;
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
      const failure = this.#answer.unpack();
      if (failure === undefined) this.#owner.protocol.decode(call, this.#answer);
      else applyRuling(call, rulingOfTransport(failure, true));
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
    const isUnsendable = (error as { code?: unknown }).code === 'UND_ERR_INVALID_ARG';
    const ruling = rulingOfTransport(failureOf(error), call.sentAtUs > 0);
    applyRuling(call, isUnsendable && call.sentAtUs === 0 ? NOT_SENDABLE : ruling);
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
