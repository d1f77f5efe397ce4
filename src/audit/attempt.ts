/** What a check sees of one request: its record and its place in the history. */
import type { OperationRecord } from '../contract/history.ts';

export interface Attempt extends Readonly<OperationRecord> {
  readonly index: number;
}

/** Keys are the customer's own: two customers may use the same one. */
export function keyOf(customer: number | string, key: string): string {
  return `${customer} ${key}`;
}
