/** The child's side: takes its role from the parent, lives as long as the parent, then cleans up. */
import type { Clock } from '../../base/clock.ts';
import { EcomsimError, messageOf } from '../../base/errors.ts';
import type { CrashPoints } from '../crash-points.ts';
import { removeFolder } from './data-folder.ts';
import type { ChildStart, FromChild, Role, RunningRole, ToChild } from './messages.ts';

/** An orphan must go even when its orderly end hangs. */
const ORPHAN_STOP_TIMEOUT_MS = 2_000;
/** A Ctrl-C goes to the whole process group; the parent still needs its children to audit. */
const IGNORED_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface ServeOptions {
  /** Only the entry of a selftest has them: none can be set from outside. */
  readonly crashPoints?: CrashPoints;
}

export function serveParent(clock: Clock, options: ServeOptions = {}): void {
  if (process.send === undefined) {
    process.stderr.write('ecomsim: this file is started by ecomsim itself; use `ecomsim serve`\n');
    process.exitCode = 104;
    return;
  }
  for (const signal of IGNORED_SIGNALS) process.on(signal, () => {});
  const carrier = new RoleCarrier(clock, options);
  process.on('message', (message) => carrier.take(message as ToChild));
  process.on('disconnect', () => carrier.orphaned());
}

class RoleCarrier {
  readonly #clock: Clock;
  readonly #options: ServeOptions;
  #role: Promise<RunningRole> | undefined;
  #temporaryRoot: string | null = null;

  constructor(clock: Clock, options: ServeOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  take(message: ToChild): void {
    switch (message.kind) {
      case 'load':
        this.#temporaryRoot = message.temporaryRoot;
        void loadRole(message.role);
        return;
      case 'start':
        this.#role = startRole(message.start, this.#clock, this.#options);
        void this.#role.then(tellReady, tellFailed);
        return;
      case 'stop':
        void this.#stop();
    }
  }

  /** The parent is gone, whatever killed it. */
  orphaned(): void {
    const end = (): void => {
      if (this.#temporaryRoot !== null) removeFolder(this.#temporaryRoot);
      process.exit(0);
    };
    this.#clock.after(ORPHAN_STOP_TIMEOUT_MS, end);
    void this.#stopRole().finally(end);
  }

  async #stop(): Promise<void> {
    await this.#stopRole();
    process.exit(0);
  }

  async #stopRole(): Promise<void> {
    // A role that failed to start has told so already and has nothing to stop.
    const role = await this.#role?.catch(() => undefined);
    await role?.stop();
  }
}

async function loadRole(role: Role): Promise<void> {
  if (role === 'shop') await import('../wiring.ts');
  else await import('../payments/gateway-process.ts');
}

async function startRole(
  start: ChildStart,
  clock: Clock,
  options: ServeOptions,
): Promise<RunningRole> {
  if (start.role === 'shop') return (await import('../wiring.ts')).startShop(start, clock, options);
  return (await import('../payments/gateway-process.ts')).startGateway(start, clock);
}

function tell(message: FromChild): void {
  process.send?.(message);
}

function tellReady(role: RunningRole): void {
  tell({ kind: 'ready', port: role.port, controlPort: role.controlPort });
}

function tellFailed(error: unknown): void {
  const known = error instanceof EcomsimError ? error : undefined;
  if (known === undefined && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  tell({
    kind: 'failed',
    code: known?.code ?? 'TARGET_START_FAILED',
    message: known?.message ?? `The shop could not be started: ${messageOf(error)}`,
    details: known?.details ?? [],
  });
}
