/** Targets by name; each is loaded when it is chosen. */
import type { Clock } from '../base/clock.ts';
import { EcomsimError } from '../base/errors.ts';
import { suggestion } from '../base/nearest-name.ts';
import type { SystemOptions } from '../contract/profile.ts';
import type { Target } from '../contract/target.ts';

export interface TargetOptions {
  readonly system: SystemOptions;
  readonly seed: number;
  readonly clock: Clock;
  /** Kept afterwards; a temporary folder when absent. */
  readonly dataDir?: string;
  /** Port of the shop; any free one when absent. */
  readonly port?: number;
}

const FACTORIES: Readonly<Record<string, (options: TargetOptions) => Promise<Target>>> = {
  reference: async (options) => {
    const { ReferenceTarget } = await import('./reference/reference-target.ts');
    return new ReferenceTarget(options);
  },
};

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
