/** `ecomsim calibrate generator`: what a load worker can do on this machine, kept for `run`. */
import { EcomsimError } from '../base/errors.ts';
import { EXIT, type ExitCode } from '../base/exit-codes.ts';
import { suggestion } from '../base/nearest-name.ts';
import { formatIsoTime } from '../base/units.ts';
import {
  Calibration,
  FULL,
  type GeneratorCalibration,
  medianOf,
  QUICK,
} from '../calibration/generator-calibration.ts';
import {
  calibrationPath,
  prepareCalibration,
  writeCalibration,
} from '../config/calibration-file.ts';
import { autocannonPerSec } from './calibrate/autocannon-yardstick.ts';
import { calibrationPage } from './calibrate/calibration-page.ts';
import type { CommandContext, OptionValues } from './command.ts';
import { StoppedNow, watchInterrupts } from './run/interrupts.ts';
import { machineFacts } from './run/run-facts.ts';

const SUBJECTS = ['generator'];

export async function execute(
  args: readonly string[],
  options: OptionValues,
  context: CommandContext,
): Promise<ExitCode> {
  const what = args[0] ?? 'generator';
  if (!SUBJECTS.includes(what)) {
    throw new EcomsimError(
      'UNKNOWN_NAME',
      `"${what}" cannot be calibrated${suggestion(what, SUBJECTS)}; known: ${SUBJECTS.join(', ')}`,
    );
  }
  await prepareCalibration(context.env);
  const interrupts = watchInterrupts(context.clock);
  const calibration = new Calibration({
    size: options['quick'] === true ? QUICK : FULL,
    clock: context.clock,
    yardstick: autocannonPerSec,
    onStep: (text) => context.stderr.write(`calibrate generator: ${text}\n`),
  });
  interrupts.onFirst(() => calibration.stop());
  try {
    const found = await Promise.race([calibration.run(), interrupts.second]);
    return found === undefined ? interrupted(context) : await report(found, context);
  } catch (error) {
    if (error instanceof StoppedNow) return interrupted(context);
    throw error;
  } finally {
    interrupts.dispose();
  }
}

function interrupted({ stdout }: CommandContext): ExitCode {
  stdout.write(`Exit ${EXIT.interrupted}: interrupted; nothing was kept.\n`);
  return EXIT.interrupted;
}

async function report(found: GeneratorCalibration, context: CommandContext): Promise<ExitCode> {
  const { cpuModel, cores, node } = machineFacts();
  const machine = { cpuModel, cores, node };
  context.stdout.write(calibrationPage(found, machine));
  const { perSec, resolutionPerSec } = found.valid;
  if (perSec <= 0) {
    context.stdout.write(
      'Nothing was kept. Other work may have had the processor: run it again without it.\n' +
        `Exit ${EXIT.generatorInvalid}: no rate could be kept on schedule.\n`,
    );
    return EXIT.generatorInvalid;
  }
  await writeCalibration(context.env, {
    version: 1,
    machine,
    measuredAt: formatIsoTime(context.clock.wallMs()),
    ceilingPerSec: medianOf(found.ceilingsPerSec),
    validPerSec: perSec,
    resolutionPerSec,
  });
  context.stdout.write(
    `Kept in ${calibrationPath(context.env)}; \`ecomsim run\` warns of plans above it.\n` +
      `Exit ${EXIT.pass}: the generator is calibrated.\n`,
  );
  return EXIT.pass;
}
