/**
 * One keep-alive HTTP/1.1 connection on a socket of its own: a request is one write, an answer is
 * read where the kernel put it. It opens its socket when it is first needed and again after a loss.
 */
import type { Socket } from 'node:net';
import type { Call } from '../../contract/call.ts';
import { applyRuling, rulingOfTransport, type TransportFailure } from '../outcome-table.ts';
import type { Connection, ConnectionOwner, Done } from './connection.ts';
import type { Connector } from './connector.ts';
import { HttpAnswer } from './http-answer.ts';
import type { HttpRequest } from './protocol.ts';
import { WireParser } from './wire-parser.ts';
import { WireRequest } from './wire-request.ts';

/** Unless the target says less; the pool keeps the least used connections idle for long. */
const IDLE_LIMIT_US = 30e6;
/** A server that closes after n seconds has closed a little before we see it. */
const IDLE_MARGIN_US = 1e6;
const READ_BYTES = 64 * 1024;

/**
 * What the connections of one client share. All of them read into one buffer: it is filled and
 * emptied within one callback of one thread.
 */
export class Wire {
  readonly connector: Connector;
  readonly request: WireRequest;
  readonly fields: HttpRequest = { method: 'GET', path: '/', headers: [], body: null };
  readonly bytes = Buffer.allocUnsafeSlow(READ_BYTES);

  constructor(connector: Connector) {
    this.connector = connector;
    this.request = new WireRequest(connector.origin.hostHeader);
  }
}

export class WireConnection implements Connection {
  readonly #wire: Wire;
  readonly #owner: ConnectionOwner;
  readonly #parser = new WireParser();
  readonly #answer: HttpAnswer;
  #socket: Socket | null = null;
  #isOpen = false;
  #connectStartUs = 0;
  /** The socket is taken for closed by its server after this. */
  #idleUntilUs = 0;
  /** Waits for the socket to open. */
  #unsent = '';
  #call: Call | null = null;
  #done: Done | null = null;
  answerBytes = 0;
  deadlineUs = Number.POSITIVE_INFINITY;
  retired = false;

  constructor(wire: Wire, owner: ConnectionOwner) {
    this.#wire = wire;
    this.#owner = owner;
    this.#answer = new HttpAnswer(owner.compression);
  }

  get busy(): boolean {
    return this.#call !== null;
  }

  get answerStartedAtUs(): number {
    return this.#call?.firstByteAtUs ?? 0;
  }

