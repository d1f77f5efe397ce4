/** Answers the questions of contract/metrics.ts from the merged measurements of a finished run. */
import type {
  LatencySummary,
  MetricSelector,
  MetricSource,
  QuantileReading,
} from '../contract/metrics.ts';
import {
  OPERATION_CODE,
  OPERATION_NAMES,
  type OperationName,
  traitsOf,
} from '../contract/operation.ts';
import {
  emptyOutcomeCounts,
  OUTCOME_CODE,
  OUTCOMES,
  type OutcomeCounts,
} from '../contract/outcome.ts';
import type { Scenario } from '../contract/scenario.ts';
import { type Cell, KIND, type Kind } from './cells.ts';
import { DenseHistogram, rankOf } from './dense-histogram.ts';
import { JourneyTable } from './journey-table.ts';
import type { Measurements } from './measurements.ts';
import { p99IntervalUs } from './p99-interval.ts';
import { repeatsOperations } from './retries.ts';
import { highestValueAt } from './value-index.ts';

const US_PER_MS = 1000;
/** A quantile is stated when at least this many samples lie above it. */
const SAMPLES_ABOVE_MIN = 10;
const IS_PROBE = OPERATION_NAMES.map((name) => traitsOf(name).probe);

interface Row {
  readonly cell: Cell;
  readonly indexes: number[];
  readonly counts: number[];
  total: number;
}

/** The selector as numbers; undefined where it names nothing that exists. */
interface Chosen {
  /** -1: all but probes. */
  readonly operation: number;
  readonly outcome: number;
  readonly population: number;
  readonly phases: readonly boolean[] | undefined;
}

const ALL = -1;
/** Of a histogram's name, by its kind. */
const SUFFIX: readonly string[] = ['', ':service', '', ':attempt'];

export class MeasuredMetrics implements MetricSource {
  readonly operations: readonly string[];
  readonly populations: readonly string[];
  readonly phases: readonly string[];
  readonly measuredMs: number;
  readonly #measurements: Measurements;
  readonly #scenario: Scenario;
  readonly #rows: Row[];
  /** Whether a population's attempts were recorded apart from its operations. */
  readonly #repeats: readonly boolean[];

  /** Reads `measurements` once: what is merged later is not seen. */
  constructor(scenario: Scenario, measurements: Measurements, measuredMs: number) {
    this.#scenario = scenario;
    this.#measurements = measurements;
    this.measuredMs = measuredMs;
    this.#rows = readRows(measurements);
    this.#repeats = scenario.populations.map(repeatsOperations);
    this.operations = this.#operationsSeen();
    this.populations = scenario.populations.map(({ name }) => name);
    const measured = scenario.phases.filter((phase) => phase.measured);
    this.phases = [...new Set(measured.map(({ name }) => name))];
  }

  counts(selector: MetricSelector): OutcomeCounts {
    const counts = emptyOutcomeCounts();
    const chosen = this.#choose(selector);
    if (chosen === undefined) return counts;
    for (const row of this.#rows) {
      if (row.cell.kind !== KIND.response || !matches(row.cell, chosen)) continue;
      const outcome = OUTCOMES[row.cell.outcome];
      if (outcome !== undefined) counts[outcome] += row.total;
    }
    if (chosen.outcome === ALL || chosen.outcome === OUTCOME_CODE.unknown) {
      counts.unknown += this.#lost(chosen, 'count');
    }
    return counts;
  }

  /** Where nobody tries again each operation is one attempt. */
  attempts(selector: MetricSelector): number {
    const chosen = this.#choose(selector);
    if (chosen === undefined) return 0;
    let attempts = 0;
    for (const row of this.#rows) {
      if (this.#isAttempt(row.cell) && matches(row.cell, chosen)) attempts += row.total;
    }
    if (chosen.outcome !== ALL && chosen.outcome !== OUTCOME_CODE.unknown) return attempts;
    return attempts + this.#lost(chosen, 'attempts');
  }

  #isAttempt({ kind, population }: Cell): boolean {
    return kind === (this.#repeats[population] === true ? KIND.attempt : KIND.response);
  }

  latency(selector: MetricSelector, kind: 'response' | 'service' | 'attempt'): LatencySummary {
    const histogram =
      kind === 'attempt' ? this.#sumOfAttempts(selector) : this.#sum(selector, KIND[kind]);
    const stated = (q: number): number =>
      enough(histogram.total, q) ? histogram.quantileUs(q) / US_PER_MS : Number.NaN;
    const p99 = stated(0.99);
    const interval = kind === 'response' ? this.#interval(selector, p99) : null;
    return {
      count: histogram.total,
      mean: histogram.meanUs() / US_PER_MS,
      max: histogram.maxUs() / US_PER_MS,
      p50: stated(0.5),
      p90: stated(0.9),
      p95: stated(0.95),
      p99,
      p999: stated(0.999),
      p99Interval: interval,
      p99AtLeast: this.#isAtLeast(selector, histogram, 0.99),
    };
  }

  quantile(selector: MetricSelector, q: number): QuantileReading | undefined {
    const histogram = this.#sum(selector, KIND.response);
    if (!enough(histogram.total, q)) return undefined;
    return {
      valueMs: highestValueAt(histogram.indexAt(q), histogram.bits) / US_PER_MS,
      count: histogram.total,
      atLeast: this.#isAtLeast(selector, histogram, q),
    };
  }

  /** Every measured response and service histogram with its name, for the histogram log. */
  *histograms(): Generator<{ tag: string; phase: number; histogram: DenseHistogram }> {
    for (const row of this.#rows) {
      const { cell } = row;
      if (cell.kind === KIND.cutOff) continue;
      const phase = this.#scenario.phases[cell.phase]?.name ?? '';
      const population = this.#scenario.populations[cell.population]?.name ?? '';
      const name = `${OPERATION_NAMES[cell.operation]}.${OUTCOMES[cell.outcome]}`;
      const suffix = SUFFIX[cell.kind] ?? '';
      const histogram = new DenseHistogram();
      addRow(histogram, row);
      yield { tag: `${name}@${population}#${phase}${suffix}`, phase: cell.phase, histogram };
    }
  }

  #operationsSeen(): OperationName[] {
    const seen = new Set(new JourneyTable(this.#scenario).operations);
    for (const { cell } of this.#rows) {
      const name = OPERATION_NAMES[cell.operation];
      if (name !== undefined) seen.add(name);
    }
    return OPERATION_NAMES.filter((name) => seen.has(name));
  }

  #choose(selector: MetricSelector): Chosen | undefined {
    const { operation, outcome, population, phase } = selector;
    const known = (index: number): boolean => index >= 0;
    const chosen: Chosen = {
      operation:
        operation === undefined ? ALL : (OPERATION_CODE[operation as OperationName] ?? Number.NaN),
      outcome: outcome === undefined ? ALL : OUTCOME_CODE[outcome],
      population: population === undefined ? ALL : this.populations.indexOf(population),
      phases:
        phase === undefined ? undefined : this.#scenario.phases.map(({ name }) => name === phase),
    };
    if (operation !== undefined && !known(chosen.operation)) return undefined;
    return population !== undefined && !known(chosen.population) ? undefined : chosen;
  }

  #sum(selector: MetricSelector, kind: Kind): DenseHistogram {
    const histogram = new DenseHistogram();
    const chosen = this.#choose(selector);
    if (chosen === undefined) return histogram;
    for (const row of this.#rows) {
      if (row.cell.kind === kind && matches(row.cell, chosen)) addRow(histogram, row);
    }
    return histogram;
  }

