/** The funnel presets by name. */
import { EcomsimError } from '../../base/errors.ts';
import { suggestion } from '../../base/nearest-name.ts';
import { FLASH_DROP_FUNNEL } from './flash-drop.ts';
import type { Funnel } from './funnel.ts';
import { RETAIL_FUNNEL } from './retail.ts';
import { TPCW_FUNNELS } from './tpcw.ts';

export const FUNNELS: readonly Funnel[] = [...TPCW_FUNNELS, RETAIL_FUNNEL, FLASH_DROP_FUNNEL];

/** Throws EcomsimError UNKNOWN_NAME with the nearest name. */
export function findFunnel(name: string): Funnel {
  const funnel = FUNNELS.find((candidate) => candidate.name === name);
  if (funnel !== undefined) return funnel;
  const names = FUNNELS.map((known) => known.name);
  throw new EcomsimError(
    'UNKNOWN_NAME',
    `there is no funnel "${name}"${suggestion(name, names)}; known: ${names.join(', ')}`,
  );
}
