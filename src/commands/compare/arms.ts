/** What is compared with what: `--vary path=a,b,c` and repeated `-p`, as arms of `run` options. */
import { DEFAULT_MARGIN } from '../../analysis/judgement.ts';
import { EcomsimError } from '../../base/errors.ts';
import { parseRatio } from '../../base/units.ts';
import type { OptionValues } from '../command.ts';
import { optionText as text, optionTexts as texts } from '../run/option-values.ts';

const MAX_ARMS = 24;
export const MAX_RUNS = 100;
const LEAST_MARGIN = 0.001;
const MOST_MARGIN = 1;

export interface Arm {
  readonly label: string;
  readonly settings: Readonly<Record<string, string>>;
  /** As `run` would be given them. */
  readonly options: OptionValues;
}

export interface ArmPlan {
  /** What they differ in. */
  readonly varied: string;
  readonly arms: readonly Arm[];
  readonly rounds: number;
  /** Of the verdicts, as a share. */
  readonly margin: number;
}

interface Variation {
  readonly path: string;
  readonly values: readonly string[];
}

/** Fields that have a flag of their own, which would set them as well. */
const FLAG_OF: Readonly<Record<string, string>> = {
  'system.inventory.strategy': 'strategy',
  'load.rate': 'rate',
  'load.duration': 'duration',
  'load.workers': 'workers',
};

/** Throws EcomsimError INVALID_VALUE with every problem at once. Values are checked by `run`. */
export function readArms(options: OptionValues): ArmPlan {
  const problems: string[] = [];
  const variations = texts(options, 'vary').flatMap((given) => readVariation(given, problems));
  const profiles = texts(options, 'profile');
  const paths = [
    ...(profiles.length > 1 ? ['profile'] : []),
    ...variations.map(({ path }) => path),
  ];
  refuseTwice(paths, options, problems);
  if (profiles.some((name) => profiles.filter((other) => other === name).length > 2)) {
    problems.push('a profile is named more than twice');
  }
  if (paths.length === 0 && problems.length === 0) {
    problems.push(
      'nothing varies: add --vary system.inventory.strategy=guarded-update,unsafe, or two profiles',
    );
  }
  const arms = armsOf(options, profiles, variations);
  if (arms.length > MAX_ARMS)
    problems.push(`${arms.length} arms; at most ${MAX_ARMS} are compared`);
  const rounds = readRounds(options, problems);
  const margin = readMargin(options, problems);
  if (problems.length === 0) return { varied: paths.join(' · '), arms, rounds, margin };
  throw new EcomsimError('INVALID_VALUE', 'this cannot be compared:', { details: problems });
}

function readVariation(given: string, problems: string[]): Variation[] {
  const equals = given.indexOf('=');
  const path = (equals < 0 ? given : given.slice(0, equals)).trim();
  const values = equals < 0 ? [] : given.slice(equals + 1).split(',');
  const trimmed = values.map((value) => value.trim());
  const blame = (what: string): Variation[] => {
    problems.push(`--vary "${given}": ${what}`);
    return [];
  };
  if (equals <= 0)
    return blame('is not <field>=<value>,<value>; write it like load.rate=100/s,200/s');
  if (trimmed.some((value) => value === '')) return blame('has an empty value');
  if (new Set(trimmed).size < trimmed.length) return blame('names a value twice');
  if (trimmed.length < 2) return blame('needs at least two values to compare');
  return [{ path, values: trimmed }];
}

function refuseTwice(paths: readonly string[], options: OptionValues, problems: string[]): void {
  const set = texts(options, 'set').map((given) => given.split('=')[0]?.trim());
  paths.forEach((path, index) => {
    if (paths.indexOf(path) !== index) problems.push(`${path} is varied twice`);
    if (set.includes(path)) problems.push(`${path} is both varied and --set`);
    const flag = FLAG_OF[path];
    if (flag !== undefined && options[flag] !== undefined) {
      problems.push(`${path} is varied; leave out --${flag}`);
    }
  });
}

function readRounds(options: OptionValues, problems: string[]): number {
  const flag = options['repeat'] === undefined ? 'runs' : 'repeat';
  if (flag === 'repeat' && options['runs'] !== undefined) {
    problems.push('--repeat and --runs mean the same; give one of them');
  }
  const given = text(options, flag) ?? '1';
  const rounds = Number(given);
  if (/^\d{1,3}$/.test(given) && rounds >= 1 && rounds <= MAX_RUNS) return rounds;
  problems.push(`--${flag} "${given}" is not a whole number from 1 to ${MAX_RUNS}`);
  return 1;
}

/** As a share; adds to `problems` what is wrong with it. */
export function readMargin(options: OptionValues, problems: string[]): number {
  const given = text(options, 'margin');
  if (given === undefined) return DEFAULT_MARGIN;
  const margin = parseRatio(given);
  if (margin !== undefined && margin >= LEAST_MARGIN && margin <= MOST_MARGIN) return margin;
  problems.push(`--margin "${given}" is not a share from 0.1% to 100%; write it like 5%`);
  return DEFAULT_MARGIN;
}

/** Indexes of arms in the order to run, every second round backwards: drift hits all alike. */
export function turns(arms: number, rounds: number): number[] {
  return Array.from({ length: rounds }, (_, round) => {
    const order = Array.from({ length: arms }, (_unused, index) => index);
    return round % 2 === 0 ? order : order.reverse();
  }).flat();
}

/** Every combination, the last thing varied changing fastest. */
function armsOf(
  options: OptionValues,
  profiles: readonly string[],
  variations: readonly Variation[],
): Arm[] {
  const { vary: _vary, runs: _runs, repeat: _repeat, margin: _margin, ...others } = options;
  const { out: _out, profile: _profile, ...shared } = others;
  const given: (string | undefined)[] = profiles.length === 0 ? [undefined] : [...profiles];
  let arms: Arm[] = given.map((profile, index) => ({
    label: profiles.length > 1 ? labelOf(profiles, index) : '',
    settings: profiles.length > 1 ? { profile: profile ?? '' } : {},
    options: { ...shared, ...(profile !== undefined && { profile }) },
  }));
  for (const { path, values } of variations) {
    arms = arms.flatMap((arm) => values.map((value) => withField(arm, path, value)));
    // A product that is refused anyway need not be built to its end.
    if (arms.length > MAX_ARMS * MAX_ARMS) return arms;
  }
  return arms;
}

/** The same profile twice shows how much runs differ by chance alone. */
function labelOf(profiles: readonly string[], index: number): string {
  const name = profiles[index] ?? '';
  return profiles.indexOf(name) === index ? name : `${name} (again)`;
}

function withField({ label, settings, options }: Arm, path: string, value: string): Arm {
  return {
    label: label === '' ? value : `${label} · ${value}`,
    settings: { ...settings, [path]: value },
    options: { ...options, set: [...texts(options, 'set'), `${path}=${value}`] },
  };
}

/** The `run` command of one arm, for the line that reproduces it. */
export function runArgv(scenario: string, options: OptionValues): string[] {
  const argv = ['run', scenario];
  for (const [name, value] of Object.entries(options)) {
    const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    if (value === true && name !== 'quiet' && name !== 'color') argv.push(flag);
    else if (Array.isArray(value)) for (const one of value) argv.push(flag, String(one));
    else if (typeof value === 'string') argv.push(flag, value);
  }
  return argv;
}
