/** Which orders also exercise the contract of idempotency keys, and when that makes sense. */
import { Prng } from '../base/prng.ts';
import type { Call } from '../contract/call.ts';
import type { ProbeShares, Scenario } from '../contract/scenario.ts';

export type ProbeOperation = 'orderDuplicate' | 'orderReplay' | 'orderChanged';

export class ContractProbes {
  readonly #shares: ProbeShares;
  readonly #base: Prng;
  readonly #prng = new Prng(0);

  constructor(scenario: Pick<Scenario, 'seed' | 'probes'>) {
    this.#shares = scenario.probes;
    this.#base = new Prng(scenario.seed, 'contract-probes');
  }

  /** The probe of a session's n-th key, or ''; the shares exclude each other. */
  of(ordinal: number, keyCount: number): ProbeOperation | '' {
    this.#prng.seek(this.#base, ordinal, keyCount);
    const u = this.#prng.unit();
    const { duplicate, replay, changed } = this.#shares;
    if (u < duplicate) return 'orderDuplicate';
    if (u < duplicate + replay) return 'orderReplay';
    return u < duplicate + replay + changed ? 'orderChanged' : '';
  }
}

/**
 * Whether an order's answer is terminal, so that its key is surely used: sending the key again
 * then replays that answer, and can never buy a second time.
 */
export function isTerminalAnswer(call: Call): boolean {
  if (call.outcome === 'ok') return call.reason !== 'accepted';
  const refusedAfterClaim =
    call.reason === 'payment_declined' || call.reason === 'checkout_expired';
  return call.outcome === 'refused' && refusedAfterClaim;
}

/** Whether the target acknowledged that the order of this call is bought and paid. */
export function confirmsOrder(call: Call): boolean {
  if (call.outcome !== 'ok' || call.reason === 'accepted') return false;
  const status = call.gotOrderStatus;
  if (call.operation === 'order') {
    return status === 'confirmed' || status === 'archived' || status === '';
  }
  return call.operation === 'orderStatus' && (status === 'confirmed' || status === 'archived');
}
