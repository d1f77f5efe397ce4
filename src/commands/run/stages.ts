/** `-s 30s:100/s`, `-s 30s:100`: each stage read and checked, with every problem at once. */
import { formatCount, parseDurationMs, parseRatePerSec } from '../../base/units.ts';
import type { ProfileOverrides } from '../../config/overrides.ts';
import { type Problem, quoteValue } from '../../config/problem.ts';
import { DEFAULT_MAX_SESSIONS } from '../../contract/load.ts';
import { MAX_RATE_PER_SEC } from '../../contract/rate-curve/shape-problems.ts';
import { type Stage, type UserStretch, userStretchesOf } from '../../scenarios/inputs.ts';
import type { OptionValues } from '../command.ts';

const MAX_STAGES = 1000;

/**
 * In place of the profile's rate where there are virtual users: it is never used, and must not fail
 * the checks of rates that are.
 */
export const NO_RATE = '1/s';

export interface StageReading {
  /** Arrivals. Undefined when there are none, or none that can be used. */
  readonly stages: readonly Stage[] | undefined;
  /** Virtual users instead of arrivals. */
  readonly users: readonly UserStretch[] | undefined;
  /** What the stages say about the profile: its rate is the highest, its duration the sum. */
  readonly overrides: Pick<ProfileOverrides, 'stagePeak' | 'stageTotal'>;
  readonly problems: readonly Problem[];
}

interface UserStage {
  readonly durationMs: number;
  readonly users: number;
}

export function readStages(given: readonly string[], options: OptionValues): StageReading {
  const none = { stages: undefined, users: undefined, overrides: {} };
  if (given.length === 0) return { ...none, problems: [] };
  const stages: Stage[] = [];
  const userStages: UserStage[] = [];
  const problems: Problem[] = [];
  const blame = (source: string, message: string): void => {
    problems.push({ source, path: '', message });
  };
  for (const text of given) {
    const stage = parseStage(text);
    if (typeof stage === 'string') blame('--stage', `${quoteValue(text)}: ${stage}`);
    else if ('users' in stage) userStages.push(stage);
    else stages.push(stage);
  }
  for (const name of ['rate', 'duration'] as const) {
    if (options[name] !== undefined) {
      blame(`--${name}`, `the stages already say it; leave out either --${name} or --stage`);
    }
  }
  if (given.length > MAX_STAGES) blame('--stage', `more than ${MAX_STAGES} stages`);
  if (stages.length > 0 && userStages.length > 0) blame('--stage', mixed(given));
  if (stages.length === given.length && stages.every(({ perSec }) => perSec === 0)) {
    blame('--stage', 'no stage has a rate above 0, so nobody would ever come');
  }
  if (userStages.length === given.length && userStages.every(({ users }) => users === 0)) {
    blame('--stage', 'no stage has a virtual user, so nobody would ever come');
  }
  if (problems.length > 0) return { ...none, problems };
  const totalMs = [...stages, ...userStages].reduce((sum, { durationMs }) => sum + durationMs, 0);
  const stageTotal = `${totalMs}ms`;
  if (userStages.length > 0) {
    const overrides = { stagePeak: NO_RATE, stageTotal };
    return { stages: undefined, users: userStretchesOf(userStages), overrides, problems };
  }
  const peakPerSec = stages.reduce((peak, { perSec }) => Math.max(peak, perSec), 0);
  const stagePeak = `${Number(peakPerSec.toFixed(6))}/s`;
  return { stages, users: undefined, overrides: { stagePeak, stageTotal }, problems };
}

function mixed(given: readonly string[]): string {
  const isUsers = (text: string): boolean => !text.includes('/');
  const users = quoteValue(given.find(isUsers));
  const arrivals = quoteValue(given.find((text) => !isUsers(text)));
  return (
    `${users} means virtual users and ${arrivals} arrivals per second; a run has either: write ` +
    'all stages with /s, or none'
  );
}

/** The stage, or what is wrong with the text. */
function parseStage(text: string): Stage | UserStage | string {
  const colon = text.indexOf(':');
  if (colon < 0) return 'is not <duration>:<rate>; write it like 30s:100/s';
  const length = text.slice(0, colon).trim();
  const target = text.slice(colon + 1).trim();
  const durationMs = parseDurationMs(length);
  const users = /^-?\d+(\.\d+)?$/.test(target) ? Number(target) : undefined;
  const perSec = parseRatePerSec(target);
  const wrong: string[] = [];
  if (durationMs === undefined)
    wrong.push(`${quoteValue(length)} is not a duration like 30s or 1m30s`);
  if (durationMs === 0) wrong.push('lasts no time; write 1ms for a jump');
  if (users !== undefined) {
    if (!isUserCount(users, 0)) wrong.push(`${target} is not ${userCounts(0)}`);
  } else if (perSec === undefined) {
    wrong.push(
      `${quoteValue(target)} is not a rate like 100/s or 6k/min, nor a number of virtual users`,
    );
  } else if (perSec > MAX_RATE_PER_SEC) {
    wrong.push(`${quoteValue(target)} is more than ${formatCount(MAX_RATE_PER_SEC)}/s`);
  }
  if (durationMs === undefined || wrong.length > 0) return wrong.join('; ');
  return users === undefined ? { durationMs, perSec: perSec ?? 0 } : { durationMs, users };
}

/** Virtual users are sessions, of which only so many are kept. */
export function isUserCount(users: number, least: number): boolean {
  return Number.isInteger(users) && users >= least && users <= DEFAULT_MAX_SESSIONS;
}

export function userCounts(least: number): string {
  return `a whole number of virtual users from ${least} to ${formatCount(DEFAULT_MAX_SESSIONS)}`;
}
