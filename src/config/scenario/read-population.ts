/** Who comes: populations with their accounts, retries and double clicks. */
import { suggestion } from '../../base/nearest-name.ts';
import { OUTCOMES, REASONS } from '../../contract/outcome.ts';
import type { Backoff, RetryPolicy } from '../../contract/retry.ts';
import type { DoubleClick, Population } from '../../contract/scenario.ts';
import type { WantedPreset } from '../../contract/scenario-draft.ts';
import type { Path } from '../document.ts';
import { type DocumentReader, isGroup } from '../document-reader.ts';
import { decimal, durationMs, nameOf, share, text, trueOrFalse, wholeNumber } from '../fields.ts';
import { quoteValue } from '../problem.ts';
import { MAX_NAME_LENGTH } from './names.ts';

const HOUR = 3_600_000;
const POPULATION_FIELDS = ['journey', 'hotShare', 'accounts', 'retry', 'doubleClick', 'bot'];
const RETRY_FIELDS = ['attempts', 'timeout', 'backoff', 'outcomes', 'reasons', 'key', 'budget'];
const BACKOFF_FIELDS = ['kind', 'base', 'max', 'jitter'];
/** Between two looks, where a file does not say. */
const DEFAULT_POLL_MS = 1000;

const fields = {
  share: share({ min: 0, max: 1 }),
  flag: trueOrFalse(),
  journey: text(2 * MAX_NAME_LENGTH),
  pool: wholeNumber({ min: 1, max: 1_000_000 }),
  attempts: wholeNumber({ min: 1, max: 100 }),
  length: durationMs({ min: 0, max: HOUR }),
  pause: durationMs({ min: 1, max: HOUR }),
  backoff: nameOf('a kind of back-off', ['constant', 'exponential'] as const),
  jitter: nameOf('a jitter', ['none', 'full', 'equal'] as const),
  key: nameOf('a kind of key', ['same', 'new'] as const),
  outcome: nameOf('an outcome', OUTCOMES),
  reason: nameOf('a reason', REASONS),
  ratio: share({ min: 0, max: 100 }),
  burst: decimal({ min: 1, max: 1_000_000 }),
  pace: decimal({ min: 0.01, max: 100 }),
};

export interface ReadPopulation {
  readonly population: Population;
  /** Set when it wants a built-in journey. */
  readonly preset: WantedPreset | undefined;
}

interface Known {
  /** Names of built-in journeys. */
  readonly presets: readonly string[];
  /** Built-in policies by name. */
  readonly retries: Readonly<Record<string, RetryPolicy | null>>;
  /** Names of the journeys of the file. */
  readonly own: readonly string[];
}

export function readPopulation(reader: DocumentReader, path: Path, known: Known): ReadPopulation {
  const name = String(path.at(-1));
  const at = (field: string): Path => [...path, field];
  reader.group(path, POPULATION_FIELDS);
  const preset = readPreset(reader, at('journey'), { ...known, population: name });
  const journey = preset?.name ?? reader.require(at('journey'), fields.journey, '');
  const retry = readRetry(reader, at('retry'), known);
  const population: Population = {
    name,
    journey,
    hotShare: reader.read(at('hotShare'), fields.share, 0),
    accounts: readAccounts(reader, at('accounts')),
    ...(retry !== null && { retry }),
    ...(isGiven(reader, at('doubleClick')) && {
      doubleClick: readDoubleClick(reader, at('doubleClick')),
    }),
    ...(isGiven(reader, at('bot')) && { bot: reader.read(at('bot'), fields.flag, false) }),
  };
  return { population, preset };
}

function isGiven(reader: DocumentReader, path: Path): boolean {
  return reader.get(path) !== undefined;
}

