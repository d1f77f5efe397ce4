/**
 * An HTTP server whose delays are known in advance and which writes down when it really received
 * each request and when it handed over the last byte of the answer. On bare sockets, so that next
 * to nothing happens between those two instants and the wire.
 */
import net, { type AddressInfo, type Socket } from 'node:net';
import type { Clock } from '../base/clock.ts';
import { AnswerScript, type Fate, type ScriptSpec } from './answer-script.ts';
import { TruthLog } from './truth-log.ts';

const BODY = JSON.stringify({ served: true, filler: '.'.repeat(200) });
const HEAD =
  'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n' +
  `content-length: ${BODY.length}\r\n\r\n`;
const END_OF_HEAD = '\r\n\r\n';
const NUMBER = /\r\nauthorization: Bearer (\d+)\r\n/i;
const LENGTH = /\r\ncontent-length: (\d+)\r\n/i;
/** Nothing that the load client sends comes near it. */
const MAX_REQUEST_CHARS = 16_384;

interface Reply {
  readonly socket: Socket;
  readonly number: number;
  readonly receivedUs: number;
  readonly delayUs: number;
  readonly fate: Fate;
}

export class TruthServer {
  readonly log = new TruthLog();
  readonly #clock: Clock;
  readonly #server = net.createServer((socket) => this.#serve(socket));
  #script: AnswerScript | undefined;
  /** Requests so far by token, where tokens are those of virtual users. */
  readonly #requestsOf = new Map<number, number>();
  #frozenFromUs = 0;
  #frozenUntilUs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves with the port on 127.0.0.1. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', () => {
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  play(spec: ScriptSpec): void {
    this.#script = new AnswerScript(spec);
    this.#requestsOf.clear();
    this.freeze(0, 0);
  }

  /** Whatever would be written between these instants (host-wide µs) waits for the second. */
  freeze(fromUs: number, untilUs: number): void {
    this.#frozenFromUs = fromUs;
    this.#frozenUntilUs = untilUs;
  }

  #serve(socket: Socket): void {
    let pending = '';
    // Pieces of a slow answer must not be collected by the kernel.
    socket.setNoDelay(true);
    // A client that goes away in the middle is the client's finding, not the server's.
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      const receivedUs = this.#clock.nowUs();
      pending += chunk.toString('latin1');
      if (pending.length > MAX_REQUEST_CHARS) socket.destroy();
      else if (isWhole(pending)) {
        this.#answer(socket, pending, receivedUs);
        pending = '';
      }
    });
  }

  #answer(socket: Socket, request: string, receivedUs: number): void {
    const token = NUMBER.exec(request)?.[1];
    if (token === undefined || this.#script === undefined) {
      socket.write(HEAD + BODY);
      return;
    }
    const number = this.#numberOf(Number(token), this.#script.spec.users);
    const { delayMs, fate } = this.#script.answerTo(number);
    this.#sendPiece({ socket, number, receivedUs, delayUs: delayMs * 1000, fate }, 1);
  }

  #numberOf(token: number, users: number): number {
    if (users === 0) return token;
    const before = this.#requestsOf.get(token) ?? 0;
    this.#requestsOf.set(token, before + 1);
    return before * users + token;
  }

  /** Waits for the piece's instant, sends it, and goes on to the next. */
  #sendPiece(reply: Reply, piece: number): void {
    const pieces = this.#script?.spec.pieces ?? 1;
    const plannedUs = reply.receivedUs + (reply.delayUs * piece) / pieces;
    const frozen = plannedUs >= this.#frozenFromUs && plannedUs < this.#frozenUntilUs;
    const dueUs = frozen ? this.#frozenUntilUs : plannedUs;
    this.#at(dueUs, () => {
      if (piece === pieces) this.#finish(reply, dueUs, sliceOf(piece, pieces));
      else {
        reply.socket.write(sliceOf(piece, pieces));
        this.#sendPiece(reply, piece + 1);
      }
    });
  }

  #finish({ socket, number, receivedUs, fate }: Reply, dueUs: number, last: string): void {
    if (fate === 'answered') socket.write(last);
    else {
      if (fate === 'cut') socket.write(last.slice(0, -BODY.length / 2));
      socket.resetAndDestroy();
    }
    this.log.add({ number, receivedUs, dueUs, doneUs: this.#clock.nowUs(), fate });
  }

  /** Timers may fire a little early: never before `atUs` here. */
  #at(atUs: number, task: () => void): void {
    const leftMs = (atUs - this.#clock.nowUs()) / 1000;
    if (leftMs <= 0) task();
    else this.#clock.after(leftMs, () => this.#at(atUs, task));
  }
}

/** True when the head and as much body as it announces have arrived. */
function isWhole(request: string): boolean {
  const head = request.indexOf(END_OF_HEAD);
  if (head < 0) return false;
  const length = Number(LENGTH.exec(request)?.[1] ?? 0);
  return request.length >= head + END_OF_HEAD.length + length;
}

/** The head goes with the first piece of the body. */
function sliceOf(piece: number, pieces: number): string {
  const at = (n: number): number => Math.round((BODY.length * n) / pieces);
  return (piece === 1 ? HEAD : '') + BODY.slice(at(piece - 1), at(piece));
}
