/**
 * One customer of the coordinator's own fills a cart, changes it, looks at it and checks it out:
 * what the audit needs to judge carts, and an open checkout that a stranger can try to pay for.
 */
import type { Call } from '../contract/call.ts';
import { ask, type ProbeParts } from './probe-calls.ts';

export interface CartProbe {
  readonly customer: number;
  /** Catalogue index of what is bought. */
  readonly kept: number;
  /** Of what is put in and taken out again; −1: nothing else is there. */
  readonly dropped: number;
}

/** The checkout's id; '' when it was refused, which is no fault. */
export async function fillCart(
  parts: ProbeParts,
  { customer, kept, dropped }: CartProbe,
): Promise<string> {
  const put = (item: number, quantity: number): Promise<Call> =>
    ask(parts, { operation: 'addToCart', customer, item, quantity });
  const view = (): Promise<Call> => ask(parts, { operation: 'viewCart', customer, item: kept });
  if (dropped >= 0) {
    // Sent at the same time: both must be in it afterwards.
    await Promise.all([put(dropped, 1), put(dropped, 2)]);
    await view();
  }
  await put(kept, 1);
  await view();
  if (dropped >= 0) {
    await put(dropped, 0);
    await view();
  }
  const checkout = await ask(parts, { operation: 'checkout', customer, item: kept, quantity: 1 });
  return checkout.outcome === 'ok' ? checkout.gotCheckoutId : '';
}

/** Bought, and the shop at rest: nothing may be in it any more. */
export async function lookIntoCart(
  parts: ProbeParts,
  { customer, kept }: CartProbe,
): Promise<void> {
  await ask(parts, { operation: 'viewCart', customer, item: kept });
}
