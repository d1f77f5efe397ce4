/** The door of the reference shop: everything that the rest of ecomsim may use of it. */
export type { ReferenceSystemOptions, RunningShop } from './processes/reference-system.ts';
export { startReferenceSystem } from './processes/reference-system.ts';
