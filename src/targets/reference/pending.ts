/** What the shop and its payment gateway have begun and not finished. */
import type { ControlClient } from './control-client.ts';
import { RowReader } from './row-reader.ts';

export interface Pending {
  readonly orders: number;
  readonly outbox: number;
  readonly heldUnits: number;
  /** Messages of the gateway, those that wait for their time included. */
  readonly callbacks: number;
}

/** Throws TARGET_UNREACHABLE or TARGET_BAD_ANSWER. */
export async function readPending(
  { control, gateway }: { readonly control: ControlClient; readonly gateway: ControlClient },
  timeoutMs: number,
): Promise<Pending> {
  const request = { method: 'GET', path: '/control/pending', timeoutMs } as const;
  const [answer, messages] = await Promise.all([control.send(request), gateway.send(request)]);
  const row = new RowReader(answer, '/control/pending');
  return {
    callbacks: new RowReader(messages, 'what is pending at the gateway').count('callbacks'),
    orders: row.count('orders'),
    outbox: row.count('outbox'),
    heldUnits: row.whole('heldUnits'),
  };
}
