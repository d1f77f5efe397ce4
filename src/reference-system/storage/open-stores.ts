/** Opens the stores of the shop in a folder: one file for all services but the archive, or one each. */
import fs from 'node:fs';
import path from 'node:path';
import { assert, defined } from '../../base/assert.ts';
import type { Clock } from '../../base/clock.ts';
import type { StoreLayout, StrategyOptions } from '../../contract/profile.ts';
import type { StoreBackend, StoreThreadData } from './batch.ts';
import { CommitQueue } from './commit-queue.ts';
import { startInlineBackend } from './inline-backend.ts';
import { STORE_NAMES, type Store, type StoreName, type StoreStats, type Stores } from './store.ts';
import { startThreadBackend } from './thread-backend.ts';

export interface StoresOptions {
  readonly dataDir: string;
  readonly layout: StoreLayout;
  readonly clock: Clock;
  /** Name of the inventory strategy. */
  readonly strategy: string;
  readonly strategyOptions?: Partial<StrategyOptions>;
  /** `inline` runs the store on the caller's thread, for simulations. */
  readonly execution?: 'thread' | 'inline';
  /** Waiting calls beyond which new work is refused with 503 `overloaded`. */
  readonly maxBacklog?: number;
  /** Artificial delay of every commit, to see what a slow disk does; only benchmarks set it. */
  readonly extraSyncMs?: number;
}

const DEFAULT_MAX_BACKLOG = 4096;

interface OpenFile {
  readonly backend: StoreBackend;
  readonly queue: CommitQueue;
}

/** Throws EcomsimError STORE_FAILED when a file cannot be opened. */
export async function openStores(options: StoresOptions): Promise<Stores> {
  fs.mkdirSync(options.dataDir, { recursive: true });
  const files: OpenFile[] = [];
  const byName = new Map<StoreName, OpenFile>();
  const openings = await Promise.allSettled(
    filesOf(options.layout).map(async ([fileName, services]) => {
      const file = await openFile(path.join(options.dataDir, `${fileName}.db`), services, options);
      files.push(file);
      for (const service of services) byName.set(service, file);
    }),
  );
  const failed = openings.find((opening) => opening.status === 'rejected');
  if (failed === undefined) return new OpenStores(files, byName);
  await Promise.all(files.map((file) => file.backend.abandon()));
  throw failed.reason;
}

/** Name and services of each file. The archive has its own in every layout: it only grows. */
function filesOf(layout: StoreLayout): readonly [string, readonly StoreName[]][] {
  if (layout === 'per-service') return STORE_NAMES.map((name) => [name, [name]]);
  const others = STORE_NAMES.filter((name) => name !== 'archive');
  return [
    ['shop', others],
    ['archive', ['archive']],
  ];
}

async function openFile(
  file: string,
  services: readonly StoreName[],
  options: StoresOptions,
): Promise<OpenFile> {
  const data: StoreThreadData = {
    file,
    services,
    strategy: options.strategy,
    strategyOptions: options.strategyOptions ?? {},
    extraSyncMs: options.extraSyncMs ?? 0,
  };
  const backend =
    options.execution === 'inline'
      ? await startInlineBackend(data, options.clock)
      : await startThreadBackend(data);
  const queue = new CommitQueue({
    backend,
    clock: options.clock,
    maxBacklog: options.maxBacklog ?? DEFAULT_MAX_BACKLOG,
  });
  return { backend, queue };
}

class OpenStores implements Stores {
  readonly #files: readonly OpenFile[];
  readonly #stores: ReadonlyMap<StoreName, Store>;
  #closing: Promise<void> | undefined;

  constructor(files: readonly OpenFile[], byName: ReadonlyMap<StoreName, OpenFile>) {
    this.#files = files;
    this.#stores = new Map([...byName].map(([name, file]) => [name, serviceStore(name, file)]));
  }

  of(name: StoreName): Store {
    return defined(this.#stores.get(name), `store ${name}`);
  }

  stats(): StoreStats {
    const sum = (pick: (queue: CommitQueue) => number): number =>
      this.#files.reduce((total, { queue }) => total + pick(queue), 0);
    const commits = sum((queue) => queue.commits);
    const calls = sum((queue) => queue.calls);
    return {
      commits,
      calls,
      callsPerCommit: commits === 0 ? 0 : calls / commits,
      commitMs: sum((queue) => queue.commitUs) / 1000,
      busyMs: sum((queue) => queue.busyUs) / 1000,
      queueLength: sum((queue) => queue.length),
      refused: sum((queue) => queue.refused),
    };
  }

  onFailure(listener: (error: Error) => void): void {
    let told = false;
    const tell = (error: Error): void => {
      if (told) return;
      told = true;
      listener(error);
    };
    for (const { backend, queue } of this.#files) {
      backend.onFailure((error) => {
        queue.end(error);
        tell(error);
      });
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#end(async ({ backend, queue }) => {
      await queue.flush();
      queue.end(new Error('it was closed'));
      await backend.close();
    });
    return this.#closing;
  }

  abandon(): Promise<void> {
    this.#closing ??= this.#end(({ backend, queue }) => {
      queue.end(new Error('it was abandoned'));
      return backend.abandon();
    });
    return this.#closing;
  }

  async #end(endOne: (file: OpenFile) => Promise<void>): Promise<void> {
    await Promise.all(this.#files.map(endOne));
  }
}

function serviceStore(name: StoreName, { backend, queue }: OpenFile): Store {
  const ids = new Map<string, number>();
  for (const [fullName, id] of backend.procedureIds) {
    if (fullName.startsWith(`${name}.`)) ids.set(fullName.slice(name.length + 1), id);
  }
  const idOf = (procedure: string): number => {
    const id = ids.get(procedure);
    assert(id !== undefined, `store ${name} has no procedure ${procedure}`);
    return id;
  };
  return {
    call: <R>(procedure: string, args: unknown) =>
      queue.call(idOf(procedure), args, false) as Promise<R>,
    callAdmitted: <R>(procedure: string, args: unknown) =>
      queue.call(idOf(procedure), args, true) as Promise<R>,
  };
}
