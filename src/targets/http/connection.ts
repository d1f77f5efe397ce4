/** One place in the client's pool: what every way to exchange a request for its answer offers. */
import type { Clock } from '../../base/clock.ts';
import type { Call } from '../../contract/call.ts';
import type { TransportFailure } from '../outcome-table.ts';
import type { Protocol } from './protocol.ts';

export type Done = (call: Call) => void;

/** One exchange at a time; connects when it is first used and again when the target hung up. */
export interface Connection {
  readonly busy: boolean;
  /** Of the call in flight; infinite when there is none. */
  readonly deadlineUs: number;
  /** Never used again; its place in the pool is free. */
  readonly retired: boolean;
  /** When the first byte of the answer under way came; 0 when none has. */
  readonly answerStartedAtUs: number;
  /** Bytes of the answer under way so far, its head included. */
  readonly answerBytes: number;
  /** False when the request cannot be expressed; then nothing was begun. */
  begin(call: Call, done: Done, deadlineUs: number): boolean;
  /** Ends what is in flight; its `done` follows from here. */
  end(failure: TransportFailure): void;
  /** Ends what is in flight and the connection. */
  retire(failure: TransportFailure): void;
  close(): Promise<void>;
}

/** What a connection tells the client that it belongs to. */
export interface ConnectionOwner {
  readonly clock: Clock;
  readonly protocol: Protocol;
  /** One layer of compression is accepted in answers. */
  readonly compression: boolean;
  /** The call is finished; its `done` has not been called yet. */
  onFinished(connection: Connection, call: Call, done: Done): void;
  onConnected(connectMs: number): void;
  /** An attempt to connect that failed; the call, if any, is finished separately. */
  onConnectFailed(error: Error): void;
  onDisconnected(): void;
  /** A bug of ours surfaced where a library would swallow it. */
  onDefect(error: unknown): void;
}
