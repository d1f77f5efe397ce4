/** Kills the real shop again and again on the same data, and audits it after each restart. */
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { assert } from '../../base/assert.ts';
import type { Clock } from '../../base/clock.ts';
import { EcomsimError, messageOf } from '../../base/errors.ts';
import { Prng } from '../../base/prng.ts';
import type { AuditReport } from '../../contract/audit.ts';
import type { LoadClient } from '../../contract/call.ts';
import type { HistoryWriter } from '../../contract/history.ts';
import type { StoreLayout } from '../../contract/profile.ts';
import { createHistoryWriter } from '../../history/history-writer.ts';
import type { CrashPoint } from '../../reference-system/crash-points.ts';
import { createLoadClient } from '../../targets/client-registry.ts';
import type { ReferenceTarget } from '../../targets/reference/reference-target.ts';
import type { Arming } from './armed-crash-points.ts';
import { CrashEvidence } from './crash-evidence.ts';
import {
  CALM_TRAFFIC,
  CrashLoad,
  type CrashTraffic,
  RANDOM_TRAFFIC,
  trafficFor,
} from './crash-load.ts';
import {
  CALM,
  CURRENCY,
  CUSTOMERS,
  crashCatalogue,
  createCrashTarget,
  FIRST_SCARCE_ITEM,
  HOT_ITEM,
  PER_CUSTOMER,
} from './crash-shop.ts';
import type { Cycle, CycleBatch } from './cycles.ts';

const MAX_CONNECTIONS = 64;
/** Longest wait for a named point, and for the shop to come to rest. */
const REACH_TIMEOUT_MS = 20_000;
const SETTLE_TIMEOUT_MS = 30_000;
const HOT_UNITS_PER_CYCLE = 12;
const ORDERS_BEFORE = 12;
const POLL_MS = 20;
/** How long a start that was armed may go on: part of what is made up for comes after the ports. */
const RECOVERING_MS = 300;

/** What one cycle came to. */
export interface CycleResult {
  readonly cycle: Cycle;
  readonly layout: StoreLayout;
  /** It died where it was to; false: the named point was never reached. */
  readonly died: boolean;
  /** It died a second time, while it recovered from the first. */
  readonly diedRecovering: boolean;
  readonly restartMs: number;
  readonly cycleMs: number;
  readonly inDoubt: number;
  readonly acknowledged: number;
  /** Over everything since its data folder was made. */
  readonly audit: AuditReport;
}

export interface CrashSelftestOptions {
  /** See planCycles. */
  readonly batches: readonly CycleBatch[];
  readonly seed: number;
  /** Built file that the shop's process runs; one that can be armed when absent. */
  readonly shopEntry?: URL;
  readonly strategy: string;
  readonly clock: Clock;
  readonly replayCommand: string;
  readonly onCycle: (result: CycleResult, index: number) => void;
}

export class CrashSelftest {
  readonly #options: CrashSelftestOptions;
  readonly #results: CycleResult[] = [];
  #isStopped = false;
  #target: ReferenceTarget | undefined;
  /** Histories of the batch under way; '' between two. */
  #folder = '';

  constructor(options: CrashSelftestOptions) {
    this.#options = options;
  }

