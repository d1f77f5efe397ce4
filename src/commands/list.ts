/** `ecomsim list [what]`: what there is to choose from, with a line on each. */
import { AUDITED_GOALS } from '../audit/goals.ts';
import { INVARIANTS } from '../audit/invariants.ts';
import { EcomsimError } from '../base/errors.ts';
import { EXIT, type ExitCode } from '../base/exit-codes.ts';
import { suggestion } from '../base/nearest-name.ts';
import { listProfiles } from '../config/profile-file.ts';
import { OPERATION_NAMES, traitsOf } from '../contract/operation.ts';
import { FAULT_KINDS } from '../faults/fault-kinds.ts';
import { faultUsage } from '../faults/parse-fault.ts';
import type { Funnel } from '../scenarios/funnels/funnel.ts';
import { FUNNELS } from '../scenarios/funnels/registry.ts';
import { expectedVisits } from '../scenarios/funnels/stationary-mix.ts';
import { describeScenario, scenarioNames } from '../scenarios/registry.ts';
import { listStrategies } from '../targets/reference/strategies.ts';
import type { CommandContext, OptionValues } from './command.ts';
import { profilesDir } from './run/run-facts.ts';

interface Row {
  readonly name: string;
  readonly text: string;
}

const LISTS: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  scenarios: async () =>
    scenarioNames.map((name) => ({ name, text: describeScenario(name).description })),
  funnels: async () => FUNNELS.map(describeFunnel),
  profiles: async () =>
    (await listProfiles(profilesDir())).map(({ name, description }) => ({
      name,
      text: description,
    })),
  strategies: async () => listStrategies(),
  faults: async () => FAULT_KINDS.map(describeFault),
  invariants: async () => INVARIANTS.map(({ id, title }) => ({ name: id, text: title })),
  goals: async () => AUDITED_GOALS.map(({ name, title }) => ({ name, text: title })),
  operations: async () => OPERATION_NAMES.map((name) => ({ name, text: describeOperation(name) })),
};

/** A length of run that any of them fits into; the mix does not depend on it. */
const ANY_DURATION_MS = 60_000;

function describeFunnel(funnel: Funnel): Row {
  const { name, description, unit, source } = funnel;
  const figures = [...funnel.figures(expectedVisits(funnel.journey(ANY_DURATION_MS)))];
  const mix = figures.map(([what, percent]) => `${what} ${percent.toFixed(2)}`).join(', ');
  return { name, text: `${description}. In % ${unit}: ${mix}. Source: ${source}.` };
}

function describeFault(kind: (typeof FAULT_KINDS)[number]): Row {
  return { name: kind.name, text: `${kind.text}. ${faultUsage(kind)}` };
}

function describeOperation(name: (typeof OPERATION_NAMES)[number]): string {
  const { effect, recorded, probe } = traitsOf(name);
  const words = [effect, recorded ? 'kept in the history' : '', probe ? 'contract probe' : ''];
  return words.filter((word) => word !== '').join(', ');
}

function formatRows(title: string, rows: readonly Row[], columns: number): string {
  const width = Math.max(...rows.map(({ name }) => name.length));
  const room = Math.max(20, columns - width - 4);
  const lines = rows.map(({ name, text }) => {
    const wrapped = wrap(text, room).join(`\n${' '.repeat(width + 4)}`);
    return `  ${name.padEnd(width)}  ${wrapped}`;
  });
  return `${title}\n${lines.join('\n')}\n`;
}

function wrap(text: string, room: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines;
}

export async function execute(
  args: readonly string[],
  _options: OptionValues,
  context: CommandContext,
): Promise<ExitCode> {
  const what = args[0];
  if (what !== undefined && !Object.hasOwn(LISTS, what)) {
    const names = Object.keys(LISTS);
    throw new EcomsimError(
      'UNKNOWN_NAME',
      `cannot list "${what}"${suggestion(what, names)}; known: ${names.join(', ')}`,
    );
  }
  const wanted = what === undefined ? ['scenarios', 'profiles', 'strategies'] : [what];
  const parts: string[] = [];
  for (const name of wanted) {
    const rows = await (LISTS[name] as () => Promise<readonly Row[]>)();
    parts.push(formatRows(name, rows, context.stdout.columns));
  }
  context.stdout.write(parts.join('\n'));
  return EXIT.pass;
}
