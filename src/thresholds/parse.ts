/** Text → threshold: `[selector:]metric op value`, with the place and the fix of every mistake. */
import { nearestName, suggestion } from '../base/nearest-name.ts';
import { parseDurationMs, parseRatePerSec, parseRatio } from '../base/units.ts';
import type { Outcome } from '../contract/outcome.ts';
import { METRIC_ALIASES, METRICS, type MetricKind, type MetricName } from './metric.ts';
import {
  OPERATORS,
  type Operator,
  OUTCOME_WORDS,
  type Threshold,
  type ThresholdMetric,
  type ThresholdSelector,
  traitsOfMetric,
} from './threshold.ts';

export interface ThresholdProblem {
  readonly message: string;
  /** Offset into the text, in UTF-16 code units. */
  readonly position: number;
}

export type ParsedThreshold =
  | { readonly threshold: Threshold; readonly problem?: undefined }
  | { readonly problem: ThresholdProblem; readonly threshold?: undefined };

const MAX_LENGTH = 200;
const NAME = /^[A-Za-z][\w-]*$/;
const EXAMPLE = 'write it like p(99)<250ms, order:p(90)<600ms or failed_rate<0.1%';
const WORDS_BEFORE_METRIC = ['p(99)', 'p(95)', 'p(90)', 'p(50)', 'med', ...Object.keys(METRICS)];

/** Thrown and caught inside this file only. */
class Mistake extends Error {
  readonly position: number;
  constructor(message: string, position: number) {
    super(message);
    this.position = position;
  }
}

/** Never throws, whatever the text. */
export function parseThreshold(text: string): ParsedThreshold {
  try {
    return { threshold: parse(text) };
  } catch (thrown) {
    if (!(thrown instanceof Mistake)) throw thrown;
    return { problem: { message: thrown.message, position: thrown.position } };
  }
}

function parse(text: string): Threshold {
  if (text.length > MAX_LENGTH) {
    throw new Mistake(`a threshold is at most ${MAX_LENGTH} characters long`, MAX_LENGTH);
  }
  const comparison = findOperator(text);
  const left = text.slice(0, comparison.start);
  const colon = left.indexOf(':');
  const metricStart = colon + 1;
  const metric = parseMetric(left.slice(metricStart), metricStart);
  const { kind, selectable } = traitsOfMetric(metric);
  const selector: ThresholdSelector =
    colon < 0 ? { operation: '*' } : parseSelector(left.slice(0, colon));
  const metricName = left.slice(metricStart).trim();
  if (colon >= 0 && selectable === 'none') {
    throw new Mistake(`${metricName} describes the whole run; leave out what is before ":"`, 0);
  }
  if (selector.outcome !== undefined && selectable === 'operation') {
    const dot = left.indexOf('.');
    throw new Mistake(`${metricName} covers all outcomes; leave out ".${selector.outcome}"`, dot);
  }
  const value = cutWindow(text.slice(comparison.end), comparison.end);
  return {
    expression: text.trim(),
    selector,
    metric,
    operator: comparison.operator,
    limit: parseLimit(kind, value, comparison.end),
  };
}

function findOperator(text: string): { operator: Operator; start: number; end: number } {
  const start = text.search(/[<>=!]/);
  if (start < 0) throw new Mistake(`no comparison (< <= > >= == !=); ${EXAMPLE}`, text.length);
  const operator = OPERATORS.find((candidate) => text.startsWith(candidate, start));
  if (operator === undefined) {
    throw new Mistake(`"${text[start]}" is not a comparison; use < <= > >= == !=`, start);
  }
  // k6 also writes ===, which means the same.
  const length = operator === '==' && text[start + 2] === '=' ? 3 : operator.length;
  return { operator, start, end: start + length };
}

