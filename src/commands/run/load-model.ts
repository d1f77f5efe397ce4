/** Open or closed: what `--stage`, `--vus` and `--rate` say together, with every problem at once. */
import { type Problem, quoteValue } from '../../config/problem.ts';
import type { Profile } from '../../contract/profile.ts';
import type { ScenarioInputs } from '../../scenarios/inputs.ts';
import type { OptionValues } from '../command.ts';
import { isUserCount, NO_RATE, readStages, type StageReading, userCounts } from './stages.ts';

export interface LoadModelReading extends Pick<StageReading, 'overrides' | 'problems'> {
  /** What a scenario is built from, once the profile is known. */
  inputsFor(profile: Profile): Pick<ScenarioInputs, 'stages' | 'users'>;
}

export function readLoadModel(options: OptionValues): LoadModelReading {
  const staging = readStages(texts(options, 'stage'), options);
  const given = options['vus'];
  const isClosed = given !== undefined || staging.users !== undefined;
  const problems = [...staging.problems, ...(isClosed ? rateSettings(options) : [])];
  if (given === undefined) {
    const { stages, users, overrides } = staging;
    const inputs = {
      ...(stages !== undefined && { stages }),
      ...(users !== undefined && { users }),
    };
    return { overrides, problems, inputsFor: () => inputs };
  }
  const users = readUsers(String(given));
  const blame = (source: string, message: string): void => {
    problems.push({ source, path: '', message });
  };
  if (users === undefined) blame('--vus', `${quoteValue(String(given))} is not ${userCounts(1)}`);
  if (options['stage'] !== undefined) {
    blame('--vus', 'the stages already say it; leave out either --vus or --stage');
  }
  if (options['rate'] !== undefined) {
    blame(
      '--rate',
      'virtual users come back when they have been served, at no fixed rate; leave out either ' +
        '--rate or --vus',
    );
  }
  return {
    overrides: { ...staging.overrides, stagePeak: NO_RATE },
    problems,
    inputsFor: ({ load: { durationMs } }) => {
      const count = users ?? 1;
      return { users: [{ name: 'steady', durationMs, fromUsers: count, toUsers: count }] };
    },
  };
}

function readUsers(given: string): number | undefined {
  const users = /^\d{1,12}$/.test(given.trim()) ? Number(given) : Number.NaN;
  return isUserCount(users, 1) ? users : undefined;
}

function rateSettings(options: OptionValues): Problem[] {
  const set = texts(options, 'set').find((text) => /^\s*load\.rate\s*=/.test(text));
  if (set === undefined) return [];
  const message = 'has no meaning with virtual users; leave out either it or them';
  return [{ source: `--set ${set.trim()}`, path: '', message }];
}

function texts(options: OptionValues, name: string): readonly string[] {
  const value = options[name];
  return Array.isArray(value) ? value.map(String) : [];
}
