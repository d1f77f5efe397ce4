/** The coordinator's side: starts the load workers, merges what they report, and ends them. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { assert } from '../base/assert.ts';
import type { TimerHandle } from '../base/clock.ts';
import { EcomsimError, messageOf } from '../base/errors.ts';
import { owns, shareOf } from '../base/shard.ts';
import { formatCount } from '../base/units.ts';
import { DEFAULT_MAX_SESSIONS, type LoadReport } from '../contract/load.ts';
import { sendCounters } from './cells.ts';
import type { LoadHandle, StartLoadOptions } from './load-handle.ts';
import { buildLoadReport } from './load-report.ts';
import { Measurements } from './measurements.ts';
import { phaseAt, phaseStartsUs, plannedDurationUs } from './phases.ts';
import { createPlan } from './plan.ts';
import { virtualUsersOf } from './plan-summary.ts';
import {
  type FromWorker,
  historyPathOf,
  type ToWorker,
  type WorkerAssignment,
} from './protocol.ts';

/** For the coordinator, and for the event loop and the store thread of a shop on this machine. */
const CORES_BESIDE_WORKERS = 3;
/** Longest wait for a worker to connect and warm up. */
const READY_LIMIT_MS = 60_000;
/** What a worker may need beyond the end of its drain to write its history and close. */
const FINISH_GRACE_MS = 15_000;
const ABORT_GRACE_MS = 3000;
/** Drain after the target has died: nothing will be answered any more. */
const DEAD_TARGET_DRAIN_MS = 1000;

interface LoadWorker {
  readonly index: number;
  readonly thread: Worker;
  readonly dispatched: Float64Array;
  state: 'starting' | 'ready' | 'finished' | 'lost';
  historyLost: number;
  /** Seconds of the timeline that it has reported completely. */
  secondsReported: number;
}

class LoadRun implements LoadHandle {
  readonly finished: Promise<LoadReport>;
  readonly ready: Promise<void>;
  readonly #options: StartLoadOptions;
  readonly #workers: LoadWorker[];
  readonly #measurements: Measurements;
  readonly #lostWorkers: string[] = [];
  readonly #maxSessions: number;
  #dueUnreported = 0;
  #startUs = Number.NaN;
  #startWallMs = 0;
  #cpuAtStart = process.cpuUsage();
  #endUs: number;
  #stopped: LoadReport['stopped'] = 'finished';
  #samplesSent = 0;
  #watchdog: TimerHandle | undefined;
  #resolveReady: () => void = () => {};
  #rejectReady: (error: Error) => void = () => {};
  #resolveFinished: (report: LoadReport) => void = () => {};
  #rejectFinished: (error: unknown) => void = () => {};
  #over = false;

  constructor(options: StartLoadOptions) {
    assert(options.workers >= 1, 'load needs at least one worker');
    this.#options = options;
    this.#maxSessions = options.maxSessions ?? DEFAULT_MAX_SESSIONS;
    this.#measurements = new Measurements(options.order.scenario);
    this.#endUs = plannedDurationUs(options.order.scenario.phases);
    this.ready = new Promise((resolve, reject) => {
      this.#resolveReady = resolve;
      this.#rejectReady = reject;
    });
    this.finished = new Promise((resolve, reject) => {
      this.#resolveFinished = resolve;
      this.#rejectFinished = reject;
    });
    // Whoever gave up before the start never asks for the report.
    this.finished.catch(() => {});
    this.#workers = Array.from({ length: options.workers }, (_, index) => this.#startWorker(index));
    this.#watch(READY_LIMIT_MS);
  }

