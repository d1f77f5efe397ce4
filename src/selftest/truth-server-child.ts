/** The parent's handle on the truth server's process. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { EcomsimError } from '../base/errors.ts';
import type { ScriptSpec } from './answer-script.ts';
import { readTruthLog, type ServedRequest } from './truth-log.ts';
import type { FromTruthServer, ToTruthServer } from './truth-server-messages.ts';

export class TruthServerChild {
  readonly pid: number;
  #origin = '';
  readonly #process: ChildProcess;
  /** Rejects when the process ends without having been asked to. */
  readonly #death: Promise<never>;
  #closing = false;

  private constructor(entry: URL) {
    this.#process = fork(fileURLToPath(entry), [], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: [],
      serialization: 'advanced',
    });
    this.pid = this.#process.pid ?? 0;
    this.#death = new Promise((_, reject) => {
      const die = (how: string): void => {
        if (!this.#closing) {
          reject(new EcomsimError('TARGET_DIED', `the truth server ${how}; run it again`));
        }
      };
      this.#process.on('error', (error) => die(`failed: ${error.message}`));
      this.#process.once('exit', (code, signal) => die(`ended (${signal ?? `code ${code}`})`));
    });
    // Only who waits for an answer wants to hear of it.
    this.#death.catch(() => {});
  }

  /** Throws TARGET_DIED when it does not come up. */
  static async start(entry: URL): Promise<TruthServerChild> {
    const child = new TruthServerChild(entry);
    const { port } = await child.#next('listening');
    child.#origin = `http://127.0.0.1:${port}`;
    return child;
  }

  get origin(): string {
    return this.#origin;
  }

  async play(script: ScriptSpec): Promise<void> {
    const playing = this.#next('playing');
    this.#send({ kind: 'play', script });
    await playing;
  }

  freeze(fromUs: number, untilUs: number): void {
    this.#send({ kind: 'freeze', fromUs, untilUs });
  }

  /** Everything served since the last time. */
  async collect(): Promise<ServedRequest[]> {
    const log = this.#next('log');
    this.#send({ kind: 'collect' });
    return readTruthLog((await log).rows);
  }

  /** Rejects with TARGET_DIED when the server dies before `work` is done. */
  whileAlive<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#death]);
  }

  close(): void {
    this.#closing = true;
    this.#process.kill('SIGKILL');
  }

  #send(message: ToTruthServer): void {
    // A channel that is gone means a process that is gone: `death` tells why.
    if (this.#process.connected) this.#process.send(message, () => {});
  }

  #next<K extends FromTruthServer['kind']>(
    kind: K,
  ): Promise<Extract<FromTruthServer, { kind: K }>> {
    const answer = new Promise<Extract<FromTruthServer, { kind: K }>>((resolve) => {
      const take = (received: unknown): void => {
        const message = received as FromTruthServer;
        if (message.kind !== kind) return;
        this.#process.off('message', take);
        resolve(message as Extract<FromTruthServer, { kind: K }>);
      };
      this.#process.on('message', take);
    });
    return this.whileAlive(answer);
  }
}