function parseMetric(raw: string, offset: number): ThresholdMetric {
  const name = raw.trim();
  const position = offset + raw.length - raw.trimStart().length;
  if (name === '') throw new Mistake(`no metric before the comparison; ${EXAMPLE}`, position);
  if (name === 'med') return { quantile: 0.5 };
  if (Object.hasOwn(METRICS, name)) return name as MetricName;
  if (Object.hasOwn(METRIC_ALIASES, name)) return METRIC_ALIASES[name] as MetricName;
  if (/^p[\s(\d]/i.test(name)) return { quantile: parseQuantile(name, position) };
  const near = nearestName(name, WORDS_BEFORE_METRIC);
  const help = near === undefined ? '' : ` (did you mean "${near}"?)`;
  const known = `p(99), ${Object.keys(METRICS).join(', ')}`;
  throw new Mistake(`"${name}" is not a metric${help}; known: ${known}`, position);
}

function parseQuantile(name: string, position: number): number {
  const match = /^p\s*\(\s*(\d{1,2}(?:\.\d{1,6})?)\s*\)$/.exec(name);
  const percent = match === null ? Number.NaN : Number(match[1]);
  if (match === null && /^p\d+(\.\d+)?$/i.test(name)) {
    throw new Mistake(`write "${name}" as p(${name.slice(1)})`, position);
  }
  if (!(percent > 0 && percent < 100)) {
    throw new Mistake(`"${name}" is not a quantile; write p(q) with q between 0 and 100`, position);
  }
  return Number((percent / 100).toPrecision(12));
}

function parseSelector(raw: string): ThresholdSelector {
  const text = raw.trim();
  const start = raw.length - raw.trimStart().length;
  const match = /^([^.@#]*)(?:\.([^.@#]*))?(?:@([^.@#]*))?(?:#([^.@#]*))?$/.exec(text);
  if (match === null) {
    throw new Mistake(
      `"${text}" is not a selector; write operation.outcome@population#phase`,
      start,
    );
  }
  const [, operation = '', outcome, population, phase] = match;
  if (operation === '') {
    throw new Mistake(`no operation; write *${text} for all operations`, start);
  }
  if (operation !== '*') expectName('an operation', operation, start);
  if (outcome !== undefined && !OUTCOME_WORDS.includes(outcome)) {
    const help = `${suggestion(outcome, OUTCOME_WORDS)}; known: ${OUTCOME_WORDS.join(', ')}`;
    throw new Mistake(`"${outcome}" is not an outcome${help}`, start + operation.length + 1);
  }
  if (population !== undefined) expectName('a population', population, raw.indexOf('@') + 1);
  if (phase !== undefined) expectName('a phase', phase, raw.indexOf('#') + 1);
  return {
    operation,
    ...(outcome === undefined ? {} : { outcome: outcome as Outcome | 'any' }),
    ...(population === undefined ? {} : { population }),
    ...(phase === undefined ? {} : { phase }),
  };
}

function expectName(what: string, name: string, position: number): void {
  if (!NAME.test(name)) throw new Mistake(`"${name}" is not a name for ${what}`, position);
}

/** `… over 5s` is understood, so that the answer can be better than "not a duration". */
function cutWindow(raw: string, offset: number): string {
  const match = /\sover(\s+(\S+))?\s*$/.exec(raw);
  if (match === null) return raw;
  const position = offset + match.index + 1;
  const window = match[2];
  if (window === undefined || parseDurationMs(window) === undefined) {
    throw new Mistake(`"over ${window ?? ''}" needs a duration like 5s`, position);
  }
  throw new Mistake(
    `windows ("over ${window}") are not supported yet in this version; ` +
      'leave it out to judge the whole measured time',
    position,
  );
}

interface LimitFormat {
  readonly read: (text: string) => number | undefined;
  readonly expected: string;
}

const bare = (text: string): number | undefined =>
  /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined;

const LIMITS: Readonly<Record<MetricKind, LimitFormat>> = {
  latency: {
    read: (text) => bare(text) ?? parseDurationMs(text),
    expected: 'a duration like 250ms or 1.5s',
  },
  ratio: { read: (text) => parseRatio(text), expected: 'a share like 0.1% or 0.001' },
  rate: { read: (text) => bare(text) ?? parseRatePerSec(text), expected: 'a rate like 100/s' },
  count: { read: bare, expected: 'a number' },
};

function parseLimit(kind: MetricKind, raw: string, offset: number): number {
  const text = raw.trim();
  const position = offset + raw.length - raw.trimStart().length;
  const format = LIMITS[kind];
  if (text === '') throw new Mistake(`no value; write ${format.expected}`, position);
  const limit = format.read(text);
  if (limit === undefined || !Number.isFinite(limit)) {
    throw new Mistake(`"${text}" is not a value here; write ${format.expected}`, position);
  }
  return limit;
}
