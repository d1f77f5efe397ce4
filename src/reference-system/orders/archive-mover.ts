/**
 * Moves completed orders to the archive: mark, copy, and only when the copy is durable remove. Every
 * step may be repeated, so a life that ends in between leaves an order that the next round finishes.
 */
import type { Clock, TimerHandle } from '../../base/clock.ts';
import type { CrashPoints } from '../crash-points.ts';
import type { ArchiveService } from '../services.ts';
import { documentOf } from './archived-orders.ts';
import type { OrderStore } from './order-store.ts';

export interface ArchiveMoverDeps {
  readonly orders: OrderStore;
  readonly archive: ArchiveService;
  readonly clock: Clock;
  readonly crashPoints: CrashPoints;
  /** How long an order rests in its final state before it is moved; null: for good. */
  readonly archiveAfterMs: number | null;
  /** Told of every round that failed; what it left is moved by a later one. */
  readonly onError: (error: unknown) => void;
}

const ROUND_EVERY_MS = 250;
const BATCH = 256;
/** Bounds how long one round keeps the stores busy; what is left waits for the next. */
const MAX_BATCHES_PER_ROUND = 16;

export class ArchiveMover {
  readonly #deps: ArchiveMoverDeps;
  #timer: TimerHandle | undefined;
  #round: Promise<void> | undefined;
  #moving = true;

  constructor(deps: ArchiveMoverDeps) {
    this.#deps = deps;
  }

  start(): void {
    if (this.#deps.archiveAfterMs === null) return;
    this.#timer ??= this.#deps.clock.every(ROUND_EVERY_MS, () => this.#tick());
  }

  async stop(): Promise<void> {
    if (this.#timer !== undefined) this.#deps.clock.cancel(this.#timer);
    this.#timer = undefined;
    await this.#round;
  }

  /** Resolves when nothing is half moved, or moving may go on. */
  async setMoving(moving: boolean): Promise<void> {
    this.#moving = moving;
    if (!moving) await this.#round;
  }

  #tick(): void {
    if (!this.#moving) return;
    this.#round ??= this.#run()
      .catch(this.#deps.onError)
      .finally(() => {
        this.#round = undefined;
      });
  }

  async #run(): Promise<void> {
    const { orders, archive, clock, crashPoints, archiveAfterMs } = this.#deps;
    if (archiveAfterMs === null) return;
    const untilUs = Math.floor(clock.nowUs() - archiveAfterMs * 1000);
    for (let batch = 0; batch < MAX_BATCHES_PER_ROUND && this.#moving; batch++) {
      const due = await orders.archiveDue(untilUs, BATCH);
      if (due.length === 0) return;
      crashPoints.reach('archive: marked');
      await archive.append(due.map(documentOf));
      crashPoints.reach('archive: copied');
      await orders.removeArchived(due.map(([id]) => id));
      crashPoints.reach('archive: removed');
      if (due.length < BATCH) return;
    }
  }
}
