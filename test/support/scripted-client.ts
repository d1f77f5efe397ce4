// A LoadClient whose answers come from a function, at instants that a clock decides.
import type { Clock } from '../../src/base/clock.ts';
import {
  type Call,
  type ClientStats,
  type LoadClient,
  NO_CLIENT_STATS,
} from '../../src/contract/call.ts';
import type { Outcome, Reason } from '../../src/contract/outcome.ts';

export interface ScriptedAnswer {
  /** From dispatch to answer; Infinity: none, ever. */
  readonly afterMs: number;
  readonly outcome?: Outcome;
  readonly reason?: Reason;
  readonly fields?: Partial<Call>;
}

export interface SentCall extends Call {
  /** Extra fields of the engine, kept for assertions. */
  readonly ordinal: number;
}

export class ScriptedClient implements LoadClient {
  /** Copies of everything sent, in order of dispatch, with its answer filled in later. */
  readonly sent: SentCall[] = [];
  /** Slots of the sessions that have ended, in order. */
  readonly released: number[] = [];
  closed = false;
  readonly #clock: Clock;
  readonly #script: (call: Call) => ScriptedAnswer;

  constructor(clock: Clock, script: (call: Call) => ScriptedAnswer = () => ({ afterMs: 5 })) {
    this.#clock = clock;
    this.#script = script;
  }

  async open(): Promise<void> {}

  execute(call: Call, done: (call: Call) => void): void {
    const copy = { ...call } as SentCall;
    this.sent.push(copy);
    const answer = this.#script(call);
    if (answer.afterMs === Number.POSITIVE_INFINITY) return;
    this.#clock.after(answer.afterMs, () => {
      call.sentAtUs = call.dispatchedAtUs;
      call.firstByteAtUs = this.#clock.nowUs();
      call.doneAtUs = this.#clock.nowUs();
      call.outcome = answer.outcome ?? 'ok';
      call.reason = answer.reason ?? 'none';
      Object.assign(call, answer.fields);
      Object.assign(copy, call);
      done(call);
    });
  }

  release(slot: number): void {
    this.released.push(slot);
  }

  stats(): ClientStats {
    const one = { connectionsOpen: 1, connectionsMax: 1, connectionsOpened: 1 };
    return { ...NO_CLIENT_STATS, ...one, connectTimeMsTotal: 1 };
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}
