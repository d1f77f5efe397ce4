/** `ecomsim capacity <scenario>`: the highest rate the target sustains, with an interval. */
import { EcomsimError } from '../base/errors.ts';
import { EXIT, type ExitCode } from '../base/exit-codes.ts';
import { renderCapacity } from '../reporters/capacity-page.ts';
import { type CampaignSetup, runCampaign } from './capacity/campaign.ts';
import { type CapacityPlan, readPlan } from './capacity/plan.ts';
import { readResumed, type SearchIdentity, settingsDigestOf } from './capacity/resumed-windows.ts';
import { windowOptions } from './capacity/window-options.ts';
import type { CommandContext, OptionValues } from './command.ts';
import { optionText } from './run/option-values.ts';
import { machineFacts, toolFacts } from './run/run-facts.ts';
import { writeAtomically } from './run/run-folder.ts';
import { readOuts, readSetup } from './run/setup.ts';

export async function execute(
  args: readonly string[],
  options: OptionValues,
  context: CommandContext,
): Promise<ExitCode> {
  const outs = readOuts(options, context.cwd);
  const other = outs.find(({ format }) => format !== 'json');
  if (other !== undefined) {
    throw new EcomsimError('INVALID_VALUE', `--out ${other.format}: a capacity is written as json`);
  }
  const asked = await readCampaign(args[0] ?? '', options, context);
  const { report, folder, problems } = await runCampaign(asked, context);
  const json = `${JSON.stringify(report, null, 2)}\n`;
  for (const { path: file } of outs) await writeAtomically(file, json);
  const { columns } = context.stdout;
  const { color } = asked.setup;
  context.stdout.write(renderCapacity(report, { columns, color, folder }));
  for (const problem of problems) context.stderr.write(`ecomsim: ${problem}\n`);
  return problems.length > 0 && report.exitCode === EXIT.pass ? EXIT.invalidInput : report.exitCode;
}

/** Everything is read, and the highest window planned, before anything is started. */
async function readCampaign(
  scenario: string,
  options: OptionValues,
  context: CommandContext,
): Promise<CampaignSetup> {
  const { rate: _rate, out: _out, ...shared } = options;
  const setup = await readSetup(scenario, shared, context);
  const plan = readPlan(options, setup.profile);
  const { seed } = setup.scenario;
  const highestPerSec = await highestThatFits(plan, options, async (ratePerSec) => {
    const window = { ratePerSec, lengthMs: plan.soakMs, seed };
    await readSetup(scenario, windowOptions(options, window), context);
  });
  const { startPerSec, targetWidth, windowMs, soakMs } = plan;
  const identity: SearchIdentity = {
    scenario: setup.scenario.name,
    profile: setup.profile.name,
    seed,
    tool: toolFacts(),
    machine: machineFacts(),
    settingsDigest: settingsDigestOf(setup),
    ...{ startPerSec, highestPerSec, targetWidth, windowMs, soakMs },
  };
  const from = optionText(options, 'resume');
  const resumed = from === undefined ? [] : await readResumed(from, identity, context.cwd);
  return { scenario, options, plan: { ...plan, highestPerSec }, setup, identity, resumed };
}

/** A rate that was asked for must fit; our own guess is lowered until its plan can be carried. */
async function highestThatFits(
  { highestPerSec, startPerSec }: CapacityPlan,
  options: OptionValues,
  check: (ratePerSec: number) => Promise<void>,
): Promise<number> {
  for (let ratePerSec = highestPerSec; ; ratePerSec /= 2) {
    try {
      await check(ratePerSec);
      return ratePerSec;
    } catch (error) {
      const isOurGuess = options['highest'] === undefined && ratePerSec / 2 >= startPerSec;
      if (!isOurGuess || !(error instanceof EcomsimError)) throw error;
    }
  }
}