/** A name that the file does not have itself, or a group that says how it is to be done. */
function readPreset(
  reader: DocumentReader,
  path: Path,
  known: Known & { readonly population: string },
): WantedPreset | undefined {
  const value = reader.get(path);
  if (isGroup(value)) {
    reader.allow(path, ['preset', 'pace', 'poll']);
    const wanted = nameOf('a built-in journey', known.presets);
    const preset = reader.require([...path, 'preset'], wanted, known.presets[0] ?? '');
    const isPaced = isGiven(reader, [...path, 'pace']);
    return {
      name: `${preset} (${known.population})`,
      preset,
      pace: isPaced ? reader.read([...path, 'pace'], fields.pace, 1) : null,
      pollMs: reader.read([...path, 'poll'], fields.pause, DEFAULT_POLL_MS),
    };
  }
  if (typeof value !== 'string' || known.own.includes(value)) return undefined;
  if (!known.presets.includes(value)) {
    const near = suggestion(value, [...known.own, ...known.presets]);
    reader.report(path, `no journey ${quoteValue(value)}${near}, neither in the file nor built in`);
    return undefined;
  }
  return { name: value, preset: value, pace: null, pollMs: DEFAULT_POLL_MS };
}

function readAccounts(reader: DocumentReader, path: Path): Population['accounts'] {
  const value = reader.get(path);
  if (value === undefined || value === 'own') return { kind: 'own' };
  if (isGroup(value)) {
    reader.allow(path, ['pool']);
    return { kind: 'pool', size: reader.require([...path, 'pool'], fields.pool, 1) };
  }
  reader.report(path, `${quoteValue(value)} is not possible; write own or { pool: 50 }`);
  return { kind: 'own' };
}

function readDoubleClick(reader: DocumentReader, path: Path): DoubleClick {
  reader.group(path, ['share', 'gap', 'key']);
  return {
    share: reader.require([...path, 'share'], fields.share, 0),
    gapMs: reader.read([...path, 'gap'], fields.length, 150),
    key: reader.read([...path, 'key'], fields.key, 'same' as const),
  };
}

/** The name of a built-in policy, or one spelled out. */
function readRetry(reader: DocumentReader, path: Path, { retries }: Known): RetryPolicy | null {
  const value = reader.get(path);
  if (value === undefined) return null;
  if (typeof value === 'string') {
    const names = Object.keys(retries);
    const name = reader.read(path, nameOf('a retry policy', names), '');
    return retries[name] ?? null;
  }
  const at = (field: string): Path => [...path, field];
  reader.group(path, RETRY_FIELDS);
  const reasons = reader.readSome(at('reasons'), fields.reason);
  return {
    attempts: reader.require(at('attempts'), fields.attempts, 1),
    timeoutMs: reader.read(at('timeout'), fields.length, 0),
    backoff: readBackoff(reader, at('backoff')),
    outcomes: reader.readSome(at('outcomes'), fields.outcome) ?? ['failed', 'unknown'],
    ...(reasons && { reasons }),
    key: reader.read(at('key'), fields.key, 'same' as const),
    budget: readBudget(reader, at('budget')),
  };
}

function readBackoff(reader: DocumentReader, path: Path): Backoff {
  const at = (field: string): Path => [...path, field];
  reader.group(path, BACKOFF_FIELDS);
  const baseMs = reader.read(at('base'), fields.length, 200);
  const maxMs = reader.read(at('max'), fields.length, Math.max(5000, baseMs));
  if (maxMs < baseMs) reader.report(at('max'), 'is below base');
  return {
    kind: reader.read(at('kind'), fields.backoff, 'exponential' as const),
    baseMs,
    maxMs,
    jitter: reader.read(at('jitter'), fields.jitter, 'full' as const),
  };
}

function readBudget(reader: DocumentReader, path: Path): RetryPolicy['budget'] {
  const value = reader.get(path);
  if (value === undefined || value === 'none') return null;
  reader.group(path, ['ratio', 'burst']);
  return {
    ratio: reader.require([...path, 'ratio'], fields.ratio, 0),
    burst: reader.read([...path, 'burst'], fields.burst, 10),
  };
}
