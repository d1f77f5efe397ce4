/** The load worker's side: connects, warms up, reports ready, generates its shard, reports. */
import type { Clock } from '../base/clock.ts';
import { EcomsimError } from '../base/errors.ts';
import type { ClientSpec, LoadClient } from '../contract/call.ts';
import type { HistoryWriter } from '../contract/history.ts';
import { LoadLoop } from './load-loop.ts';
import { type PlanSizes, planSizes } from './plan.ts';
import {
  type FromWorker,
  historyPathOf,
  type ToWorker,
  type WorkerAssignment,
} from './protocol.ts';
import { warmUpEngine } from './warm-up.ts';

/** Sleeping gives way to polling this long before something is due. */
const SPIN_US = 1000;
/** A pause takes about this and the kernel's timer slack of 50 µs. */
const NAP_US = 50;

export interface WorkerPort {
  post(message: FromWorker, transfer: ArrayBuffer[]): void;
  onMessage(listener: (message: ToWorker) => void): void;
}

/** What the engine may not build itself. */
export interface WorkerParts {
  readonly clock: Clock;
  readonly createClient: (spec: ClientSpec, clock: Clock) => LoadClient | Promise<LoadClient>;
  readonly createWriter: (options: {
    path: string;
    startUs: number;
    clock: Clock;
  }) => HistoryWriter;
  /** Milliseconds that this thread's event loop has waited for I/O and timers so far. */
  readonly idleMs: () => number;
}

/** Resolves when everything has been reported; operating errors are reported, not thrown. */
export async function serveLoad(
  port: WorkerPort,
  assignment: WorkerAssignment,
  parts: WorkerParts,
): Promise<void> {
  try {
    const client = await parts.createClient(assignment.order.client, parts.clock);
    await client.open();
    warmUpEngine(assignment.order.scenario);
    const sizes = planSizes(assignment.order.scenario);
    const begun = nextBegin(port);
    port.post({ kind: 'ready' }, []);
    const { startUs, commands } = await begun;
    await generate(port, assignment, { ...parts, client, sizes, startUs, commands });
  } catch (error) {
    if (!(error instanceof EcomsimError)) throw error;
    const { code, message, details } = error;
    port.post({ kind: 'failed', code, message, details }, []);
  }
}

/** Commands that come after `begin`: kept until somebody listens. */
class Commands {
  #stopDrainMs: number | undefined;
  #listener: ((drainMs: number) => void) | undefined;
  /** Takes back the buffers of deltas that have been read. */
  onSpent: (buffer: ArrayBuffer) => void = () => {};

  stop(drainMs: number): void {
    this.#stopDrainMs = drainMs;
    this.#listener?.(drainMs);
  }

  onStop(listener: (drainMs: number) => void): void {
    this.#listener = listener;
    if (this.#stopDrainMs !== undefined) listener(this.#stopDrainMs);
  }
}

function nextBegin(port: WorkerPort): Promise<{ startUs: number; commands: Commands }> {
  const commands = new Commands();
  return new Promise((resolve) => {
    port.onMessage((message) => {
      if (message.kind === 'begin') resolve({ startUs: message.startUs, commands });
      else if (message.kind === 'stop') commands.stop(message.drainMs);
      else commands.onSpent(message.buffer);
    });
  });
}

async function generate(
  port: WorkerPort,
  assignment: WorkerAssignment,
  run: WorkerParts & {
    client: LoadClient;
    sizes: PlanSizes;
    startUs: number;
    commands: Commands;
  },
): Promise<void> {
  const { order, shard } = assignment;
  const { client, clock, startUs } = run;
  const writer =
    order.history === 'off'
      ? undefined
      : run.createWriter({ path: historyPathOf(order.historyDir, shard.index), startUs, clock });
  const loop = new LoadLoop({
    scenario: order.scenario,
    shard,
    client,
    clock,
    startUs,
    drainMs: order.drainMs,
    keyPrefix: order.keyPrefix,
    maxSessions: assignment.maxSessions,
    loginSteps: order.client.mapping?.session.length ?? 0,
    sizes: run.sizes,
    spinUs: SPIN_US,
    napUs: assignment.coresAreScarce ? NAP_US : 0,
    idleMs: run.idleMs,
    onDelta: (delta) => port.post({ kind: 'delta', delta }, [delta.buffer]),
    dispatched: new Float64Array(assignment.dispatched),
    ...(writer !== undefined && { writer }),
    keepsAll: order.history === 'all',
  });
  const running = loop.run();
  run.commands.onStop((drainMs) => loop.stop(drainMs));
  run.commands.onSpent = (buffer) => loop.takeBack(buffer);
  await running;
  const [closed] = await Promise.all([writer?.close(), client.close()]);
  port.post({ kind: 'finished', historyLost: closed?.lost ?? 0 }, []);
}
