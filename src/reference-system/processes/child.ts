/** The parent's handle on one child process: ready handshake, orderly stop, certain end. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../../base/clock.ts';
import { EcomsimError } from '../../base/errors.ts';
import type { ChildStart, FromChild, ReadyMessage, Role, ToChild } from './messages.ts';

const ENTRY = new URL('../../shop-process.js', import.meta.url);
/** How much of a child's stderr is kept for the error message. */
const STDERR_TAIL_CHARS = 4096;
const STDERR_TAIL_LINES = 12;

export class Child {
  readonly role: Role;
  readonly pid: number;
  /** Resolves with a plain sentence when the process has ended. */
  readonly ended: Promise<string>;
  readonly #clock: Clock;
  readonly #process: ChildProcess;
  #alive = true;
  #stderr = '';

  /** Throws TARGET_START_FAILED when the process cannot be created. */
  constructor(options: {
    readonly role: Role;
    readonly clock: Clock;
    /** Removed by the child when this process dies; null when the data is to be kept. */
    readonly temporaryRoot: string | null;
    /** The built file it runs; only a selftest has one of its own. */
    readonly entry?: URL;
  }) {
    const { role, temporaryRoot, entry = ENTRY } = options;
    this.role = role;
    this.#clock = options.clock;
    this.#process = fork(fileURLToPath(entry), [], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: [],
    });
    this.#process.stderr?.setEncoding('utf8');
    this.#process.stderr?.on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_TAIL_CHARS);
    });
    this.ended = new Promise((resolve) => {
      // `error` without `exit`: the process never came to be (no memory, no process slots).
      this.#process.once('error', (error) => {
        if (this.#process.pid !== undefined) return;
        this.#alive = false;
        resolve(`the ${role} process could not be created: ${error.message}`);
      });
      this.#process.once('exit', (exitCode, signal) => {
        this.#alive = false;
        const how = signal === null ? `ended with code ${exitCode}` : `was ended by ${signal}`;
        resolve(`the ${role} process (pid ${this.#process.pid}) ${how}`);
      });
    });
    // The error event of a vanished channel must not become an uncaught exception; the exit tells.
    this.#process.on('error', () => {});
    this.pid = this.#process.pid ?? 0;
    this.#send({ kind: 'load', role, temporaryRoot });
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** The last lines the process wrote to stderr, made safe to print. */
  stderrTail(): string[] {
    const lines = this.#stderr.split('\n').map(printable);
    return lines.filter((line) => line !== '').slice(-STDERR_TAIL_LINES);
  }

  /** Throws PORT_TAKEN or TARGET_START_FAILED; the process is then killed. */
  async start(start: ChildStart, timeoutMs: number): Promise<ReadyMessage> {
    try {
      return await this.#ready(start, timeoutMs);
    } catch (error) {
      this.kill();
      await this.ended;
      throw error;
    }
  }

  #ready(start: ChildStart, timeoutMs: number): Promise<ReadyMessage> {
    return new Promise((resolve, reject) => {
      const fail = (message: string): void =>
        reject(
          new EcomsimError('TARGET_START_FAILED', `The shop could not be started: ${message}.`, {
            details: this.stderrTail(),
          }),
        );
      const timer = this.#clock.after(timeoutMs, () =>
        fail(`the ${this.role} process was not ready within ${timeoutMs} ms`),
      );
      void this.ended.then((how) => {
        this.#clock.cancel(timer);
        fail(how);
      });
      this.#process.once('message', (message) => {
        this.#clock.cancel(timer);
        const answer = message as FromChild;
        if (answer.kind === 'ready') resolve(answer);
        else reject(new EcomsimError(answer.code, answer.message, { details: answer.details }));
      });
      this.#send({ kind: 'start', start });
    });
  }

  /** Asks for an orderly end; kills when there is none in time (a stopped process, a hang). */
  async stop(timeoutMs: number): Promise<void> {
    if (!this.#alive) return;
    const timer = this.#clock.after(timeoutMs, () => this.kill());
    this.#send({ kind: 'stop' });
    await this.ended;
    this.#clock.cancel(timer);
  }

  /** SIGKILL: also ends a process that is stopped. */
  kill(): void {
    if (this.#alive) this.#process.kill('SIGKILL');
  }

  /** SIGSTOP lets nothing of the process run until SIGCONT; it is not told of either. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    if (this.#alive) this.#process.kill(signal);
  }

  /** To an entry that knows more messages than ours. */
  tell(message: object): void {
    // A channel that is gone means a process that is gone: `ended` tells why.
    if (this.#process.connected) this.#process.send(message, () => {});
  }

  #send(message: ToChild): void {
    this.tell(message);
  }
}

/** One line without control or bidirectional characters, at most 200 columns. */
function printable(line: string): string {
  return line.replace(/[\p{Cc}\p{Cf}]/gu, '\uFFFD').slice(0, 200);
}
