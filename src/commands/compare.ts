/** `ecomsim compare`: runs the arms one after the other in turn, or reads results, → one table. */
import path from 'node:path';
import { type ArmRuns, compareRuns } from '../analysis/comparison.ts';
import { EcomsimError } from '../base/errors.ts';
import { EXIT, type ExitCode } from '../base/exit-codes.ts';
import type { Comparison } from '../contract/comparison.ts';
import type { RunResult } from '../contract/run-result.ts';
import { renderComparison } from '../reporters/comparison-page.ts';
import { wantsColor } from './color.ts';
import type { CommandContext, OptionValues } from './command.ts';
import { type Arm, type ArmPlan, readArms, runArgv, turns } from './compare/arms.ts';
import { compareStored, declaredOf } from './compare/stored.ts';
import { watchInterrupts } from './run/interrupts.ts';
import { createRunFolder, writeAtomically } from './run/run-folder.ts';
import { readOuts, readSetup } from './run/setup.ts';
import { performRun } from './run.ts';

const RESULT_NAME = /\.json$/;

export async function execute(
  args: readonly string[],
  options: OptionValues,
  context: CommandContext,
): Promise<ExitCode> {
  const outs = readOuts(options, context.cwd);
  const other = outs.find(({ format }) => format !== 'json');
  if (other !== undefined) {
    throw new EcomsimError(
      'INVALID_VALUE',
      `--out ${other.format}: a comparison is written as json`,
    );
  }
  const isStored = args.length > 1 || RESULT_NAME.test(args[0] ?? '');
  const comparison = isStored
    ? await compareStored(args, options, context.cwd)
    : await compareArms(args[0] ?? '', readArms(options), context);
  const json = `${JSON.stringify(comparison, null, 2)}\n`;
  for (const { path: file } of outs) await writeAtomically(file, json);
  const { columns } = context.stdout;
  context.stdout.write(
    renderComparison(comparison, { columns, color: wantsColor(options, context) }),
  );
  return comparison.exitCode;
}

/** Each arm is read before the first one runs, so that nothing is found out in the middle. */
async function checkArms(
  scenario: string,
  arms: readonly Arm[],
  context: CommandContext,
): Promise<{ name: string; reportsDir: string; quiet: boolean }> {
  const problems = new Set<string>();
  let first: { name: string; reportsDir: string; quiet: boolean } | undefined;
  let only: EcomsimError | undefined;
  for (const arm of arms) {
    try {
      const setup = await readSetup(scenario, arm.options, context);
      const { reportsDir, quiet } = setup;
      first ??= { name: setup.scenario.name, reportsDir, quiet };
    } catch (error) {
      if (!(error instanceof EcomsimError)) throw error;
      only = error;
      for (const line of error.details) problems.add(line);
      if (error.details.length === 0) problems.add(error.message);
    }
  }
  if (only === undefined && first !== undefined) return first;
  throw new EcomsimError('INVALID_VALUE', 'these arms cannot be run:', { details: [...problems] });
}

async function compareArms(
  scenario: string,
  { varied, arms, rounds, margin }: ArmPlan,
  context: CommandContext,
): Promise<Comparison> {
  const { name, reportsDir, quiet } = await checkArms(scenario, arms, context);
  const { stderr, clock, cwd } = context;
  const folder = await createRunFolder({
    reportsDir,
    scenario: `compare-${name}`,
    wallMs: clock.wallMs(),
    cwd,
    holdsHistory: false,
  });
  const runs: { result: RunResult; folder: string }[][] = arms.map(() => []);
  const interrupts = watchInterrupts(clock);
  const say = (line: string): void => {
    if (!quiet) stderr.write(`${line}\n`);
  };
  const tell = (): Comparison =>
    compareRuns(
      varied,
      arms.map((arm, i) => withRuns(arm, runs[i] ?? [])),
      margin,
    );
  try {
    for (const [turn, index] of turns(arms.length, rounds).entries()) {
      const arm = arms[index];
      if (arm === undefined || interrupts.interrupted) break;
      say(`[${turn + 1}/${arms.length * rounds}] ${varied}: ${arm.label}`);
      const options = { ...arm.options, reportsDir: path.relative(cwd, folder.path) };
      const argv = runArgv(scenario, arm.options);
      const setup = await readSetup(scenario, options, { ...context, argv });
      const done = await performRun(setup, { ...context, argv });
      for (const problem of done.problems) stderr.write(`ecomsim: ${problem}\n`);
      if (done.result === undefined) break;
      runs[index]?.push({ result: done.result, folder: done.folder });
      say(`      ${done.result.verdict}: ${done.result.reason}`);
      await folder.write('comparison.json', `${JSON.stringify(tell(), null, 2)}\n`);
    }
  } finally {
    interrupts.dispose();
    await folder.discard();
  }
  for (const problem of folder.problems()) stderr.write(`ecomsim: ${problem}\n`);
  const comparison = tell();
  return interrupts.interrupted && comparison.exitCode !== EXIT.invariantViolated
    ? {
        ...comparison,
        exitCode: EXIT.interrupted,
        reason: 'interrupted; the runs until then are shown',
      }
    : comparison;
}

function withRuns({ label, settings }: Arm, runs: ArmRuns['runs']): ArmRuns {
  const [first] = runs;
  const declares = first === undefined ? [] : declaredOf(first.result);
  return { label, settings, declaredBreaches: declares, runs };
}
