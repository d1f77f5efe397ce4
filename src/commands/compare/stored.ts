/** Stored results as the arms of a comparison: each argument one arm, of one run or of several. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { type ArmRuns, compareRuns } from '../../analysis/comparison.ts';
import { EcomsimError } from '../../base/errors.ts';
import type { Comparison } from '../../contract/comparison.ts';
import type { RunResult } from '../../contract/run-result.ts';
import { declaredBreaches } from '../../reference-system/index.ts';
import { listStrategies } from '../../targets/reference/strategies.ts';
import type { OptionValues } from '../command.ts';
import { readStoredResult } from '../stored-result.ts';
import { MAX_RUNS, readMargin } from './arms.ts';

const FLAGS_OF_RUNS = [
  ...['vary', 'runs', 'repeat', 'profile', 'set', 'strategy', 'rate', 'duration', 'seed'],
];

/** Throws EcomsimError INVALID_VALUE with every problem of every argument. */
export async function compareStored(
  given: readonly string[],
  options: OptionValues,
  cwd: string,
): Promise<Comparison> {
  const problems: string[] = [];
  if (given.length < 2) problems.push('name at least two results to compare');
  for (const flag of FLAGS_OF_RUNS) {
    if (options[flag] !== undefined) problems.push(`--${flag} is for runs, not for stored results`);
  }
  const margin = readMargin(options, problems);
  const arms: ArmRuns[] = [];
  for (const label of given) {
    const runs: ArmRuns['runs'][number][] = [];
    for (const file of await resultsIn(label, cwd, problems)) {
      try {
        runs.push(await readStoredResult(file, cwd));
      } catch (error) {
        if (!(error instanceof EcomsimError)) throw error;
        problems.push(`${file}: ${error.message}`, ...error.details.map((line) => `  ${line}`));
      }
    }
    const declares = new Set(runs.flatMap(({ result }) => declaredOf(result)));
    arms.push({ label, settings: {}, declaredBreaches: [...declares], runs });
  }
  refuseUnlike(arms, problems);
  if (problems.length === 0) return compareRuns('result', arms, margin);
  throw new EcomsimError('INVALID_VALUE', 'these results cannot be compared:', {
    details: problems,
  });
}

export function declaredOf({ run }: RunResult): readonly string[] {
  const strategy = run.system['strategy'];
  // A result may come from a version with a strategy that this one does not have.
  const isKnown = listStrategies().some(({ name }) => name === strategy);
  return strategy !== undefined && isKnown ? declaredBreaches(strategy) : [];
}

/** The argument itself, or the run folders in it. */
async function resultsIn(given: string, cwd: string, problems: string[]): Promise<string[]> {
  const named = path.resolve(cwd, given);
  if (!(await isFolder(named)) || (await exists(path.join(named, 'result.json')))) return [given];
  if (await exists(path.join(named, 'comparison.json'))) {
    problems.push(
      `${given}: holds the runs of several arms; move those of each arm to a folder of its own`,
    );
    return [];
  }
  const names = (await readdir(named)).sort();
  const found: string[] = [];
  for (const name of names) {
    if (await exists(path.join(named, name, 'result.json'))) found.push(path.join(given, name));
  }
  // Nothing inside: reading the argument itself says what was looked for.
  if (found.length === 0) return [given];
  if (found.length <= MAX_RUNS) return found;
  problems.push(`${given}: holds ${found.length} runs; at most ${MAX_RUNS} are compared`);
  return [];
}

async function isFolder(file: string): Promise<boolean> {
  return await stat(file).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function exists(file: string): Promise<boolean> {
  return await stat(file).then(
    () => true,
    () => false,
  );
}

/** A run given twice would look like two that agree perfectly. */
function refuseUnlike(arms: readonly ArmRuns[], problems: string[]): void {
  const runs = arms.flatMap((arm) => arm.runs);
  const scenarios = new Set(runs.map(({ result }) => result.run.scenario));
  if (scenarios.size > 1) problems.push(`different scenarios: ${[...scenarios].join(', ')}`);
  const seen = new Map<string, string>();
  for (const { result, folder } of runs) {
    const other = seen.get(result.run.id);
    if (other !== undefined) {
      problems.push(`${folder}: the same run as in ${other} (id ${result.run.id})`);
    }
    seen.set(result.run.id, folder);
  }
}
