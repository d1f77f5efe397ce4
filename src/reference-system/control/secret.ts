/** Comparison of the secret of a control port, in a time that does not depend on the guess. */
import { createHash, timingSafeEqual } from 'node:crypto';

/** Hashing first makes every comparison one of equal lengths. */
export function secretMatcher(secret: string): (given: unknown) => boolean {
  const expected = digest(secret);
  return (given) => typeof given === 'string' && timingSafeEqual(digest(given), expected);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
