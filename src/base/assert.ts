/** Assertions for broken invariants: a failed one is a bug in ecomsim and must crash loudly. */

export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** Marks the branch that an exhaustive switch can never reach. */
export function unreachable(value: never, context: string): never {
  throw new InvariantError(`${context}: unexpected value ${String(value)}`);
}

/** Narrows away `undefined` where the surrounding logic guarantees a value. */
export function defined<T>(value: T | undefined | null, context: string): T {
  if (value === undefined || value === null) {
    throw new InvariantError(`${context}: value is missing`);
  }
  return value;
}