  begin(startUs: number): void {
    assert(Number.isNaN(this.#startUs), 'load begins once');
    // Stopped while it was getting ready: the empty report is on its way already.
    if (this.#over) return;
    const { clock } = this.#options;
    this.#startUs = Math.round(startUs);
    const inMs = (this.#startUs - clock.nowUs()) / 1000;
    this.#startWallMs = clock.wallMs() + inMs;
    this.#cpuAtStart = process.cpuUsage();
    this.#post({ kind: 'begin', startUs: this.#startUs });
    this.#watch(inMs + this.#endUs / 1000 + this.#options.order.drainMs + FINISH_GRACE_MS);
  }

  stop(): void {
    this.#stopAll('interrupted', this.#options.order.drainMs, FINISH_GRACE_MS);
  }

  abort(): void {
    this.#stopAll('interrupted', 0, ABORT_GRACE_MS);
  }

  targetDied(_reason: string): void {
    this.#stopAll('target-died', DEAD_TARGET_DRAIN_MS, FINISH_GRACE_MS);
  }

  #stopAll(why: 'interrupted' | 'target-died', drainMs: number, graceMs: number): void {
    if (this.#over) return;
    if (this.#stopped === 'finished') this.#stopped = why;
    if (Number.isNaN(this.#startUs)) {
      this.#endUs = 0;
      this.#giveUp();
      return;
    }
    this.#endUs = Math.min(this.#endUs, Math.max(0, this.#nowUs()));
    this.#post({ kind: 'stop', drainMs });
    this.#watch(drainMs + graceMs);
  }

  #nowUs(): number {
    return this.#options.clock.nowUs() - this.#startUs;
  }

  #post(message: ToWorker): void {
    for (const worker of this.#workers) {
      if (worker.state === 'ready') worker.thread.postMessage(message);
    }
  }

  #startWorker(index: number): LoadWorker {
    const { order, workers } = this.#options;
    const shard = { index, count: workers };
    const counters = sendCounters(order.scenario.populations.length);
    const dispatched = new SharedArrayBuffer(counters * Float64Array.BYTES_PER_ELEMENT);
    const maxSessions = Math.max(1, shareOf(this.#maxSessions, shard));
    const coresAreScarce = availableParallelism() < shard.count + CORES_BESIDE_WORKERS;
    const assignment: WorkerAssignment = {
      order,
      shard,
      maxSessions,
      coresAreScarce,
      dispatched,
    };
    const url = this.#options.workerUrl ?? new URL('../load-worker.js', import.meta.url);
    const worker: LoadWorker = {
      index,
      thread: new Worker(url, { workerData: assignment }),
      dispatched: new Float64Array(dispatched),
      state: 'starting',
      historyLost: 0,
      secondsReported: 0,
    };
    worker.thread.on('message', (message: FromWorker) => this.#receive(worker, message));
    worker.thread.on('error', (error) => this.#lose(worker, `failed: ${messageOf(error)}`));
    worker.thread.on('exit', (code) => this.#lose(worker, `ended with code ${code}`));
    return worker;
  }

  #receive(worker: LoadWorker, message: FromWorker): void {
    if (worker.state === 'lost') return;
    switch (message.kind) {
      case 'ready':
        worker.state = 'ready';
        if (this.#workers.every(({ state }) => state === 'ready')) {
          this.#cancelWatch();
          this.#resolveReady();
        }
        return;
      case 'delta':
        this.#giveBack(worker, this.#measurements.merge(worker.index, message.delta));
        worker.secondsReported = Math.floor(message.delta.untilUs / 1e6);
        this.#sendSamples();
        return;
      case 'finished':
        worker.state = 'finished';
        worker.historyLost = message.historyLost;
        this.#sendSamples();
        this.#completeWhenAllEnded();
        return;
      case 'failed':
        this.#fail(worker, new EcomsimError(message.code, message.message, message));
    }
  }

  #giveBack({ state, thread }: LoadWorker, buffer: ArrayBuffer | undefined): void {
    if (buffer === undefined || state !== 'ready') return;
    thread.postMessage({ kind: 'spent', buffer } satisfies ToWorker, [buffer]);
  }

  /** An operating error before the start belongs to the caller; after it the worker is lost. */
  #fail(worker: LoadWorker, error: EcomsimError): void {
    if (Number.isNaN(this.#startUs)) {
      this.#giveUp(error);
      return;
    }
    this.#lose(worker, `failed: ${error.message}`);
    void worker.thread.terminate();
  }

  #lose(worker: LoadWorker, how: string): void {
    if (worker.state === 'finished' || worker.state === 'lost' || this.#over) return;
    const text = `load worker ${worker.index} ${how}`;
    if (Number.isNaN(this.#startUs)) {
      this.#giveUp(new EcomsimError('WORKER_DIED', `${text} before the load began`));
      return;
    }
    worker.state = 'lost';
    const { scenario } = this.#options.order;
    const nowUs = this.#nowUs();
    const phase = phaseAt(phaseStartsUs(scenario.phases), nowUs);
    const count = this.#measurements.addLost(worker.index, worker.dispatched, phase);
    this.#lostWorkers.push(
      `${text} after ${Math.max(0, nowUs / 1e6).toFixed(1)} s; ${count} operations of its own ` +
        'have an unknown outcome: run again, with fewer journeys per second if it happens again',
    );
    this.#completeWhenAllEnded();
  }

  /** Before the start: ends all workers and rejects, or reports an empty run when stopped. */
  #giveUp(error?: EcomsimError): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancelWatch();
    if (error === undefined) {
      this.#resolveReady();
      this.#startWallMs = this.#options.clock.wallMs();
      void this.#complete();
      return;
    }
    void this.#terminateAll().then(() => {
      this.#rejectReady(error);
      this.#rejectFinished(error);
    });
  }

  async #terminateAll(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.thread.terminate()));
  }

  #watch(limitMs: number): void {
    this.#cancelWatch();
    this.#watchdog = this.#options.clock.after(Math.max(0, limitMs), () => {
      for (const worker of this.#workers) {
        if (worker.state === 'finished' || worker.state === 'lost') continue;
        this.#lose(worker, 'did not answer any more');
        void worker.thread.terminate();
      }
    });
  }

  #cancelWatch(): void {
    if (this.#watchdog !== undefined) this.#options.clock.cancel(this.#watchdog);
    this.#watchdog = undefined;
  }

  #sendSamples(): void {
    const { onSample } = this.#options;
    if (onSample === undefined) return;
    const alive = this.#workers.filter(({ state }) => state === 'ready');
    const complete = Math.min(...alive.map((worker) => worker.secondsReported));
    const planned = Math.min(complete, Math.ceil(this.#endUs / 1e6));
    for (; this.#samplesSent < planned; this.#samplesSent++) {
      onSample(this.#measurements.timeline.sample(this.#samplesSent));
    }
  }

  #completeWhenAllEnded(): void {
    const ended = this.#workers.every(({ state }) => state === 'finished' || state === 'lost');
    if (!ended || this.#over) return;
    this.#over = true;
    this.#cancelWatch();
    void this.#complete();
  }

  async #complete(): Promise<void> {
    try {
      const report = this.#report();
      await this.#terminateAll();
      this.#resolveFinished(report);
    } catch (error) {
      this.#rejectFinished(error);
    }
  }

  #report(): LoadReport {
    const { order, tightestThresholdMs, workers } = this.#options;
    for (const worker of this.#workers) {
      if (worker.state === 'lost') this.#dueUnreported += this.#unreportedDue(worker);
    }
    const { user, system } = process.cpuUsage(this.#cpuAtStart);
    const paths = this.#workers.map(({ index }) => historyPathOf(order.historyDir, index));
    return buildLoadReport({
      scenario: order.scenario,
      measurements: this.#measurements,
      workers,
      endUs: this.#endUs,
      startWallMs: this.#startWallMs,
      stopped: this.#stopped,
      tightestThresholdMs,
      maxSessions: this.#maxSessions,
      capDeclared: this.#options.maxSessions !== undefined,
      cpuUtilisation: Number.isNaN(this.#startUs) ? 0 : (user + system) / this.#nowUs(),
      lostWorkers: this.#lostWorkers,
      dueUnreported: this.#dueUnreported,
      historyFiles: order.history === 'off' ? [] : paths,
      historyLost: this.#workers.reduce((sum, worker) => sum + worker.historyLost, 0),
    });
  }

  /** Journeys of a lost worker's shard that were due by the end but that it never reported. */
  #unreportedDue(worker: LoadWorker): number {
    const { scenario } = this.#options.order;
    // Nobody knows which journeys virtual users would have begun.
    if (scenario.model?.kind === 'closed') return 0;
    const plan = createPlan(scenario);
    const shard = { index: worker.index, count: this.#workers.length };
    let due = 0;
    while (plan.next() && plan.intendedUs < this.#endUs) if (owns(shard, plan.ordinal)) due++;
    return Math.max(0, due - this.#measurements.journeysDueOf(worker.index));
  }
}

/** Virtual users are sessions: a cap below their number would silently drop some of them. */
function refuseTooManyUsers({ order, maxSessions = DEFAULT_MAX_SESSIONS }: StartLoadOptions): void {
  const users = virtualUsersOf(order.scenario);
  if (users <= maxSessions) return;
  throw new EcomsimError(
    'INVALID_VALUE',
    `${formatCount(users)} virtual users are more than the ${formatCount(maxSessions)} sessions ` +
      'that may be live at once; use fewer users',
  );
}

/**
 * Starts the workers and resolves when all of them are connected and warm. Rejects with the
 * client's EcomsimError (TARGET_*) or WORKER_DIED; no worker is left behind then. INVALID_VALUE: more
 * virtual users than sessions.
 */
export async function startLoad(options: StartLoadOptions): Promise<LoadHandle> {
  refuseTooManyUsers(options);
  const run = new LoadRun(options);
  await run.ready;
  return run;
}
