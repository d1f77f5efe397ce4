/** The two query parameters of every list on a control port: `after` and `limit`. */

const DEFAULT_LIMIT = 1_000;
const MAX_LIMIT = 10_000;
const MAX_CURSOR_CHARS = 256;

/** Undefined when a parameter is not acceptable. */
export function pageQuery(
  query: URLSearchParams,
): { readonly after: string | null; readonly limit: number } | undefined {
  const limitText = query.get('limit') ?? String(DEFAULT_LIMIT);
  const limit = /^\d{1,5}$/.test(limitText) ? Number(limitText) : 0;
  if (limit < 1 || limit > MAX_LIMIT) return undefined;
  const after = query.get('after');
  if (after !== null && (after === '' || after.length > MAX_CURSOR_CHARS)) return undefined;
  return { after, limit };
}
