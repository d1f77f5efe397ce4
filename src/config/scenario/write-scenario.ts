/** A scenario written out as a file that reads back as the same scenario. */
import { Document, isMap, isScalar, visit, type YAMLMap, type YAMLSeq } from 'yaml';
import type { Distribution } from '../../base/distributions.ts';
import { formatDuration, parseDurationMs, parseRatePerSec } from '../../base/units.ts';
import type { CallbackOptions } from '../../contract/profile.ts';
import type { RetryPolicy } from '../../contract/retry.ts';
import type {
  CatalogueItem,
  Disturbance,
  Journey,
  JourneyStep,
  LoadModel,
  Phase,
  Population,
  PriceChange,
  RateShape,
  Restock,
  Scenario,
  Surge,
  Transition,
} from '../../contract/scenario.ts';

type Written = unknown;
type Level = (value: number) => Written;

/** Text of the given width at most, where a value is short enough to allow it. */
const COLUMNS = 98;
/** Fields whose value is easier to read as one line than as a block. */
const ON_ONE_LINE: readonly string[] = [
  'closed',
  ...['catalogue', 'units', 'shape', 'mix', 'accounts', 'retry', 'doubleClick', 'probes', 'goals'],
  ...['restocks', 'prices', 'payment'],
];

/** YAML without comments. The seed and the catalogue's texts are not part of it. */
export function scenarioToYaml(scenario: Scenario): string {
  const level: Level = (value) => (isClosed(scenario) ? value : rate(value));
  const { sale, probes, requiredGoals } = scenario;
  const document = new Document(
    {
      name: scenario.name,
      title: scenario.title,
      ...(scenario.model && { model: writeModel(scenario.model) }),
      catalogue: {
        items: scenario.catalogue.length,
        currency: scenario.currency,
        zipf: scenario.zipfExponent,
      },
      sale: {
        opensAt: duration(sale.opensAtMs),
        ...(sale.closesAtMs !== null && { closesAt: duration(sale.closesAtMs) }),
        hotItems: writeHotItems(sale.hotItems),
        demandToStock: sale.demandToStock,
        units: writeUnits(scenario.catalogue),
        perCustomer: sale.perCustomer,
        ...(sale.restocks && { restocks: sale.restocks.map(writeRestock) }),
        ...(sale.priceChanges && { prices: sale.priceChanges.map(writePriceChange) }),
      },
      phases: scenario.phases.map((phase) => writePhase(phase, level)),
      populations: byName(scenario.populations, writePopulation),
      journeys: byName(scenario.journeys, writeJourney),
      ...(scenario.disturbances && { disturbances: scenario.disturbances.map(writeDisturbance) }),
      probes,
      goals: requiredGoals,
    },
    { aliasDuplicateObjects: false },
  );
  visit(document, {
    Pair: (_, { key, value }) => {
      if (isScalar(key) && ON_ONE_LINE.includes(String(key.value)) && value !== null) {
        (value as YAMLMap | YAMLSeq).flow = true;
      }
    },
    Seq: (_, list) => {
      for (const entry of list.items) if (isMap(entry) && entry.has('to')) entry.flow = true;
    },
  });
  return document.toString({ lineWidth: COLUMNS });
}

function isClosed({ model }: Scenario): boolean {
  return model?.kind === 'closed';
}

function byName<T extends { readonly name: string }>(
  items: readonly T[],
  write: (item: T) => Written,
): Record<string, Written> {
  return Object.fromEntries(items.map((item) => [item.name, write(item)]));
}

function writeModel(model: LoadModel): Written {
  if (model.kind === 'open') return 'open';
  const { pauseBetween, accountsPerUser } = model;
  return {
    closed: {
      pause: think(pauseBetween),
      ...(accountsPerUser !== undefined && { accountsPerUser }),
    },
  };
}

function writeHotItems(items: readonly number[]): Written {
  const isFirst = items.every((item, index) => item === index);
  return isFirst ? items.length : items.map((item) => item + 1);
}

/** In runs of the same number; what is left at the end follows from the last one. */
function writeUnits(catalogue: readonly CatalogueItem[]): Written[] {
  const runs: { units: number; items: number }[] = [];
  for (const { units } of catalogue) {
    const last = runs.at(-1);
    if (last?.units === units) last.items++;
    else runs.push({ units, items: 1 });
  }
  return runs.map(({ units, items }, index) =>
    items === 1 || index === runs.length - 1 ? units : `${items}x${units}`,
  );
}

function writeRestock({ atMs, item, units }: Restock): Written {
  return { at: duration(atMs), item: item + 1, units };
}

function writePriceChange({ atMs, item, factor }: PriceChange): Written {
  return { at: duration(atMs), item: item + 1, to: factor };
}

function writeDisturbance({ name, atMs, untilMs, payment }: Disturbance): Written {
  const { latency, declined, lostAnswers, callbacks } = payment;
  return {
    name,
    from: duration(atMs),
    until: duration(untilMs),
    payment: {
      latency: { p50: duration(latency.p50Ms), p99: duration(latency.p99Ms) },
      declined,
      lostAnswers,
      ...(callbacks !== undefined && { callbacks: writeCallbacks(callbacks) }),
    },
  };
}

function writeCallbacks({ delay, lateMs, ...shares }: CallbackOptions): Written {
  return {
    delay: { p50: duration(delay.p50Ms), p99: duration(delay.p99Ms) },
    lateBy: duration(lateMs),
    ...shares,
  };
}

function writePhase(phase: Phase, level: Level): Written {
  return {
    name: phase.name,
    duration: duration(phase.durationMs),
    ...(!phase.measured && { measured: false }),
    shape: writeShape(phase.shape, level),
    mix: phase.mix,
  };
}