  begin(call: Call, done: Done, deadlineUs: number): boolean {
    const { request, fields } = this.#wire;
    if (!this.#owner.protocol.encode(call, fields) || !request.encode(fields)) return false;
    this.#call = call;
    this.#done = done;
    this.deadlineUs = deadlineUs;
    const nowUs = this.#owner.clock.nowUs();
    if (this.#socket !== null && nowUs >= this.#idleUntilUs) this.#drop();
    if (this.#isOpen) this.#send(this.#socket as Socket, request.text, nowUs);
    else {
      this.#unsent = request.text;
      this.#connectStartUs = nowUs;
      this.#connect();
    }
    return true;
  }

  end(failure: TransportFailure): void {
    if (this.#call === null) return;
    this.#drop();
    this.#fail(failure);
  }

  retire(failure: TransportFailure): void {
    this.retired = true;
    this.#drop();
    this.#fail(failure);
  }

  close(): Promise<void> {
    const socket = this.#socket;
    const closed =
      socket === null || socket.closed
        ? Promise.resolve()
        : new Promise<void>((resolve) => socket.once('close', () => resolve()));
    this.retire('cut_off');
    return closed;
  }

  #connect(): void {
    const onread = {
      buffer: this.#wire.bytes,
      callback: (count: number, bytes: Uint8Array): boolean => {
        if (socket === this.#socket) this.#receive(bytes as Buffer, count);
        return true;
      },
    };
    const socket = this.#wire.connector.connect((error) => {
      if (socket !== this.#socket) return;
      if (error === null) this.#opened(socket);
      else {
        this.#owner.onConnectFailed(error);
        this.#lost();
      }
    }, onread);
    this.#socket = socket;
    this.#idleUntilUs = Number.POSITIVE_INFINITY;
    // An error is always followed by `close`; both say no more than that the socket is gone.
    socket.on('error', () => {});
    socket.on('end', () => {
      if (socket === this.#socket) this.#ended();
    });
    socket.on('close', () => {
      if (socket === this.#socket) this.#lost();
    });
  }

  #opened(socket: Socket): void {
    const nowUs = this.#owner.clock.nowUs();
    this.#isOpen = true;
    this.#owner.onConnected((nowUs - this.#connectStartUs) / 1000);
    if (this.#call === null) return;
    this.#call.connectUs = nowUs - this.#connectStartUs;
    this.#send(socket, this.#unsent, nowUs);
    this.#unsent = '';
  }

  #send(socket: Socket, text: string, nowUs: number): void {
    const call = this.#call as Call;
    call.sentAtUs = nowUs;
    call.bytesSent = text.length;
    this.#idleUntilUs = Number.POSITIVE_INFINITY;
    socket.write(text, 'latin1');
  }

  #receive(bytes: Buffer, count: number): void {
    const call = this.#call;
    // Nobody asked: what it belongs to is anybody's guess, so the connection is of no use.
    if (call === null || call.sentAtUs === 0) {
      this.#drop();
      if (call !== null) this.#fail('bad_answer');
      return;
    }
    if (call.firstByteAtUs === 0) call.firstByteAtUs = this.#owner.clock.nowUs();
    this.answerBytes += count;
    const state = this.#parser.read(bytes, count);
    if (state === 'complete') this.#complete(call);
    else if (state === 'failed') this.end(this.#parser.failure);
  }

  #ended(): void {
    const call = this.#call;
    if (call === null) {
      this.#drop();
      return;
    }
    if (this.#parser.end() === 'complete') this.#complete(call);
    else this.end(this.#parser.failure);
  }

  /** The socket ended by itself, or never opened. */
  #lost(): void {
    this.#drop();
    this.#fail('connection_lost');
  }

  #complete(call: Call): void {
    const parser = this.#parser;
    const { head } = parser;
    this.#answer.receive(head, parser.body, parser.bodyFrom, parser.bodyTo);
    if (!head.keepAlive || parser.hasExcess) this.#drop();
    call.status = head.status;
    try {
      const failure = this.#answer.unpack();
      if (failure === undefined) this.#owner.protocol.decode(call, this.#answer);
      else applyRuling(call, rulingOfTransport(failure, true));
    } catch (error) {
      // Nothing that a target sends may throw there: a bug of ours.
      this.#owner.onDefect(error);
      return;
    }
    this.#finish(call);
  }

  #fail(failure: TransportFailure): void {
    const call = this.#call;
    if (call === null) return;
    applyRuling(call, rulingOfTransport(failure, call.sentAtUs > 0));
    this.#finish(call);
  }

  #finish(call: Call): void {
    const done = this.#done as Done;
    const nowUs = this.#owner.clock.nowUs();
    call.bytesReceived = this.#answer.bytes;
    call.doneAtUs = nowUs;
    this.#idleUntilUs = nowUs + this.#idleLimitUs();
    this.#call = null;
    this.#done = null;
    this.#unsent = '';
    this.answerBytes = 0;
    this.deadlineUs = Number.POSITIVE_INFINITY;
    this.#parser.reset();
    this.#answer.clear();
    this.#owner.onFinished(this, call, done);
  }

  #idleLimitUs(): number {
    const { keepAliveMs } = this.#parser.head;
    if (keepAliveMs < 0) return IDLE_LIMIT_US;
    return Math.min(IDLE_LIMIT_US, keepAliveMs * 1000 - IDLE_MARGIN_US);
  }

  /** Lets go of the socket; whatever it still says is not heard any more. */
  #drop(): void {
    const socket = this.#socket;
    if (socket === null) return;
    this.#socket = null;
    const wasOpen = this.#isOpen;
    this.#isOpen = false;
    socket.destroy();
    if (wasOpen) this.#owner.onDisconnected();
  }
}
