/** Where messages of the payment gateway come in: nothing passes that is not rightly signed. */
import type { Clock } from '../../base/clock.ts';
import type { OrdersService, PaymentMessages, PaymentNotice } from '../services.ts';
import {
  CALLBACK_TYPE,
  checkSignature,
  type MessageHeaders,
  statedId,
} from './callback-signature.ts';

const NOTICE_KINDS = ['captured', 'declined', 'voided', 'refunded'] as const;
const MAX_ID_CHARS = 128;

export function createCallbackDoor(parts: {
  readonly secret: string;
  readonly clock: Clock;
  readonly orders: Pick<OrdersService, 'hearNotice' | 'refuseNotice'>;
}): PaymentMessages {
  const { secret, clock, orders } = parts;
  return {
    contentType: CALLBACK_TYPE,
    async take(headers, body) {
      const id = statedId(headers);
      const notice = isGenuine(headers, body) ? noticeOf(body, id) : undefined;
      if (notice !== undefined) return orders.hearNotice(notice);
      if (id !== undefined) await orders.refuseNotice(id);
      return 'unauthorised';
    },
  };

  function isGenuine(headers: MessageHeaders, body: string): boolean {
    return checkSignature(secret, headers, body, clock.wallMs()) === 'genuine';
  }
}

/** Undefined when it is not what the gateway sends, or not under the id that was signed. */
function noticeOf(body: string, statedAs: string | undefined): PaymentNotice | undefined {
  const fields = parseObject(body);
  const { id, orderId, amountMinor, currency } = fields;
  const kind = NOTICE_KINDS.find((one) => one === fields['kind']);
  if (typeof id !== 'string' || id !== statedAs || kind === undefined) return undefined;
  if (typeof orderId !== 'string' || orderId.length > MAX_ID_CHARS) return undefined;
  if (!Number.isSafeInteger(amountMinor) || typeof currency !== 'string') return undefined;
  return { id, orderId, kind, amountMinor: amountMinor as number, currency };
}

function parseObject(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // Not JSON: no field is there, and the message is refused for it.
    return {};
  }
}
