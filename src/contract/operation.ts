/** What a shopper does: the closed vocabulary that scenarios, targets and the audit share. */

export interface OperationTraits {
  /** A write may take effect; an unanswered read never does. */
  readonly effect: 'read' | 'write';
  /** Kept in the operation history because an invariant needs it. */
  readonly recorded: boolean;
  /** Sent to exercise the contract, not by a shopper: own rows, never part of the totals. */
  readonly probe: boolean;
}

const read: OperationTraits = { effect: 'read', recorded: false, probe: false };
const recordedRead: OperationTraits = { effect: 'read', recorded: true, probe: false };
const write: OperationTraits = { effect: 'write', recorded: true, probe: false };
const probe: OperationTraits = { effect: 'write', recorded: true, probe: true };

export const OPERATIONS = {
  home: read,
  search: read,
  viewProduct: read,
  /** GET /api/inventory/{sku}: live stock and sale state. */
  viewStock: recordedRead,
  viewCart: recordedRead,
  addToCart: write,
  /** POST /api/checkouts: holds the stock. */
  checkout: write,
  /** POST /api/orders with an idempotency key: pays and confirms. */
  order: write,
  /** GET /api/orders/by-key/{key}. */
  orderStatus: recordedRead,
  cancelOrder: write,
  /** The same order sent again at the same time, with the same key. */
  orderDuplicate: probe,
  /** The same order sent again after its answer, with the same key. */
  orderReplay: probe,
  /** Another payload under a key that was used. */
  orderChanged: probe,
  /** Puts a tombstone on a key that was never used. */
  tombstoneKey: probe,
  /** The session's own first requests on a target that asks for them. */
  login: { effect: 'write', recorded: false, probe: false },
} as const satisfies Record<string, OperationTraits>;

export type OperationName = keyof typeof OPERATIONS;

/** Index = code in the history and on the wire between workers and coordinator. */
export const OPERATION_NAMES = Object.keys(OPERATIONS) as readonly OperationName[];

export const OPERATION_CODE: Readonly<Record<OperationName, number>> = Object.fromEntries(
  OPERATION_NAMES.map((name, code) => [name, code]),
) as Record<OperationName, number>;

export function traitsOf(name: OperationName): OperationTraits {
  return OPERATIONS[name];
}
