/** Orders whose payment is waited for in this moment, so that a message can end the wait. */
import type { StoredOrder } from './stored-order.ts';

export interface Wait {
  /** Resolves when a message of the gateway has settled the order. */
  readonly told: Promise<StoredOrder>;
  /** Undefined until then. */
  readonly settled: StoredOrder | undefined;
}

class OpenWait implements Wait {
  settled: StoredOrder | undefined;
  tell: (order: StoredOrder) => void = () => {};
  readonly told = new Promise<StoredOrder>((resolve) => {
    this.tell = resolve;
  });
}

export class UnderWay {
  readonly #waits = new Map<string, OpenWait>();

  begin(orderId: string): Wait {
    const wait = new OpenWait();
    this.#waits.set(orderId, wait);
    return wait;
  }

  end(orderId: string): void {
    this.#waits.delete(orderId);
  }

  settled(order: StoredOrder): void {
    const wait = this.#waits.get(order.id);
    if (wait === undefined) return;
    wait.settled = order;
    wait.tell(order);
  }
}
