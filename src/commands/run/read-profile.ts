/** The profile as the command line changes it, or every problem with it at once. */
import { EcomsimError } from '../../base/errors.ts';
import { formatProblems, type Problem } from '../../config/problem.ts';
import { loadProfile } from '../../config/profile-file.ts';
import type { Profile } from '../../contract/profile.ts';
import { faultProblem } from '../../faults/plan-faults.ts';
import { listStrategies } from '../../targets/reference/strategies.ts';
import { targetNames } from '../../targets/target-registry.ts';
import type { CommandContext, OptionValues } from '../command.ts';
import { targetFileOf } from './live-setup.ts';
import type { LoadModelReading } from './load-model.ts';
import { optionText as text, optionTexts as texts } from './option-values.ts';
import { profilesDir } from './run-facts.ts';

/** Throws EcomsimError with every problem of the profile and the load model at once. */
export async function readProfile(
  options: OptionValues,
  context: CommandContext,
  model?: LoadModelReading,
  further: readonly Problem[] = [],
): Promise<Profile> {
  const override = (name: string, value: string | undefined): Record<string, string> =>
    value === undefined ? {} : { [name]: value };
  const loaded = await loadProfile({
    nameOrPath: text(options, 'profile') ?? 'laptop',
    profilesDir: profilesDir(),
    overrides: {
      ...override('rate', text(options, 'rate')),
      ...override('duration', text(options, 'duration')),
      ...model?.overrides,
      ...override('strategy', text(options, 'strategy')),
      ...override(
        'target',
        targetFileOf(options) === undefined ? text(options, 'target') : undefined,
      ),
      ...override('workers', text(options, 'workers')),
      thresholds: texts(options, 'threshold'),
      faults: texts(options, 'fault'),
      set: texts(options, 'set'),
    },
    env: context.env,
    knownStrategies: listStrategies().map(({ name }) => name),
    knownTargets: targetNames,
    faultProblem,
  });
  const own = loaded.ok ? [] : loaded.problems;
  const problems = [...(model?.problems ?? []), ...own, ...further];
  if (loaded.ok && problems.length === 0) return loaded.profile;
  const count = problems.length;
  throw new EcomsimError(
    'INVALID_FILE',
    count === 1
      ? 'there is a problem with the input:'
      : `there are ${count} problems with the input:`,
    { details: formatProblems(problems) },
  );
}
