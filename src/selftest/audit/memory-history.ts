/** A history in memory: what the simulated shoppers saw, as the audit reads it. */
import type { Call } from '../../contract/call.ts';
import type { History, HistoryWriter, OperationRecord } from '../../contract/history.ts';

/** Instants are µs since `startUs`, rounded outwards as those of the real history are. */
export class MemoryHistory implements History, HistoryWriter {
  readonly lost = 0;
  readonly #rows: OperationRecord[] = [];
  readonly #startUs: number;

  constructor(startUs: number) {
    this.#startUs = startUs;
  }

  get records(): number {
    return this.#rows.length;
  }

  append(call: Call, journey: number, population: number): void {
    const { operation, outcome, reason, attempt, status, customer, item, key } = call;
    const isStock = operation === 'viewStock';
    const { gotExpiresAtUs, dispatchedAtUs, doneAtUs } = call;
    this.#rows.push({
      ...{ operation, outcome, reason, attempt, status, journey, customer, population, item, key },
      units: call.gotUnits >= 0 ? call.gotUnits : call.quantity,
      invokedUs: Math.floor(dispatchedAtUs - this.#startUs),
      doneUs: Math.ceil(Math.max(doneAtUs, dispatchedAtUs) - this.#startUs),
      checkoutId: call.gotCheckoutId === '' ? call.checkoutId : call.gotCheckoutId,
      orderId: call.gotOrderId === '' ? call.orderId : call.gotOrderId,
      totalMinor: isStock ? -1 : call.gotTotalMinor,
      stock: isStock ? call.gotStock : -1,
      expiresUs: gotExpiresAtUs >= 0 ? Math.floor(gotExpiresAtUs - this.#startUs) : -1,
      orderStatus: call.gotOrderStatus,
      replayed: call.gotReplayed,
    });
  }

  forEach(visit: (record: OperationRecord, index: number) => void): void {
    for (const [index, row] of this.#rows.entries()) visit(row, index);
  }

  at(index: number): OperationRecord {
    const row = this.#rows[index];
    if (row === undefined) throw new RangeError(`the history has no record ${index}`);
    return { ...row };
  }

  async flush(): Promise<void> {}

  async close(): Promise<{ records: number; lost: number }> {
    return { records: this.records, lost: 0 };
  }
}
