/** The run second by second, merged over workers; open seconds keep histograms, old ones figures. */
import type { TimelineSample } from '../contract/load.ts';
import { OPERATION_NAMES, traitsOf } from '../contract/operation.ts';
import { OUTCOME_CODE, OUTCOMES } from '../contract/outcome.ts';
import { BLOCKS_PER_SECOND, blockOfRow, SECOND } from './cells.ts';
import { DenseHistogram } from './dense-histogram.ts';
import type { LoadDelta } from './recorder.ts';
import { BITS_2_DIGITS, BITS_3_DIGITS } from './value-index.ts';

/** Later answers than this no longer move the quantiles of their second, only its counts. */
const OPEN_SECONDS = 90;
/** A day of seconds; a longer run keeps its last counters in the last one. */
const SECONDS_MAX = 86_400;
const US_PER_MS = 1000;
/** The busy share of a shorter stretch, such as the last one, is noise. */
const BUSY_STRETCH_MIN_US = 100_000;

interface OpenSecond {
  readonly latency: DenseHistogram;
  readonly lag: DenseHistogram;
}

interface Second {
  due: number;
  started: number;
  readonly outcomes: [number, number, number, number];
  p50Ms: number;
  p99Ms: number;
  lagP99Ms: number;
  busyRatio: number;
  /** In flight by worker when it last reported within this second. */
  readonly inFlight: number[];
  open: OpenSecond | undefined;
}

function newSecond(open: OpenSecond): Second {
  return {
    due: 0,
    started: 0,
    outcomes: [0, 0, 0, 0],
    p50Ms: Number.NaN,
    p99Ms: Number.NaN,
    lagP99Ms: Number.NaN,
    busyRatio: 0,
    inFlight: [],
    open,
  };
}

function isShopperOk(series: number): boolean {
  const name = OPERATION_NAMES[Math.floor(series / OUTCOMES.length)];
  if (name === undefined || traitsOf(name).probe) return false;
  return series % OUTCOMES.length === OUTCOME_CODE.ok;
}

export class Timeline {
  readonly #seconds: Second[] = [];
  /** Of sealed seconds, to be used again: a run has thousands of seconds. */
  readonly #spare: OpenSecond[] = [];
  #sealed = 0;

  merge(worker: number, delta: LoadDelta): void {
    this.#mergeCounters(delta);
    this.#mergeLatency(delta);
    this.#mergeLag(delta);
    const first = Math.max(0, Math.floor(delta.fromUs / 1e6));
    const last = Math.max(first, Math.ceil(delta.untilUs / 1e6) - 1);
    for (let second = first; second <= last && second < SECONDS_MAX; second++) {
      const entry = this.#second(second);
      if (delta.untilUs - delta.fromUs >= BUSY_STRETCH_MIN_US) {
        entry.busyRatio = Math.max(entry.busyRatio, delta.busyRatio);
      }
      entry.inFlight[worker] = delta.totals.inFlight;
    }
    this.#seal(last - OPEN_SECONDS);
  }

  get length(): number {
    return this.#seconds.length;
  }

  busyRatios(): number[] {
    return this.#seconds.map((second) => second.busyRatio);
  }

  sample(index: number): TimelineSample {
    const second = this.#second(index);
    if (second.open !== undefined) this.#readQuantiles(second, second.open);
    const [ok, refused, failed, unknown] = second.outcomes;
    return {
      atMs: index * 1000,
      due: second.due,
      started: second.started,
      counts: { ok, refused, failed, unknown },
      p50Ms: second.p50Ms,
      p99Ms: second.p99Ms,
      lagP99Ms: second.lagP99Ms,
      busyRatio: second.busyRatio,
      inFlight: second.inFlight.reduce((sum, count) => sum + (count ?? 0), 0),
    };
  }

  samples(): TimelineSample[] {
    return this.#seconds.map((_, index) => this.sample(index));
  }

  #second(index: number): Second {
    const bounded = Math.min(Math.max(0, index), SECONDS_MAX - 1);
    while (this.#seconds.length <= bounded) this.#seconds.push(newSecond(this.#openSecond()));
    return this.#seconds[bounded] as Second;
  }

  #openSecond(): OpenSecond {
    return (
      this.#spare.pop() ?? {
        latency: new DenseHistogram(BITS_2_DIGITS),
        lag: new DenseHistogram(BITS_2_DIGITS),
      }
    );
  }

  #mergeCounters({ seconds }: LoadDelta): void {
    for (let i = 0; i < seconds.rows.length; i++) {
      const second = this.#second(seconds.rows[i] as number);
      const column = seconds.indexes[i] as number;
      const count = seconds.counts[i] as number;
      if (column === SECOND.due) second.due += count;
      else if (column === SECOND.started) second.started += count;
      else {
        const outcome = column - SECOND.outcome;
        second.outcomes[outcome] = (second.outcomes[outcome] ?? 0) + count;
      }
    }
  }

  #mergeLatency({ blocks }: LoadDelta): void {
    for (let i = 0; i < blocks.rows.length; i++) {
      const { block, series } = blockOfRow(blocks.rows[i] as number);
      if (!isShopperOk(series)) continue;
      const { open } = this.#second(Math.floor(block / BLOCKS_PER_SECOND));
      open?.latency.add(blocks.indexes[i] as number, blocks.counts[i] as number);
    }
  }

  #mergeLag({ lag }: LoadDelta): void {
    for (let i = 0; i < lag.rows.length; i++) {
      const { open } = this.#second((lag.rows[i] as number) >>> 1);
      open?.lag.addFrom(lag.indexes[i] as number, lag.counts[i] as number, BITS_3_DIGITS);
    }
  }

  #readQuantiles(second: Second, open: OpenSecond): void {
    second.p50Ms = open.latency.quantileUs(0.5) / US_PER_MS;
    second.p99Ms = open.latency.quantileUs(0.99) / US_PER_MS;
    second.lagP99Ms = open.lag.quantileUs(0.99) / US_PER_MS;
  }

  #seal(before: number): void {
    for (; this.#sealed < before; this.#sealed++) {
      const second = this.#second(this.#sealed);
      const { open } = second;
      if (open === undefined) continue;
      this.#readQuantiles(second, open);
      second.open = undefined;
      open.latency.clear();
      open.lag.clear();
      this.#spare.push(open);
    }
  }
}