  /** No further cycle begins. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Synchronous last resort for exit handlers. */
  kill(): void {
    this.#target?.kill();
    if (this.#folder !== '') rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Throws EcomsimError when the shop does not come up again. */
  async run(): Promise<readonly CycleResult[]> {
    for (const batch of this.#options.batches) {
      if (this.#isStopped) break;
      await this.#runBatch(batch);
    }
    return this.#results;
  }

  async #runBatch({ layout, cycles }: CycleBatch): Promise<void> {
    const { clock, seed, strategy, shopEntry } = this.#options;
    const folder = await mkdtemp(path.join(os.tmpdir(), 'ecomsim-crash-'));
    const target = createCrashTarget({
      ...{ layout, strategy, seed, clock },
      ...(shopEntry !== undefined && { shopEntry }),
    });
    this.#target = target;
    this.#folder = folder;
    try {
      const life = await CrashLife.open(target, folder, this.#options);
      try {
        for (const cycle of cycles) {
          if (this.#isStopped) return;
          const result = { ...(await life.go(cycle, this.#results.length)), layout };
          this.#results.push(result);
          this.#options.onCycle(result, this.#results.length - 1);
        }
      } finally {
        await life.close();
      }
    } finally {
      await target.close();
      await rm(folder, { recursive: true, force: true });
      this.#folder = '';
    }
  }
}

/** One data folder through all of its cycles. */
class CrashLife {
  readonly #target: ReferenceTarget;
  readonly #client: LoadClient;
  readonly #evidence: CrashEvidence;
  readonly #folder: string;
  readonly #options: CrashSelftestOptions;
  readonly #startUs: number;
  #nextScarce = FIRST_SCARCE_ITEM;

  private constructor(parts: {
    readonly target: ReferenceTarget;
    readonly client: LoadClient;
    readonly evidence: CrashEvidence;
    readonly folder: string;
    readonly options: CrashSelftestOptions;
    readonly startUs: number;
  }) {
    this.#target = parts.target;
    this.#client = parts.client;
    this.#evidence = parts.evidence;
    this.#folder = parts.folder;
    this.#options = parts.options;
    this.#startUs = parts.startUs;
  }

  static async open(
    target: ReferenceTarget,
    folder: string,
    options: CrashSelftestOptions,
  ): Promise<CrashLife> {
    const { clock, seed, replayCommand } = options;
    const catalogue = crashCatalogue();
    await target.open();
    const spec = await target.prepare({
      catalogue,
      currency: CURRENCY,
      hotItems: [HOT_ITEM],
      perCustomer: PER_CUSTOMER,
      customers: CUSTOMERS,
    });
    const startUs = Math.floor(clock.nowUs());
    await target.openSale(startUs, null);
    const client = createLoadClient({ ...spec, maxConnections: MAX_CONNECTIONS }, clock);
    await client.open();
    const evidence = new CrashEvidence({
      ...{ target, client, clock, catalogue, seed, replayCommand, startUs },
    });
    const life = new CrashLife({ target, client, evidence, folder, options, startUs });
    await life.#sellSome();
    return life;
  }

  /** Orders from before the first kill: the audit has something to judge whatever comes then. */
  async #sellSome(): Promise<void> {
    const { clock } = this.#options;
    const file = path.join(this.#folder, 'before.history');
    const writer = createHistoryWriter({ path: file, startUs: this.#startUs, clock });
    const load = this.#loadOf(CALM_TRAFFIC, writer, 'before');
    const running = load.run();
    const untilUs = clock.nowUs() + SETTLE_TIMEOUT_MS * 1000;
    while (load.acknowledged < ORDERS_BEFORE && clock.nowUs() < untilUs) await clock.sleep(POLL_MS);
    load.stop();
    await running;
    await writer.close();
    this.#evidence.addHistory(file);
  }

  #loadOf(traffic: CrashTraffic, writer: HistoryWriter, name: string): CrashLoad {
    const { clock, seed } = this.#options;
    const parts = {
      ...{ client: this.#client, clock, writer, keyPrefix: name },
      prng: new Prng(seed, `crash cycle ${name}`),
      scarceItem: () => this.#nextScarce++,
    };
    return new CrashLoad(parts, traffic);
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  async go(cycle: Cycle, index: number): Promise<Omit<CycleResult, 'layout'>> {
    const { clock } = this.#options;
    const startedUs = clock.nowUs();
    const file = path.join(this.#folder, `cycle-${index}.history`);
    const writer = createHistoryWriter({ path: file, startUs: this.#startUs, clock });
    await this.#target.resume();
    await this.#evidence.restock(HOT_ITEM, HOT_UNITS_PER_CYCLE);
    const traffic = cycle.kind === 'point' ? trafficFor(cycle.point) : RANDOM_TRAFFIC;
    await this.#target.setPayment(traffic.payment);
    const load = this.#loadOf(traffic, writer, `c${index}`);
    const shop = this.#target.processes;
    shop.expectShopToEnd();
    if (cycle.kind === 'point')
      shop.tellShop(armingOf(cycle.point, cycle.pass === 'first' ? 1 : 2));
    const running = load.run();
    const died = await this.#untilDead(cycle);
    const diedAtUs = this.#evidence.nowUs;
    load.stop();
    await this.#target.setPayment(CALM);
    const { restartMs, diedRecovering } = await this.#restart(cycle);
    this.#evidence.addOutage(diedAtUs, this.#evidence.nowUs);
    await running;
    await writer.close();
    this.#evidence.addHistory(file);
    const { inDoubt, audit } = await this.#audit(index);
    const cycleMs = (clock.nowUs() - startedUs) / 1000;
    const { acknowledged } = load;
    return { cycle, died, diedRecovering, restartMs, cycleMs, inDoubt, acknowledged, audit };
  }

  /** False when a named point was not reached in time: the shop is then killed where it is. */
  async #untilDead(cycle: Cycle): Promise<boolean> {
    const { clock } = this.#options;
    const shop = this.#target.processes;
    const limitMs = cycle.kind === 'point' ? REACH_TIMEOUT_MS : cycle.afterMs;
    let timer: ReturnType<Clock['after']> | undefined;
    const late = new Promise<false>((resolve) => {
      timer = clock.after(limitMs, () => resolve(false));
    });
    const died = await Promise.race([shop.shopEnded().then(() => true), late]);
    if (timer !== undefined) clock.cancel(timer);
    if (died) return true;
    await shop.killShop();
    return cycle.kind === 'random';
  }

  /** In the second pass the shop may die at the same point once more, while it recovers. */
  async #restart(cycle: Cycle): Promise<{ restartMs: number; diedRecovering: boolean }> {
    const { clock } = this.#options;
    const shop = this.#target.processes;
    const isAgain = cycle.kind === 'point' ? cycle.pass === 'second' : cycle.againAfterMs !== null;
    const diedRecovering = isAgain && !(await this.#startsAgain(cycle));
    const startedUs = clock.nowUs();
    // Also where it has survived: what was armed for its recovery must not strike later.
    await shop.restartShop();
    return { restartMs: (clock.nowUs() - startedUs) / 1000, diedRecovering };
  }

  /** A start that may be cut short: true when it was not. */
  async #startsAgain(cycle: Cycle): Promise<boolean> {
    const { clock } = this.#options;
    const shop = this.#target.processes;
    const arming = cycle.kind === 'point' ? armingOf(cycle.point, 1) : undefined;
    const starting = shop.restartShop(arming);
    const timer =
      cycle.kind === 'random'
        ? clock.after(cycle.againAfterMs ?? 0, () => void shop.killShop())
        : undefined;
    try {
      await starting;
      if (arming === undefined) return true;
      const late = clock.sleep(RECOVERING_MS).then(() => true);
      return await Promise.race([shop.shopEnded().then(() => false), late]);
    } catch (error) {
      if (error instanceof EcomsimError && error.code === 'TARGET_START_FAILED') return false;
      throw error;
    } finally {
      if (timer !== undefined) clock.cancel(timer);
    }
  }

  async #audit(index: number): Promise<{ inDoubt: number; audit: AuditReport }> {
    const { clock } = this.#options;
    const isSettled = await this.#target.settle(SETTLE_TIMEOUT_MS);
    const file = path.join(this.#folder, `resolved-${index}.history`);
    const writer = createHistoryWriter({ path: file, startUs: this.#startUs, clock });
    try {
      const resolved = await this.#evidence.resolve(writer);
      return { inDoubt: resolved.length, audit: await this.#finish(writer, file, isSettled) };
    } catch (error) {
      throw new EcomsimError(
        'TARGET_BAD_ANSWER',
        `the audit after cycle ${index + 1} could not be carried out: ${messageOf(error)}`,
        { cause: error },
      );
    }
  }

  async #finish(
    writer: ReturnType<typeof createHistoryWriter>,
    file: string,
    isSettled: boolean,
  ): Promise<AuditReport> {
    const { lost } = await writer.close();
    assert(lost === 0, 'records of the resolution were lost');
    this.#evidence.addHistory(file);
    return this.#evidence.judge(isSettled);
  }
}

function armingOf(point: CrashPoint, pass: number): Arming {
  return { kind: 'arm', point, pass };
}
