/** Named places between two steps, where tests let the shop die. */

/** Every point, in the order in which an order passes them. */
export const CRASH_POINTS = [
  'checkout: held',
  'checkout: stored',
  'order: claimed',
  'order: charged',
  'order: hold committed',
  'order: confirmed',
  'late: held',
  'late: committed',
  'decline: released',
  'decline: recorded',
  'unknown: recorded',
  'void: barred',
  'void: released',
  'void: recorded',
  'refund: recorded',
  'refund: paid back',
  'refund: return numbered',
  'refund: units returned',
  'refund: closed',
  'archive: marked',
  'archive: copied',
  'archive: removed',
  'relay: appended',
  'relay: consumed',
] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

export interface CrashPoints {
  /** May throw to end the process's work at this point. */
  reach(point: CrashPoint): void;
}

/** What a real shop runs with: nothing happens. */
export const NO_CRASH_POINTS: CrashPoints = { reach: () => {} };
