/** Targets by name; each is loaded when it is chosen. */
import { EcomsimError } from '../base/errors.ts';
import { suggestion } from '../base/nearest-name.ts';
import type { Target } from '../contract/target.ts';
import type { LiveTargetOptions } from './live/live-target.ts';
import type { ReferenceTargetOptions } from './reference/reference-target.ts';

export type TargetOptions = ReferenceTargetOptions;

const FACTORIES: Readonly<Record<string, (options: TargetOptions) => Promise<Target>>> = {
  reference: async (options) => {
    const { ReferenceTarget } = await import('./reference/reference-target.ts');
    return new ReferenceTarget(options);
  },
};

/** A system of somebody's own, as a target file describes it; not opened yet. */
export async function createLiveTarget(options: LiveTargetOptions): Promise<Target> {
  const { LiveTarget } = await import('./live/live-target.ts');
  return new LiveTarget(options);
}

export const targetNames: readonly string[] = Object.keys(FACTORIES);

/** Not opened yet. Throws UNKNOWN_NAME. */
export async function createTarget(name: string, options: TargetOptions): Promise<Target> {
  const create = Object.hasOwn(FACTORIES, name) ? FACTORIES[name] : undefined;
  if (create !== undefined) return create(options);
  throw new EcomsimError(
    'UNKNOWN_NAME',
    `there is no target "${name}"${suggestion(name, targetNames)}; known: ${targetNames.join(', ')}`,
  );
}
