/**
 * HTTP/2 connections of one client, each shared by several requests at a time. Over TLS the target
 * has to choose `h2`; without TLS it has to know that it will be spoken to in HTTP/2.
 */

import http2, { type ClientHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { MAX_HEADER_BYTES } from './answer-limits.ts';
import type { ConnectionOwner } from './connection.ts';
import type { Connector } from './connector.ts';

/** Requests on their way over one connection; a target may allow fewer. */
export const STREAMS_PER_CONNECTION = 32;
const STREAM_WINDOW_BYTES = 1024 * 1024;
const SESSION_WINDOW_BYTES = 8 * 1024 * 1024;
const MAX_HEADER_PAIRS = 256;

/** A request that waits for its connection. */
export interface Http2Request {
  /** To be sent now; `connectUs` is what it waited for the connection to be made. */
  start(session: ClientHttp2Session, connectUs: number): void;
  /** It was not sent and will not be. */
  fail(error: Error): void;
}

export class Http2Session {
  readonly #owner: ConnectionOwner;
  readonly #onGone: (session: Http2Session) => void;
  readonly #startUs: number;
  #socket: Socket | null;
  #http2: ClientHttp2Session | null = null;
  #waiting: Http2Request[] = [];
  #active = 0;
  #limit = STREAMS_PER_CONNECTION;
  #isReady = false;
  #error: Error | null = null;
  /** Takes no new requests. */
  isLeaving = false;

  constructor(
    connector: Connector,
    owner: ConnectionOwner,
    onGone: (session: Http2Session) => void,
  ) {
    this.#owner = owner;
    this.#onGone = onGone;
    this.#startUs = owner.clock.nowUs();
    this.#socket = connector.connect((error, socket) => {
      if (socket === null) this.#end(error as Error);
      else this.#speak(socket, connector.origin.secure);
    });
  }

  get load(): number {
    return this.#active + this.#waiting.length;
  }

  run(request: Http2Request): void {
    if (this.#isReady && this.#http2 !== null && this.#active < this.#limit) {
      this.#active++;
      request.start(this.#http2, 0);
    } else this.#waiting.push(request);
  }

  /** A request that was started is over. */
  finished(): void {
    this.#active--;
    this.#startWaiting(0);
  }

  /** Takes back a request that was not started. */
  withdraw(request: Http2Request): void {
    this.#waiting = this.#waiting.filter((other) => other !== request);
  }

  destroy(): void {
    this.isLeaving = true;
    this.#http2?.destroy();
    this.#socket?.destroy();
  }

  #speak(socket: Socket, secure: boolean): void {
    const { alpnProtocol } = socket as Socket & { alpnProtocol?: string | false };
    if (secure && alpnProtocol !== 'h2') {
      socket.destroy();
      this.#end(new Error('the target does not speak HTTP/2'));
      return;
    }
    const session = http2.connect(`${secure ? 'https' : 'http'}://localhost`, {
      createConnection: () => socket,
      settings: {
        enablePush: false,
        maxHeaderListSize: MAX_HEADER_BYTES,
        initialWindowSize: STREAM_WINDOW_BYTES,
      },
      maxHeaderListPairs: MAX_HEADER_PAIRS,
    });
    this.#http2 = session;
    session.on('error', (error) => {
      this.#error = error;
    });
    session.on('goaway', () => {
      this.isLeaving = true;
      this.#failWaiting(new Error('the target ended the connection'));
    });
    session.on('remoteSettings', ({ maxConcurrentStreams }) => {
      this.#limit = Math.min(STREAMS_PER_CONNECTION, maxConcurrentStreams ?? this.#limit);
      if (this.#isReady) return;
      this.#isReady = true;
      session.setLocalWindowSize(SESSION_WINDOW_BYTES);
      const connectUs = this.#owner.clock.nowUs() - this.#startUs;
      this.#owner.onConnected(connectUs / 1000);
      this.#startWaiting(connectUs);
    });
    session.on('close', () => this.#end(this.#error ?? new Error('the connection was closed')));
  }

  #startWaiting(connectUs: number): void {
    while (this.#http2 !== null && !this.isLeaving && this.#active < this.#limit) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#active++;
      next.start(this.#http2, connectUs);
    }
  }

  #end(error: Error): void {
    if (this.#socket === null) return;
    this.#socket = null;
    this.#http2 = null;
    this.isLeaving = true;
    if (this.#isReady) this.#owner.onDisconnected();
    else this.#owner.onConnectFailed(spokenPlainly(error));
    this.#onGone(this);
    this.#failWaiting(error);
  }

  #failWaiting(error: Error): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const request of waiting) request.fail(error);
  }
}

function spokenPlainly(error: Error): Error {
  const { code } = error as { code?: string };
  const isForeign = code === 'ERR_HTTP2_ERROR' || code === 'ERR_HTTP2_SESSION_ERROR';
  return isForeign ? new Error('the target does not speak HTTP/2', { cause: error }) : error;
}

/** Opens another connection only when those that are open have no room left. */
export class Http2Sessions {
  readonly #connector: Connector;
  readonly #owner: ConnectionOwner;
  readonly #sessions = new Set<Http2Session>();

  constructor(connector: Connector, owner: ConnectionOwner) {
    this.#connector = connector;
    this.#owner = owner;
  }

  withRoom(): Http2Session {
    for (const session of this.#sessions) {
      if (!session.isLeaving && session.load < STREAMS_PER_CONNECTION) return session;
    }
    const session = new Http2Session(this.#connector, this.#owner, (gone) =>
      this.#sessions.delete(gone),
    );
    this.#sessions.add(session);
    return session;
  }

  destroy(): void {
    for (const session of this.#sessions) session.destroy();
  }
}
