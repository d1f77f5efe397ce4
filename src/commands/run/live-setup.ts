/** `-t shop.yaml`: the target file read and checked, and the scenario made to fit what is there. */
import path from 'node:path';
import { EcomsimError } from '../../base/errors.ts';
import { formatProblems, type Problem } from '../../config/problem.ts';
import { loadTarget } from '../../config/target-file.ts';
import type { Scenario } from '../../contract/scenario.ts';
import type { Target } from '../../contract/target.ts';
import type { TargetFile } from '../../contract/target-file.ts';
import { operationsOf, passOver } from '../../scenarios/pass-over.ts';
import { createLiveTarget } from '../../targets/target-registry.ts';
import type { CommandContext, OptionValues } from '../command.ts';

const EXTENSIONS: readonly string[] = ['.yaml', '.yml', '.json'];

/** The path of a target file, or undefined when `--target` is a name or is not given. */
export function targetFileOf(options: OptionValues): string | undefined {
  const given = options['target'];
  if (typeof given !== 'string') return undefined;
  const isFile = /[/\\]/.test(given) || EXTENSIONS.includes(path.extname(given));
  return isFile ? given : undefined;
}

export interface LiveReading {
  readonly file: TargetFile | undefined;
  readonly problems: readonly Problem[];
}

/** The file alone; whether it maps what a scenario asks for is checked with the scenario. */
export async function readLiveFile(file: string, context: CommandContext): Promise<LiveReading> {
  const loaded = await loadTarget(path.normalize(file), context.env);
  if (loaded.ok) return { file: loaded.target, problems: [] };
  return { file: undefined, problems: loaded.problems };
}

export function allowedHosts(options: OptionValues): readonly string[] {
  const given = options['allowHost'];
  return Array.isArray(given) ? given.map(String) : [];
}

/** Flags that say nothing about the bundled shop. Throws INVALID_VALUE. */
export function refuseStrayFlags(options: OptionValues): void {
  if (targetFileOf(options) !== undefined) return;
  for (const [name, flag] of [
    ['allowHost', '--allow-host'],
    ['insecure', '--insecure'],
  ] as const) {
    if (options[name] === undefined) continue;
    throw new EcomsimError('INVALID_VALUE', `${flag} goes with a target file: -t shop.yaml`);
  }
}

/** Not opened yet. */
export function openLiveTarget(
  file: TargetFile,
  options: OptionValues,
  context: CommandContext,
): Promise<Target> {
  return createLiveTarget({
    file,
    clock: context.clock,
    allowHosts: allowedHosts(options),
    insecure: options['insecure'] === true,
  });
}

/**
 * What the scenario asks for must be mapped or skipped; skipped operations are passed over. Probes
 * and goals that only a target of our own can meet are left out. Throws INVALID_FILE.
 */
export async function fitScenario(
  scenario: Scenario,
  file: string,
  target: TargetFile,
  context: CommandContext,
): Promise<Scenario> {
  const checked = await loadTarget(path.normalize(file), context.env, [...operationsOf(scenario)]);
  if (!checked.ok) {
    throw new EcomsimError('INVALID_FILE', `${file} does not fit the scenario ${scenario.name}:`, {
      details: formatProblems(checked.problems),
    });
  }
  const { mapping } = target;
  const fitted = passOver(scenario, new Set(mapping.skip));
  if (fitted.problems.length > 0) {
    throw new EcomsimError('INVALID_FILE', `${file} skips too much for ${scenario.name}:`, {
      details: fitted.problems,
    });
  }
  const mayProbe = mapping.probes === 'destructive';
  const possible = new Set([
    ...(operationsOf(fitted.scenario).has('order') ? ['order_confirmed'] : []),
    ...(mayProbe ? ['drain_probe_done'] : []),
  ]);
  return {
    ...fitted.scenario,
    probes: mayProbe ? scenario.probes : { duplicate: 0, replay: 0, changed: 0 },
    requiredGoals: scenario.requiredGoals.filter((goal) => possible.has(goal)),
  };
}

/** The scenario with the target's own products in place of generated ones. */
export async function withOwnProducts(target: Target, scenario: Scenario): Promise<Scenario> {
  const products = await target.products?.(scenario.catalogue.length);
  if (products === undefined) return scenario;
  const hot = Math.min(scenario.sale.hotItems.length, products.length);
  return {
    ...scenario,
    catalogue: products,
    sale: { ...scenario.sale, hotItems: Array.from({ length: hot }, (_, item) => item) },
  };
}
