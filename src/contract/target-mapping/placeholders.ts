/** Names that placeholders and extracts may have, and what each of them means. */

/** Filled in by the engine and the client for every operation. */
export const CALL_NAMES = [
  'sku',
  'quantity',
  'key',
  'customer',
  'checkoutId',
  'orderId',
  'paymentToken',
  'searchWords',
] as const;

/** Extracts with a meaning of their own: they go to the call, not to the session's values. */
export const MEANINGS = [
  'checkoutId',
  'orderId',
  'units',
  'totalMinor',
  'status',
  'stock',
  'expiresInMs',
  'expiresAtUs',
  'ticket',
] as const;
export type Meaning = (typeof MEANINGS)[number];

const USER = 'user.';
/** Ledger pages only. */
export const CURSOR = 'cursor';
/** Another text in every run, for names that must be new: shared by all of its requests. */
export const RUN = 'run';
const VALUE_NAME = /^[A-Za-z][\w-]{0,39}$/;
const TAKEN: ReadonlySet<string> = new Set([...CALL_NAMES, CURSOR, RUN, 'user', 'env']);

export function isMeaning(name: string): name is Meaning {
  return (MEANINGS as readonly string[]).includes(name);
}

/** Column of the user feed that a placeholder names; undefined when it names something else. */
export function userColumnOf(name: string): string | undefined {
  return name.startsWith(USER) ? name.slice(USER.length) : undefined;
}

export function userPlaceholder(column: string): string {
  return `${USER}${column}`;
}

/** Why a session's value may not be called so; '' when it may. */
export function valueNameProblem(name: string): string {
  if (isMeaning(name)) return '';
  if (TAKEN.has(name)) return `"${name}" already means something else; take another name`;
  return VALUE_NAME.test(name) ? '' : 'a name is a letter and up to 39 letters, digits, "-" or "_"';
}
