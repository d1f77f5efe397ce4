/** Drives the load against a prepared target: observation, progress, interruption, death. */
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { ClientSpec } from '../../contract/call.ts';
import type { PlannedFault } from '../../contract/fault.ts';
import type { HistoryScope, LoadReport, TimelineSample } from '../../contract/load.ts';
import type { Scenario } from '../../contract/scenario.ts';
import type { Target, TargetObservation } from '../../contract/target.ts';
import { startLoad } from '../../engine/load-run.ts';
import type { Interrupts } from './interrupts.ts';
import { type InterventionRecord, Interventions } from './interventions.ts';

/** A shop that has not answered its control port for so long counts as gone (SIGSTOP, hang). */
const UNRESPONSIVE_AFTER_MS = 8000;
/** Workers are ready by then; leaves room to announce the sale before the first arrival. */
const LEAD_MS = 300;

export interface LoadPhaseOptions {
  readonly scenario: Scenario;
  readonly faults: readonly PlannedFault[];
  readonly target: Target;
  readonly client: ClientSpec;
  readonly workers: number;
  readonly drainMs: number;
  readonly history: HistoryScope;
  readonly historyDir: string;
  readonly keyPrefix: string;
  readonly tightestThresholdMs: number | null;
  readonly clock: Clock;
  readonly interrupts: Interrupts;
  readonly onProgress: (sample: TimelineSample, observed: TargetObservation | undefined) => void;
}

export interface LoadPhaseResult {
  readonly load: LoadReport;
  readonly startUs: number;
  readonly observations: readonly TargetObservation[];
  /** Why the target ended by itself; '' when it did not. */
  readonly targetDeath: string;
  readonly interventions: InterventionRecord;
}

/** Polls the target once a second; tells when it has been silent for too long. */
class Observer {
  readonly observations: TargetObservation[] = [];
  readonly #target: Target;
  readonly #clock: Clock;
  readonly #onSilent: (reason: string) => void;
  #busy = false;
  #lastAnswerUs: number;
  #lastProblem = '';
  /** Whether its silence is a fault of ours. */
  isExcused: () => boolean = () => false;

  constructor(target: Target, clock: Clock, onSilent: (reason: string) => void) {
    this.#target = target;
    this.#clock = clock;
    this.#onSilent = onSilent;
    this.#lastAnswerUs = clock.nowUs();
  }

  get last(): TargetObservation | undefined {
    return this.observations.at(-1);
  }

  async poll(): Promise<void> {
    if (this.isExcused()) this.#lastAnswerUs = this.#clock.nowUs();
    const silentMs = (this.#clock.nowUs() - this.#lastAnswerUs) / 1000;
    if (silentMs > UNRESPONSIVE_AFTER_MS) {
      const seconds = Math.round(silentMs / 1000);
      this.#onSilent(`it has not answered for ${seconds} s (${this.#lastProblem || 'no answer'})`);
    }
    if (this.#busy) return;
    this.#busy = true;
    try {
      const observation = await this.#target.observe();
      if (observation !== undefined) this.observations.push(observation);
      this.#lastAnswerUs = this.#clock.nowUs();
    } catch (error) {
      this.#lastProblem = messageOf(error);
    } finally {
      this.#busy = false;
    }
  }
}

export async function runLoadPhase(options: LoadPhaseOptions): Promise<LoadPhaseResult> {
  const { target, clock, scenario } = options;
  let targetDeath = '';
  let observer: Observer | undefined;
  const handle = await startLoad({
    order: {
      scenario,
      client: options.client,
      drainMs: options.drainMs,
      history: options.history,
      historyDir: options.historyDir,
      keyPrefix: options.keyPrefix,
    },
    clock,
    workers: options.workers,
    tightestThresholdMs: options.tightestThresholdMs,
    onSample: (sample) => options.onProgress(sample, observer?.last),
  });
  const onDeath = (reason: string): void => {
    if (targetDeath !== '') return;
    targetDeath = reason;
    handle.targetDied(reason);
  };
  target.onDeath(onDeath);
  options.interrupts.onFirst(() => handle.stop());
  const startUs = clock.nowUs() + LEAD_MS * 1000;
  const { opensAtMs, closesAtMs } = scenario.sale;
  try {
    const closesAtUs = closesAtMs === null ? null : startUs + closesAtMs * 1000;
    await target.openSale(startUs + opensAtMs * 1000, closesAtUs);
  } catch (error) {
    handle.abort();
    await handle.finished;
    throw error;
  }
  observer = new Observer(target, clock, onDeath);
  const watching = observer;
  await watching.poll();
  const ticker = clock.every(1000, () => void watching.poll());
  const { faults } = options;
  const plan = { scenario, faults, target, clock, startUs, onLost: onDeath };
  const interventions = new Interventions(plan);
  watching.isExcused = () => interventions.isTargetOut;
  handle.begin(startUs);
  try {
    const load = await Promise.race([handle.finished, options.interrupts.second]);
    const record = await interventions.stop();
    if (targetDeath === '') await watching.poll();
    return {
      load,
      startUs,
      observations: watching.observations,
      targetDeath,
      interventions: record,
    };
  } catch (error) {
    handle.abort();
    void interventions.stop();
    throw error;
  } finally {
    clock.cancel(ticker);
  }
}
