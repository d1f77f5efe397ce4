/** The locking strategies of the bundled shop, for lists and for checking names. */
import { explainStrategy, strategyNames } from '../../reference-system/index.ts';

export function listStrategies(): readonly { readonly name: string; readonly text: string }[] {
  return strategyNames.map((name) => ({ name, text: explainStrategy(name) }));
}
