/** The kinds of field a profile has: how each is written, its limits, and what to say if not so. */
import { z } from 'zod';
import { suggestion } from '../base/nearest-name.ts';
import {
  formatCount,
  formatDuration,
  formatRatio,
  parseDurationMs,
  parseRatePerSec,
  parseRatio,
} from '../base/units.ts';
import { quoteValue } from './problem.ts';

export interface Range {
  readonly min: number;
  readonly max: number;
}

export interface Parsing<T> {
  /** Undefined when the value is not of this kind at all. */
  readonly read: (value: unknown) => T | undefined;
  /** Completes `"fast" is not …`. */
  readonly expected: (value: unknown) => string;
  /** The problem with a value of the right kind, if any. */
  readonly check: (parsed: T, written: unknown) => string | undefined;
}

export function field<T>(parsing: Parsing<T>): z.ZodType<T> {
  return z.unknown().transform((value, context): T => {
    const parsed = value === null ? undefined : parsing.read(value);
    const problem =
      value === null
        ? `is empty; give a value or leave the field out`
        : parsed === undefined
          ? `${quoteValue(value)} is not ${parsing.expected(value)}`
          : parsing.check(parsed, value);
    if (problem === undefined && parsed !== undefined) return parsed;
    context.addIssue({ code: 'custom', message: problem ?? 'cannot be used' });
    return z.NEVER;
  });
}

export function outside(range: Range, print: (value: number) => string) {
  return (parsed: number, written: unknown): string | undefined => {
    if (parsed >= range.min && parsed <= range.max) return undefined;
    const allowed = `from ${print(range.min)} to ${print(range.max)}`;
    return `${quoteValue(written)} is out of range; allowed is ${allowed}`;
  };
}

function printDuration(ms: number): string {
  const hours = ms / 3_600_000;
  return hours >= 1 && Number.isInteger(hours) ? `${hours}h` : formatDuration(ms);
}

/** Milliseconds from `20s`, `1m30s`, `250ms`. A bare number has no unit and is refused. */
export function durationMs(range: Range): z.ZodType<number> {
  return field({
    read: (value) =>
      value === 0 ? 0 : typeof value === 'string' ? parseDurationMs(value) : undefined,
    expected: (value) =>
      Number.isFinite(value) && (value as number) > 0
        ? `a duration; write ${value}s for seconds or ${value}ms for milliseconds`
        : 'a duration; write it like 20s, 1m30s or 250ms',
    check: outside(range, printDuration),
  });
}

/** The same, or null for `never`. */
export function durationMsOrNever(range: Range): z.ZodType<number | null> {
  const read = (value: unknown): number | null | undefined => {
    if (value === 'never') return null;
    return typeof value === 'string' ? parseDurationMs(value) : undefined;
  };
  const check = outside(range, printDuration);
  return field<number | null>({
    read,
    expected: () => 'a duration; write it like 20s, 1m30s or 250ms, or never',
    check: (parsed, written) => (parsed === null ? undefined : check(parsed, written)),
  });
}

/** Events per second from `250/s`, `24k/min`, or a bare number. */
export function ratePerSec(range: Range): z.ZodType<number> {
  return field({
    read: (value) => (typeof value === 'string' ? parseRatePerSec(value) : finite(value)),
    expected: () => 'a rate; write it like 250/s or 24k/min',
    check: outside(range, (value) => `${formatCount(value)}/s`),
  });
}

/** A share from 0 to 1, written `4%` or `0.04`. */
export function share(range: Range): z.ZodType<number> {
  const check = outside(range, formatRatio);
  return field({
    read: (value) => (typeof value === 'string' ? parseRatio(value) : finite(value)),
    expected: () => 'a share; write it like 4% or 0.04',
    check: (parsed, written) => {
      const problem = check(parsed, written);
      const isPercent = problem !== undefined && typeof written === 'number' && written > 1;
      return isPercent && written <= 100 ? `${problem}; for percent write ${written}%` : problem;
    },
  });
}

export function wholeNumber(range: Range): z.ZodType<number> {
  return field({
    read: (value) => (Number.isSafeInteger(value) ? (value as number) : undefined),
    expected: () => `a whole number from ${formatCount(range.min)} to ${formatCount(range.max)}`,
    check: outside(range, formatCount),
  });
}

export function decimal(range: Range): z.ZodType<number> {
  return field({
    read: finite,
    expected: () => `a number from ${formatCount(range.min)} to ${formatCount(range.max)}`,
    check: outside(range, formatCount),
  });
}

export function wholeNumberOrAuto(range: Range): z.ZodType<number | 'auto'> {
  const check = outside(range, formatCount);
  return field<number | 'auto'>({
    read: (value) =>
      value === 'auto' ? 'auto' : Number.isSafeInteger(value) ? (value as number) : undefined,
    expected: () => `"auto" or a whole number from ${range.min} to ${range.max}`,
    check: (parsed, written) => (parsed === 'auto' ? undefined : check(parsed, written)),
  });
}

export function text(maxLength: number): z.ZodType<string> {
  return field({
    read: (value) => (typeof value === 'string' ? value : undefined),
    expected: () => 'text',
    check: (parsed) =>
      parsed.length <= maxLength ? undefined : `is longer than ${maxLength} characters`,
  });
}

export function trueOrFalse(): z.ZodType<boolean> {
  return field({
    read: (value) => (typeof value === 'boolean' ? value : undefined),
    expected: () => 'true or false',
    check: () => undefined,
  });
}

/** One of a closed list of names; `what` completes `"gaurded" is not …`. */
export function nameOf<T extends string>(what: string, names: readonly T[]): z.ZodType<T> {
  return field({
    read: (value) => names.find((name) => name === value),
    expected: (value) => {
      const help = typeof value === 'string' ? suggestion(value, names) : '';
      return `${what}${help}; known: ${names.join(', ')}`;
    },
    check: () => undefined,
  });
}

export function finite(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
