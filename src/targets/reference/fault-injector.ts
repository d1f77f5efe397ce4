/** Puts the bundled shop out of order and in order again: its processes, or what runs in them. */
import type { Injection } from '../../contract/fault.ts';
import type { RunningShop } from '../../reference-system/index.ts';
import type { PaymentWishes } from './payment-wishes.ts';

export interface FaultReach {
  readonly shop: Pick<RunningShop, 'killShop' | 'restartShop' | 'signal'>;
  /** Body of `POST /control/faults`. */
  tell(body: Readonly<Record<string, unknown>>): Promise<void>;
  readonly payments: PaymentWishes;
}

/** Throws TARGET_UNREACHABLE when it is not known whether it happened. */
export async function injectFault(reach: FaultReach, injection: Injection): Promise<void> {
  switch (injection.kind) {
    case 'kill':
      return reach.shop.killShop();
    case 'pause':
      return reach.shop.signal(injection.process, 'SIGSTOP');
    case 'stall':
      return reach.tell({ stallMs: injection.forMs });
    case 'clock':
      return reach.tell({ clockSkewMs: injection.skewMs });
    case 'cache-wipe':
      return reach.tell({ cacheWipe: true });
    case 'events':
      return reach.tell({ events: injection.delivery });
    case 'payment':
      return reach.payments.add(injection.payment);
  }
}

/**
 * Undoes it; what began in a process that has been started anew since is over already. Throws
 * TARGET_START_FAILED or PORT_TAKEN when the shop does not come back.
 */
export async function healFault(reach: FaultReach, injection: Injection): Promise<void> {
  switch (injection.kind) {
    case 'kill':
      return reach.shop.restartShop();
    case 'pause':
      return reach.shop.signal(injection.process, 'SIGCONT');
    case 'clock':
      return reach.tell({ clockSkewMs: 0 });
    case 'events':
      return reach.tell({ events: null });
    case 'payment':
      return reach.payments.remove(injection.payment);
    case 'stall':
    case 'cache-wipe':
      return;
  }
}
