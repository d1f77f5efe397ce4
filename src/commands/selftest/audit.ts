/** `ecomsim selftest audit`: planted defects that must be convicted, and a shop that must not be. */
import { EcomsimError } from '../../base/errors.ts';
import { EXIT, type ExitCode } from '../../base/exit-codes.ts';
import { suggestion } from '../../base/nearest-name.ts';
import { strategyNames } from '../../reference-system/index.ts';
import { createPaint } from '../../reporters/terminal-paint.ts';
import {
  alarmLines,
  auditSummary,
  defectLine,
  exitCodesOf,
  HEADING,
} from '../../selftest/audit/audit-page.ts';
import { AuditSelftest } from '../../selftest/audit/audit-selftest.ts';
import type { Defect } from '../../selftest/audit/defect.ts';
import { DEFECTS } from '../../selftest/audit/defects/catalogue.ts';
import { wantsColor } from '../color.ts';
import type { CommandContext, OptionValues } from '../command.ts';
import { scanForCards } from '../run/card-scan.ts';
import { watchInterrupts } from '../run/interrupts.ts';
import { optionText, optionTexts } from '../run/option-values.ts';

const DEFAULT_SEEDS = 20;
const MAX_SEEDS = 1000;
const DEFAULT_SALES = 20;
const MAX_SALES = 1_000_000;

interface Wish {
  readonly defects: readonly Defect[];
  readonly seeds: number;
  /** Sales of the correct shop per strategy. */
  readonly sales: number;
}

/** Throws INVALID_VALUE with every problem. */
function wishOf(options: OptionValues): Wish {
  const problems: string[] = [];
  const number = (name: string, flag: string, otherwise: number, most: number): number => {
    const text = optionText(options, name);
    if (text === undefined) return otherwise;
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    const least = name === 'seeds' ? 1 : 0;
    if (value >= least && value <= most) return value;
    problems.push(`${flag} ${text}: must be a whole number from ${least} to ${most}`);
    return otherwise;
  };
  const only = optionTexts(options, 'only');
  const seeds = number('seeds', '--seeds', DEFAULT_SEEDS, MAX_SEEDS);
  // Who asks for one defect does not wait for hundreds of sales of something else.
  const sales = number(
    'falseAlarms',
    '--false-alarms',
    only.length > 0 ? 0 : DEFAULT_SALES,
    MAX_SALES,
  );
  const defects = only.length > 0 ? named(only, problems) : everyOr(options['quick'] === true);
  if (problems.length > 0) {
    throw new EcomsimError('INVALID_VALUE', 'selftest audit cannot do this', { details: problems });
  }
  return { defects, seeds, sales };
}

function everyOr(quick: boolean): readonly Defect[] {
  const seen = new Set<string>();
  return DEFECTS.filter(({ invariant }) => !quick || (!seen.has(invariant) && seen.add(invariant)));
}

function named(only: readonly string[], problems: string[]): readonly Defect[] {
  const names = [...DEFECTS.map(({ id }) => id), ...DEFECTS.map(({ invariant }) => invariant)];
  for (const name of only) {
    if (names.includes(name)) continue;
    problems.push(`--only ${name}: there is no such defect or invariant${suggestion(name, names)}`);
  }
  return DEFECTS.filter(({ id, invariant }) => only.includes(id) || only.includes(invariant));
}

export async function audit(options: OptionValues, context: CommandContext): Promise<ExitCode> {
  const { defects, seeds, sales } = wishOf(options);
  const { stdout, stderr, clock } = context;
  const page = {
    paint: createPaint(wantsColor(options, context)),
    columns: stdout.isTerminal ? stdout.columns : Number.POSITIVE_INFINITY,
  };
  const interrupts = watchInterrupts(clock);
  const selftest = new AuditSelftest({
    ...{ defects, seeds, sales, clock, strategies: strategyNames },
    searchForCards: scanForCards,
    onDefect: (result) => stdout.write(`${defectLine(result, page)}\n`),
    onCampaign: (campaign) => stdout.write(`${alarmLines(campaign, page).join('\n')}\n`),
    onProgress: (text) => {
      if (stderr.isTerminal) stderr.write(`selftest audit, ${text}\n`);
    },
  });
  interrupts.onFirst(() => selftest.stop());
  try {
    if (defects.length > 0) stdout.write(`${HEADING}\n`);
    const results = await Promise.race([selftest.run(), interrupts.second]);
    const { interrupted } = interrupts;
    stdout.write(auditSummary(results, { ...page, interrupted }));
    return exitCodesOf(results, interrupted).code;
  } catch (error) {
    if (interrupts.interrupted) return EXIT.interrupted;
    throw error;
  } finally {
    interrupts.dispose();
  }
}
