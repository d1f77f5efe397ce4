/** What the coordinator and its load workers say to each other. */
import type { ErrorCode } from '../base/errors.ts';
import type { Shard } from '../base/shard.ts';
import type { LoadPreparation } from './load-handle.ts';
import type { LoadDelta } from './recorder.ts';

/** Given to a worker when its thread starts. */
export interface WorkerAssignment {
  readonly order: LoadPreparation;
  readonly shard: Shard;
  readonly maxSessions: number;
  /** Generator and target have to share cores: polling would take the target's. */
  readonly coresAreScarce: boolean;
  /** Float64 counters of what was sent and begun (`sendCounters`); outlives the worker. */
  readonly dispatched: SharedArrayBuffer;
}

export type ToWorker =
  /** Fixes the start of intended time (host-wide µs). */
  | { readonly kind: 'begin'; readonly startUs: number }
  /** No step is intended any more; what is in flight has `drainMs` to end. */
  | { readonly kind: 'stop'; readonly drainMs: number }
  /** The buffer of a delta that has been read. */
  | { readonly kind: 'spent'; readonly buffer: ArrayBuffer };

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'delta'; readonly delta: LoadDelta }
  /** Nothing more comes; `historyLost` counts records that could not be written. */
  | { readonly kind: 'finished'; readonly historyLost: number }
  | {
      readonly kind: 'failed';
      readonly code: ErrorCode;
      readonly message: string;
      readonly details: readonly string[];
    };

/** Where the history segment of a worker lies. */
export function historyPathOf(historyDir: string, index: number): string {
  return `${historyDir}/worker-${index}.history`;
}
