/** `ecomsim selftest crash`: the real shop killed again and again, each restart audited. */
import { EcomsimError } from '../../base/errors.ts';
import { EXIT, type ExitCode } from '../../base/exit-codes.ts';
import { createPaint } from '../../reporters/terminal-paint.ts';
import {
  crashExitCodes,
  crashPage,
  cycleVerdict,
  describeCycle,
} from '../../selftest/crash/crash-page.ts';
import { CrashSelftest } from '../../selftest/crash/crash-selftest.ts';
import { planCycles } from '../../selftest/crash/cycles.ts';
import { wantsColor } from '../color.ts';
import type { CommandContext, OptionValues } from '../command.ts';
import { StoppedNow, watchInterrupts } from '../run/interrupts.ts';
import { optionText } from '../run/option-values.ts';

const DEFAULT_CYCLES = 300;
const MAX_CYCLES = 100_000;
const CRASH_STRATEGY = 'guarded-update';
const TOLD_EVERY = 10;

function wholeOption(
  options: OptionValues,
  name: string,
  range: readonly [number, number],
): number {
  const [fallback, max] = range;
  const given = options[name];
  if (given === undefined) return fallback;
  const value = Number(given);
  if (typeof given === 'string' && /^\d{1,16}$/.test(given) && value >= 1 && value <= max) {
    return value;
  }
  throw new EcomsimError('INVALID_VALUE', `--${name} "${given}" is not a number from 1 to ${max}`);
}

/** Throws EcomsimError INVALID_VALUE. */
export async function crash(options: OptionValues, context: CommandContext): Promise<ExitCode> {
  const cycles = wholeOption(options, 'cycles', [DEFAULT_CYCLES, MAX_CYCLES]);
  const seed = wholeOption(options, 'seed', [1, Number.MAX_SAFE_INTEGER]);
  const strategy = optionText(options, 'strategy') ?? CRASH_STRATEGY;
  const interrupts = watchInterrupts(context.clock);
  const selftest = new CrashSelftest({
    ...{ seed, strategy, clock: context.clock },
    batches: planCycles(cycles, seed),
    replayCommand: `ecomsim selftest crash --cycles ${cycles} --seed ${seed} --strategy ${strategy}`,
    onCycle: (result, index) => {
      const verdict = cycleVerdict(result);
      if (verdict === 'ok' && (index + 1) % TOLD_EVERY !== 0) return;
      const text = `${index + 1} of ${cycles}: ${describeCycle(result.cycle)}: ${verdict}`;
      context.stderr.write(`selftest crash, ${text}\n`);
    },
  });
  interrupts.onFirst(() => selftest.stop());
  const lastResort = (): void => selftest.kill();
  process.once('exit', lastResort);
  try {
    const results = await Promise.race([selftest.run(), interrupts.second]);
    const { interrupted } = interrupts;
    const paint = createPaint(wantsColor(options, context));
    context.stdout.write(crashPage(results, { paint, interrupted }));
    return crashExitCodes(results, interrupted).code;
  } catch (error) {
    if (!(error instanceof StoppedNow)) throw error;
    selftest.kill();
    return EXIT.interrupted;
  } finally {
    process.off('exit', lastResort);
    interrupts.dispose();
  }
}
