/** The part of the ledger that is about money: the gateway's own word, and what the shop heard. */
import type { Ledger } from '../../contract/ledger.ts';
import type { ControlClient } from './control-client.ts';
import { readPages } from './ledger-pages.ts';
import { readCallbackEffectRow, readCallbackRow, readChargeRow } from './ledger-rows.ts';

export async function readPaymentLedger(
  gateway: ControlClient,
  shop: ControlClient,
  timeoutMs: number,
): Promise<Pick<Ledger, 'charges' | 'callbacks' | 'callbackEffects'>> {
  const [charges, callbacks, callbackEffects] = await Promise.all([
    readPages(gateway, '/ledger/charges', readChargeRow, timeoutMs),
    readPages(gateway, '/ledger/callbacks', readCallbackRow, timeoutMs),
    readPages(shop, '/ledger/callback-effects', readCallbackEffectRow, timeoutMs),
  ]);
  return { charges, callbacks, callbackEffects };
}
