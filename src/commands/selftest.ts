/** `ecomsim selftest [what]`: proves the tool's own figures, and its shop, on this machine. */
import os from 'node:os';
import { EcomsimError } from '../base/errors.ts';
import { EXIT, type ExitCode } from '../base/exit-codes.ts';
import { suggestion } from '../base/nearest-name.ts';
import { formatDuration } from '../base/units.ts';
import { createPaint } from '../reporters/terminal-paint.ts';
import { LATENCY_CASES, quickCase } from '../selftest/cases.ts';
import {
  crashExitCodes,
  crashPage,
  cycleVerdict,
  describeCycle,
} from '../selftest/crash/crash-page.ts';
import { CrashSelftest } from '../selftest/crash/crash-selftest.ts';
import { planCycles } from '../selftest/crash/cycles.ts';
import { exitCodesOf, latencyPage } from '../selftest/latency-page.ts';
import { LatencySelftest, plannedMs } from '../selftest/latency-selftest.ts';
import { wantsColor } from './color.ts';
import type { CommandContext, OptionValues } from './command.ts';
import { StoppedNow, watchInterrupts } from './run/interrupts.ts';

type Selftest = (options: OptionValues, context: CommandContext) => Promise<ExitCode>;

const SELFTESTS: Readonly<Record<string, Selftest>> = {
  latency,
  crash,
  audit: async (options, context) => (await import('./selftest/audit.ts')).audit(options, context),
};
const DEFAULT = 'latency';
/** Options that only some selftests have, by the name that commander gives them. */
const OPTIONS_OF: Readonly<Record<string, readonly string[]>> = {
  audit: ['only', 'seeds', 'falseAlarms'],
  crash: ['cycles', 'seed'],
};

async function latency(options: OptionValues, context: CommandContext): Promise<ExitCode> {
  const cases = options['quick'] === true ? LATENCY_CASES.map(quickCase) : LATENCY_CASES;
  const interrupts = watchInterrupts(context.clock);
  const selftest = new LatencySelftest({
    cases,
    clock: context.clock,
    onCase: ({ name, measuredMs }, index) => {
      const text = `${index + 1} of ${cases.length}: ${name}, ${formatDuration(measuredMs)}`;
      context.stderr.write(`selftest latency, ${text}\n`);
    },
  });
  interrupts.onFirst(() => selftest.stop());
  context.stderr.write(`about ${Math.ceil(plannedMs(cases) / 1000)} s in all\n`);
  try {
    const results = await Promise.race([selftest.run(), interrupts.second]);
    const { interrupted } = interrupts;
    context.stdout.write(
      latencyPage(results, {
        paint: createPaint(wantsColor(options, context)),
        machine: { load1m: os.loadavg()[0] ?? 0, cores: os.availableParallelism() },
        interrupted,
      }),
    );
    return exitCodesOf(results, interrupted).code;
  } catch (error) {
    if (error instanceof StoppedNow) return EXIT.interrupted;
    throw error;
  } finally {
    interrupts.dispose();
  }
}

function refuseForeignOptions(what: string, options: OptionValues): void {
  const details = Object.entries(OPTIONS_OF).flatMap(([owner, names]) =>
    names
      .filter((name) => owner !== what && options[name] !== undefined)
      .map((name) => {
        const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
        return `--${flag} belongs to: ecomsim selftest ${owner}`;
      }),
  );
  if (details.length === 0) return;
  throw new EcomsimError('USAGE', `selftest ${what} does not take these options`, { details });
}

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

async function crash(options: OptionValues, context: CommandContext): Promise<ExitCode> {
  const cycles = wholeOption(options, 'cycles', [DEFAULT_CYCLES, MAX_CYCLES]);
  const seed = wholeOption(options, 'seed', [1, Number.MAX_SAFE_INTEGER]);
  const interrupts = watchInterrupts(context.clock);
  const selftest = new CrashSelftest({
    ...{ seed, strategy: CRASH_STRATEGY, clock: context.clock },
    batches: planCycles(cycles, seed),
    replayCommand: `ecomsim selftest crash --cycles ${cycles} --seed ${seed}`,
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

export async function execute(
  args: readonly string[],
  options: OptionValues,
  context: CommandContext,
): Promise<ExitCode> {
  const what = args[0] ?? DEFAULT;
  const chosen = Object.hasOwn(SELFTESTS, what) ? SELFTESTS[what] : undefined;
  if (chosen !== undefined) {
    refuseForeignOptions(what, options);
    return chosen(options, context);
  }
  const names = Object.keys(SELFTESTS);
  throw new EcomsimError(
    'UNKNOWN_NAME',
    `no selftest is called "${what}"${suggestion(what, names)}; known: ${names.join(', ')}`,
  );
}
