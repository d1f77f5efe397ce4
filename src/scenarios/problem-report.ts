/** What the checks of a scenario share: how a problem is told, and the kinds of number there are. */

export type Report = (path: readonly (string | number)[], message: string) => void;

export function duplicatesIn<T>(values: readonly T[]): Set<T> {
  return new Set(values.filter((value, index) => values.indexOf(value) !== index));
}

export function isShare(value: number): boolean {
  return value >= 0 && value <= 1;
}

export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

export function isLength(value: number): boolean {
  return Number.isFinite(value) && value >= 0;
}
