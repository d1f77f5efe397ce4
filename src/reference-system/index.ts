/** The door of the reference shop: everything that the rest of ecomsim may use of it. */

export {
  declaredBreaches,
  emulatedPart,
  explainStrategy,
  longestWaitMs,
  strategyNames,
} from './inventory/strategy-registry.ts';
export type { RunningShop } from './processes/reference-system.ts';
export { startReferenceSystem } from './processes/reference-system.ts';
