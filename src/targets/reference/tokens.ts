/** Tokens in an answer of the shop, taken only as many as asked for and of harmless characters. */
import { EcomsimError } from '../../base/errors.ts';
import { isSafeToken } from '../safe-id.ts';

/** Throws TARGET_BAD_ANSWER. */
export function tokensOf(value: unknown, count: number, path: string): readonly string[] {
  if (!Array.isArray(value) || value.length !== count || !value.every(isSafeToken)) {
    throw new EcomsimError(
      'TARGET_BAD_ANSWER',
      `${path} did not answer with ${count} usable tokens`,
    );
  }
  return value;
}
