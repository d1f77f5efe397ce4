/**
 * Answers of a no-op server that says the same small JSON object to everything. They are decoded as
 * any other, and the ids that a journey needs to go on are made up.
 */
import type { Call } from '../../contract/call.ts';
import type { HttpAnswer } from '../http/http-answer.ts';
import { applyRuling, BAD_ANSWER, rulingOfRefusal } from '../outcome-table.ts';

export function decodeNullAnswer(call: Call, answer: HttpAnswer): void {
  const body = answer.json(true);
  if (answer.status < 200 || answer.status >= 300) {
    applyRuling(call, rulingOfRefusal(answer.status, '', answer.shed));
    return;
  }
  if (typeof body !== 'object' || body === null) {
    applyRuling(call, BAD_ANSWER);
    return;
  }
  call.outcome = 'ok';
  call.reason = call.operation === 'viewStock' ? 'in_stock' : 'none';
  call.gotStock = 1;
  call.gotUnits = call.quantity;
  call.gotTotalMinor = 0;
  call.gotCheckoutId = 'null-checkout';
  call.gotOrderId = 'null-order';
  call.gotOrderStatus = 'confirmed';
}