  #sumOfAttempts(selector: MetricSelector): DenseHistogram {
    const histogram = new DenseHistogram();
    const chosen = this.#choose(selector);
    if (chosen === undefined) return histogram;
    for (const row of this.#rows) {
      if (this.#isAttempt(row.cell) && matches(row.cell, chosen)) addRow(histogram, row);
    }
    return histogram;
  }

  #lost(chosen: Chosen, what: 'count' | 'attempts'): number {
    let count = 0;
    for (const lost of this.#measurements.lost) {
      if (matches({ ...lost, outcome: OUTCOME_CODE.unknown, kind: 0 }, chosen)) count += lost[what];
    }
    return count;
  }

  /** The interval exists for the selectors that reports print: operation and outcome. */
  #interval(selector: MetricSelector, p99Ms: number): [number, number] | null {
    if (selector.population !== undefined || selector.phase !== undefined) return null;
    const chosen = this.#choose(selector);
    if (chosen === undefined || Number.isNaN(p99Ms)) return null;
    const blocks = this.#measurements.blocks.histograms((series) => {
      const operation = Math.floor(series / OUTCOMES.length);
      const outcome = series % OUTCOMES.length;
      return matches({ operation, outcome, population: ALL, phase: ALL, kind: 0 }, chosen);
    });
    const interval = p99IntervalUs(blocks, p99Ms * US_PER_MS);
    return interval === null ? null : [interval[0] / US_PER_MS, interval[1] / US_PER_MS];
  }

  /**
   * Whether operations without an answer could move the quantile up: it is compared with what it
   * would be if each of them had taken longer than everything else. They count against every
   * outcome class, since nobody knows to which they would have belonged.
   */
  #isAtLeast(selector: MetricSelector, histogram: DenseHistogram, q: number): boolean {
    const { outcome: _, ...anyOutcome } = selector;
    const chosen = this.#choose(anyOutcome);
    if (chosen === undefined || histogram.total === 0) return false;
    const lost = this.#lost(chosen, 'count');
    const cut = this.#sum(anyOutcome, KIND.cutOff);
    if (cut.total + lost === 0) return false;
    const index = histogram.indexAt(q);
    const holdsCut = selector.outcome === undefined || selector.outcome === 'unknown';
    const answered = histogram.countUpTo(index) - (holdsCut ? cut.countUpTo(index) : 0);
    const total = histogram.total + lost + (holdsCut ? 0 : cut.total);
    return answered < rankOf(q, total);
  }
}

function matches(cell: Cell, chosen: Chosen): boolean {
  if (chosen.operation === ALL ? IS_PROBE[cell.operation] : chosen.operation !== cell.operation) {
    return false;
  }
  if (chosen.outcome !== ALL && chosen.outcome !== cell.outcome) return false;
  if (chosen.population !== ALL && chosen.population !== cell.population) return false;
  return chosen.phases === undefined || chosen.phases[cell.phase] === true;
}

function readRows(measurements: Measurements): Row[] {
  const rows = new Map<number, Row>();
  measurements.cells.forEach((number, index, count) => {
    let row = rows.get(number);
    if (row === undefined) {
      row = { cell: measurements.layout.cellOf(number), indexes: [], counts: [], total: 0 };
      rows.set(number, row);
    }
    row.indexes.push(index);
    row.counts.push(count);
    row.total += count;
  });
  return [...rows].sort(([a], [b]) => a - b).map(([, row]) => row);
}

function addRow(histogram: DenseHistogram, row: Row): void {
  for (let i = 0; i < row.indexes.length; i++) {
    histogram.add(row.indexes[i] as number, row.counts[i] as number);
  }
}

/** With a tolerance, because 1 − q is not exact in binary. */
function enough(count: number, q: number): boolean {
  return count * (1 - q) >= SAMPLES_ABOVE_MIN - 1e-6;
}
