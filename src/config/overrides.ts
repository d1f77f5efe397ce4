/** What stands above the file: environment variables, then flags. Each keeps its own name. */
import { suggestion } from '../base/nearest-name.ts';
import type { Tree } from './document.ts';
import { type Problem, quoteValue } from './problem.ts';

/** As typed; `set` holds `path=value` texts. */
export interface ProfileOverrides {
  readonly rate?: string;
  readonly duration?: string;
  /** Instead of rate and duration, where stages give both. */
  readonly stagePeak?: string;
  readonly stageTotal?: string;
  readonly strategy?: string;
  readonly target?: string;
  readonly workers?: string;
  /** Added to the profile's own. */
  readonly thresholds?: readonly string[];
  /** Added to the profile's own. */
  readonly faults?: readonly string[];
  readonly set?: readonly string[];
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The only file that reads the process's environment; commands may pass another one. */
export function processEnvironment(): Environment {
  return process.env;
}

/** The variables that are understood, with the field each one sets. */
export const ENVIRONMENT_FIELDS: Readonly<Record<string, string>> = {
  ECOMSIM_TARGET: 'target',
  ECOMSIM_STRATEGY: 'system.inventory.strategy',
  ECOMSIM_LOAD_RATE: 'load.rate',
  ECOMSIM_LOAD_DURATION: 'load.duration',
  ECOMSIM_LOAD_WARMUP: 'load.warmup',
  ECOMSIM_LOAD_WORKERS: 'load.workers',
};

/** Variables that begin like this are meant for us, so a name that is not known is a mistake. */
const OUR_PREFIXES = ['ECOMSIM_LOAD_', 'ECOMSIM_SALE_', 'ECOMSIM_SYSTEM_'];

const FLAG_FIELDS = {
  target: ['--target', 'target'],
  strategy: ['--strategy', 'system.inventory.strategy'],
  rate: ['--rate', 'load.rate'],
  duration: ['--duration', 'load.duration'],
  stagePeak: ['--stage, highest rate', 'load.rate'],
  stageTotal: ['--stage, all together', 'load.duration'],
  workers: ['--workers', 'load.workers'],
} as const satisfies Partial<Record<keyof ProfileOverrides, readonly [string, string]>>;

/** One value to put in place, and what to call it in a problem. */
export interface Override {
  readonly source: string;
  readonly path: readonly string[];
  readonly value: unknown;
}

export interface OverrideList {
  readonly overrides: readonly Override[];
  /** Thresholds to add, with the flag as source. */
  readonly thresholds: readonly string[];
  /** The same for faults. */
  readonly faults: readonly string[];
  readonly problems: readonly Problem[];
}

/** In order of precedence, the last one wins. `fields` are the paths that `--set` may name. */
export function collectOverrides(
  flags: ProfileOverrides,
  env: Environment,
  fields: readonly string[],
): OverrideList {
  const overrides: Override[] = [];
  const problems: Problem[] = [];
  for (const [name, path] of Object.entries(ENVIRONMENT_FIELDS)) {
    const value = env[name];
    if (value === undefined || value === '') continue;
    overrides.push({ source: name, path: path.split('.'), value: readTyped(value) });
  }
  problems.push(...unknownVariables(env));
  for (const [flag, [source, path]] of Object.entries(FLAG_FIELDS)) {
    const value = flags[flag as keyof typeof FLAG_FIELDS];
    if (value === undefined) continue;
    overrides.push({ source, path: path.split('.'), value: readTyped(value) });
  }
  for (const text of flags.set ?? []) {
    const parsed = parseSet(text, fields);
    if ('message' in parsed) problems.push(parsed);
    else overrides.push(parsed);
  }
  const { thresholds = [], faults = [] } = flags;
  return { overrides, thresholds, faults, problems };
}

function unknownVariables(env: Environment): Problem[] {
  const known = Object.keys(ENVIRONMENT_FIELDS);
  return Object.keys(env)
    .filter((name) => OUR_PREFIXES.some((prefix) => name.startsWith(prefix)))
    .filter((name) => !known.includes(name))
    .map((name) => ({
      source: name,
      path: '',
      message: `is not a variable that sets a field${suggestion(name, known)}; use --set instead`,
    }));
}

function parseSet(text: string, fields: readonly string[]): Override | Problem {
  const equals = text.indexOf('=');
  const name = (equals < 0 ? text : text.slice(0, equals)).trim();
  const source = `--set ${name}`;
  if (equals < 0) {
    return { source, path: '', message: 'needs a value: --set load.rate=400/s' };
  }
  if (!fields.includes(name)) {
    const inGroup = fields.filter((field) => field.startsWith(`${name}.`));
    const help =
      inGroup.length > 0 ? `; it holds ${inGroup.join(', ')}` : nearestField(name, fields);
    return { source, path: '', message: `${quoteValue(name)} is not a field${help}` };
  }
  return { source, path: name.split('.'), value: readTyped(text.slice(equals + 1)) };
}

/** Also finds a field by its last word alone: `holdTtl` for `system.inventory.holdTtl`. */
function nearestField(name: string, fields: readonly string[]): string {
  const whole = suggestion(name, fields);
  if (whole !== '') return whole;
  const last = name.split('.').at(-1) ?? name;
  const near = fields.find((field) => field.split('.').at(-1) === last);
  return near === undefined ? '' : ` (did you mean "${near}"?)`;
}

/** Numbers become numbers, `true` and `false` what they are, `[…]` a list of texts; units and names stay as typed. */
function readTyped(raw: string): unknown {
  const text = raw.trim();
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return Number(text);
  if (text === 'true' || text === 'false') return text === 'true';
  if (!(text.startsWith('[') && text.endsWith(']'))) return text;
  const inner = text.slice(1, -1).trim();
  if (inner === '') return [];
  return inner.split(',').map((part) => part.trim().replace(/^(["'])(.*)\1$/, '$2'));
}

/** Puts a value in place unless something on the way is not a group: then that is the problem. */
export function setPath(tree: Tree, path: readonly string[], value: unknown): boolean {
  let group = tree;
  for (const name of path.slice(0, -1)) {
    const next = group[name];
    if (next === undefined) {
      const created = Object.create(null) as Tree;
      group[name] = created;
      group = created;
    } else if (typeof next === 'object' && next !== null && !Array.isArray(next)) {
      group = next as Tree;
    } else {
      return false;
    }
  }
  group[path.at(-1) ?? ''] = value;
  return true;
}
