/**
 * One at a time for each order: an answer of the payment gateway, a message of it, a question asked
 * later and a cancellation may come at the same moment, and each must see what the one before did.
 */
export class OrderTurns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs `work` after everything that was asked for this order before. */
  async run<T>(orderId: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(orderId);
    // What went wrong before is told to whoever asked for it.
    const mine = before === undefined ? work() : before.then(work, work);
    this.#last.set(orderId, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(orderId) === mine) this.#last.delete(orderId);
    }
  }
}
