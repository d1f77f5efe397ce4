/** What a capacity search may do: its flags read and checked, every problem at once. */
import { EcomsimError } from '../../base/errors.ts';
import { parseDurationMs, parseRatePerSec, parseRatio } from '../../base/units.ts';
import type { Profile } from '../../contract/profile.ts';
import { MAX_RATE_PER_SEC } from '../../contract/rate-curve/shape-problems.ts';
import type { OptionValues } from '../command.ts';
import { optionText as text } from '../run/option-values.ts';

const DEFAULT_BUDGET = '12m';
const DEFAULT_WINDOW = '15s';
const DEFAULT_WIDTH = '10%';
const MIN_WINDOW_MS = 8000;
const MAX_WINDOW_MS = 600_000;
const MAX_BUDGET_MS = 24 * 3_600_000;
/** A claim is tried for as many windows in one, within these bounds. */
const SOAK_WINDOWS = 4;
const MAX_SOAK_MS = 60_000;
/** The profile's rate is one it should serve; the search begins well below and may go far above. */
const START_SHARE = 0.25;
const HIGHEST_FACTOR = 16;
/** What a window takes beside its load, until the first has told: start, drain, holds, audit. */
const GUESSED_OVERHEAD_MS = 15_000;

export interface CapacityPlan {
  readonly startPerSec: number;
  readonly highestPerSec: number;
  /** Of the 90 % interval ÷ Q50. */
  readonly targetWidth: number;
  readonly windowMs: number;
  readonly soakMs: number;
  readonly budgetMs: number;
  /** Of each window, until one has told. */
  readonly overheadMs: number;
}

/** Throws EcomsimError INVALID_VALUE. */
export function readPlan(options: OptionValues, { load }: Pick<Profile, 'load'>): CapacityPlan {
  const problems: string[] = [];
  const read = (flag: string, fallback: string, parse: typeof parseDurationMs, like: string) => {
    const given = text(options, flag) ?? fallback;
    const value = parse(given);
    if (value !== undefined && value > 0) return value;
    problems.push(`--${flag} "${given}" is not ${like}`);
    return undefined;
  };
  const profilePerSec = load.ratePerSec;
  const startPerSec =
    read('rate', `${profilePerSec * START_SHARE}/s`, parseRatePerSec, 'a rate like 50/s') ?? 1;
  const highestPerSec =
    read(
      'highest',
      `${Math.min(MAX_RATE_PER_SEC, profilePerSec * HIGHEST_FACTOR)}/s`,
      parseRatePerSec,
      'a rate like 4000/s',
    ) ?? startPerSec;
  const targetWidth = read('width', DEFAULT_WIDTH, parseRatio, 'a share like 10%') ?? 1;
  const windowMs = read('window', DEFAULT_WINDOW, parseDurationMs, 'a time like 15s');
  const budgetMs = read('budget', DEFAULT_BUDGET, parseDurationMs, 'a time like 12m');
  if (windowMs !== undefined && (windowMs < MIN_WINDOW_MS || windowMs > MAX_WINDOW_MS)) {
    problems.push('--window must be from 8s to 10m: shorter ones do not settle');
  }
  if (highestPerSec < startPerSec) {
    problems.push(
      `--highest ${highestPerSec}/s is below the first rate, ${startPerSec}/s (--rate)`,
    );
  }
  if (highestPerSec > MAX_RATE_PER_SEC) problems.push(`--highest is above ${MAX_RATE_PER_SEC}/s`);
  if (targetWidth > 1) problems.push('--width is above 100%');
  if (budgetMs !== undefined && budgetMs > MAX_BUDGET_MS) problems.push('--budget is above 24h');
  const overheadMs = load.warmupMs + GUESSED_OVERHEAD_MS;
  if (budgetMs !== undefined && windowMs !== undefined && budgetMs < windowMs + overheadMs) {
    const least = Math.ceil((windowMs + overheadMs) / 1000);
    problems.push(
      `--budget is too small for one window: ${windowMs / 1000} s at a rate take about ${least} s ` +
        'with start, warm-up and audit; a search takes about 25 of them',
    );
  }
  if (problems.length > 0 || windowMs === undefined || budgetMs === undefined) {
    throw new EcomsimError('INVALID_VALUE', 'this capacity cannot be searched:', {
      details: problems,
    });
  }
  const soakMs = Math.max(windowMs, Math.min(MAX_SOAK_MS, SOAK_WINDOWS * windowMs));
  return { startPerSec, highestPerSec, targetWidth, windowMs, soakMs, budgetMs, overheadMs };
}
