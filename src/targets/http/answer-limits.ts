/** What an answer may cost at most: limits against a hostile target. */
export const MAX_BODY_BYTES = 8 * 1024 * 1024;
export const MAX_HEADER_BYTES = 16 * 1024;
