/** The locking strategies of the bundled shop, for lists and for checking names. */
import type { InventoryOptions } from '../../contract/profile.ts';
import { emulatedPart, explainStrategy, strategyNames } from '../../reference-system/index.ts';

export function listStrategies(): readonly { readonly name: string; readonly text: string }[] {
  return strategyNames.map((name) => ({ name, text: explainStrategy(name) }));
}

/** What of the strategy stands in for what the embedded store does not have; '' for nothing. */
export function emulatedStrategyPart(inventory: InventoryOptions): string {
  return emulatedPart(inventory);
}