function writeShape(shape: RateShape, level: Level): Written {
  const { kind } = shape;
  switch (kind) {
    case 'constant':
      return { kind, rate: level(shape.perSec) };
    case 'ramp':
      return { kind, from: level(shape.fromPerSec), to: level(shape.toPerSec) };
    case 'steps':
      return {
        kind,
        steps: shape.steps.map(({ durationMs, perSec }) => ({
          duration: duration(durationMs),
          rate: level(perSec),
        })),
      };
    case 'drop':
      return { kind, ...baseAndPeak(shape, level), decay: duration(shape.decayMs) };
    case 'peak-after-start':
      return {
        kind,
        ...baseAndPeak(shape, level),
        ...(shape.modeMs !== undefined && { mode: duration(shape.modeMs) }),
      };
    case 'plateau':
      return {
        kind,
        ...baseAndPeak(shape, level),
        surge: duration(shape.surgeMs),
        sustain: duration(shape.sustainMs),
        fall: duration(shape.fallMs),
      };
    case 'double-hump':
      return { kind, base: level(shape.basePerSec), humps: surges(shape.humps, level) };
    case 'diurnal':
      return {
        kind,
        low: level(shape.lowPerSec),
        high: level(shape.highPerSec),
        period: duration(shape.periodMs),
        highAt: duration(shape.highAtMs),
        ...(shape.spikes.length > 0 && { spikes: surges(shape.spikes, level) }),
      };
    case 'replay':
      return {
        kind,
        points: shape.points.map(({ atMs, perSec }) => [duration(atMs), level(perSec)]),
      };
  }
}

function baseAndPeak(
  shape: { readonly basePerSec: number; readonly peakPerSec: number },
  level: Level,
): { readonly base: Written; readonly peak: Written } {
  return { base: level(shape.basePerSec), peak: level(shape.peakPerSec) };
}

function surges(list: readonly Surge[], level: Level): Written {
  return list.map(({ atMs, surplusPerSec, decayMs }) => ({
    at: duration(atMs),
    surplus: level(surplusPerSec),
    decay: duration(decayMs),
  }));
}

function writePopulation(population: Population): Written {
  const { journey, hotShare, accounts, retry, doubleClick, bot } = population;
  return {
    journey,
    hotShare,
    ...(accounts.kind === 'pool' && { accounts: { pool: accounts.size } }),
    ...(retry && { retry: writeRetry(retry) }),
    ...(doubleClick && {
      doubleClick: {
        share: doubleClick.share,
        gap: duration(doubleClick.gapMs),
        key: doubleClick.key,
      },
    }),
    ...(bot !== undefined && { bot }),
  };
}

function writeRetry(retry: RetryPolicy): Written {
  const { kind, baseMs, maxMs, jitter } = retry.backoff;
  return {
    attempts: retry.attempts,
    timeout: duration(retry.timeoutMs),
    backoff: { kind, base: duration(baseMs), max: duration(maxMs), jitter },
    outcomes: retry.outcomes,
    ...(retry.reasons && { reasons: retry.reasons }),
    key: retry.key,
    budget: retry.budget ?? 'none',
  };
}

function writeJourney(journey: Journey): Written {
  const { start, maxSteps, steps } = journey;
  return {
    start,
    maxSteps,
    steps: Object.fromEntries(Object.entries(steps).map(([name, step]) => [name, writeStep(step)])),
  };
}

function writeStep(step: JourneyStep): Written {
  return {
    operation: step.operation,
    ...(step.item !== 'wanted' && { item: step.item }),
    ...(step.quantity !== 1 && { quantity: step.quantity }),
    ...(step.direct !== undefined && { direct: step.direct }),
    ...(step.next.length > 0 && { next: step.next.map(writeRule) }),
  };
}

function writeRule(rule: Transition): Written {
  return {
    ...(rule.outcomes && { outcomes: oneOrMore(rule.outcomes) }),
    ...(rule.reasons && { reasons: oneOrMore(rule.reasons) }),
    ...(rule.probability !== undefined && { probability: rule.probability }),
    to: rule.to,
    ...(!isNone(rule.think) && { think: think(rule.think) }),
  };
}

function oneOrMore<T>(values: readonly T[]): T | readonly T[] {
  const [only, ...others] = values;
  return only !== undefined && others.length === 0 ? only : values;
}

function isNone(distribution: Distribution): boolean {
  return distribution.kind === 'constant' && distribution.ms === 0;
}

function think(distribution: Distribution): Written {
  switch (distribution.kind) {
    case 'constant':
      return duration(distribution.ms);
    case 'uniform':
      return `${duration(distribution.minMs)}..${duration(distribution.maxMs)}`;
    case 'exponential':
      return {
        mean: duration(distribution.meanMs),
        ...(distribution.capMs !== undefined && { cap: duration(distribution.capMs) }),
      };
    case 'lognormal':
      return { p50: duration(distribution.p50Ms), p99: duration(distribution.p99Ms) };
  }
}

/** As a person would write it, where that is exact. */
function duration(ms: number): string {
  const readable = formatDuration(ms);
  return parseDurationMs(readable) === ms ? readable : `${plain(ms)}ms`;
}

/** Parsed back by the same rules as everything else, or as a bare number per second. */
function rate(perSec: number): Written {
  const text = `${perSec}/s`;
  return parseRatePerSec(text) === perSec ? text : perSec;
}

/** Without an exponent, which durations are not written with. */
function plain(value: number): string {
  const text = String(value);
  return text.includes('e') ? value.toFixed(20).replace(/0+$/, '') : text;
}
