/** The parent's handle on the process of the server that does nothing. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { EcomsimError } from '../base/errors.ts';

const ENTRY = new URL('./noop-server-process.js', import.meta.url);

export class NoopServerChild {
  #origin = '';
  readonly #process: ChildProcess;
  /** Rejects when the process ends without having been asked to. */
  readonly #death: Promise<never>;
  #closing = false;

  private constructor() {
    this.#process = fork(fileURLToPath(ENTRY), [], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: [],
    });
    this.#death = new Promise((_, reject) => {
      const die = (how: string): void => {
        if (this.#closing) return;
        reject(new EcomsimError('TARGET_DIED', `the server to measure by ${how}; run it again`));
      };
      this.#process.on('error', (error) => die(`failed: ${error.message}`));
      this.#process.once('exit', (code, signal) => die(`ended (${signal ?? `code ${code}`})`));
    });
    // Only who waits for an answer wants to hear of it.
    this.#death.catch(() => {});
  }

  /** Throws TARGET_DIED when it does not come up. */
  static async start(): Promise<NoopServerChild> {
    const child = new NoopServerChild();
    const port = new Promise<number>((resolve) => {
      child.#process.once('message', (message) => resolve((message as { port: number }).port));
    });
    child.#origin = `http://127.0.0.1:${await child.whileAlive(port)}`;
    return child;
  }

  get origin(): string {
    return this.#origin;
  }

  /** Rejects with TARGET_DIED when the server dies before `work` is done. */
  whileAlive<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#death]);
  }

  close(): void {
    this.#closing = true;
    this.#process.kill('SIGKILL');
  }
}
