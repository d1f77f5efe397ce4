// The answers of docs/shop-http-api.md read by hand: what the mapping of the shop must agree with.
import type { Call } from '../../src/contract/call.ts';
import type { OperationName } from '../../src/contract/operation.ts';
import type { Reason } from '../../src/contract/outcome.ts';
import type { HttpAnswer } from '../../src/targets/http/http-answer.ts';
import { applyRuling, BAD_ANSWER, rulingOfRefusal } from '../../src/targets/outcome-table.ts';
import { isSafeId } from '../../src/targets/safe-id.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** Fills the call and returns the reason of an `ok`; undefined when a field is not as agreed. */
type Reader = (call: Call, body: JsonObject) => Reason | undefined;

const MAX_LINES = 1000;
const STATUS_WORD = /^[a-z_]{1,40}$/;
const SALE_STATES: readonly unknown[] = ['none', 'upcoming', 'open', 'closed'];

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Units of all lines together; undefined when a line is not as agreed. */
function unitsOf(lines: unknown): number | undefined {
  if (!Array.isArray(lines) || lines.length > MAX_LINES) return undefined;
  let units = 0;
  for (const line of lines as readonly unknown[]) {
    if (!isObject(line) || !isCount(line['quantity'])) return undefined;
    units += line['quantity'];
  }
  return Number.isSafeInteger(units) ? units : undefined;
}

const readStock: Reader = (call, { available, sale }) => {
  // A negative stock is read as it is: that is for the audit to see.
  if (!Number.isSafeInteger(available) || !SALE_STATES.includes(sale)) return undefined;
  call.gotStock = available as number;
  if (sale === 'upcoming') return 'sale_upcoming';
  return call.gotStock > 0 ? 'in_stock' : 'out_of_stock';
};

const readCheckout: Reader = (call, body) => {
  const units = unitsOf(body['lines']);
  const { id, totalMinor, expiresAtUs } = body;
  if (units === undefined || !isSafeId(id) || !isCount(totalMinor)) return undefined;
  if (typeof expiresAtUs !== 'number' || !(expiresAtUs >= 0)) return undefined;
  if (expiresAtUs > Number.MAX_SAFE_INTEGER) return undefined;
  call.gotCheckoutId = id;
  call.gotUnits = units;
  call.gotTotalMinor = totalMinor;
  call.gotExpiresAtUs = Math.round(expiresAtUs);
  return 'none';
};

const readOrder: Reader = (call, body) => {
  const units = unitsOf(body['lines']);
  const { id, totalMinor, status } = body;
  if (units === undefined || !isSafeId(id) || !isCount(totalMinor)) return undefined;
  if (typeof status !== 'string' || !STATUS_WORD.test(status)) return undefined;
  call.gotOrderId = id;
  call.gotOrderStatus = status;
  call.gotUnits = units;
  call.gotTotalMinor = totalMinor;
  return 'none';
};

const readCart: Reader = (call, body) => {
  const units = unitsOf(body['lines']);
  if (units === undefined) return undefined;
  call.gotUnits = units;
  return 'none';
};

const readTombstone: Reader = (call, { status }) => {
  if (status !== 'tombstoned') return undefined;
  call.gotOrderStatus = 'tombstoned';
  return 'none';
};

/** Pages of which nothing is extracted: a JSON object is enough. */
const readNothing: Reader = () => 'none';

const READERS: Readonly<Partial<Record<OperationName, Reader>>> = {
  viewStock: readStock,
  viewCart: readCart,
  checkout: readCheckout,
  order: readOrder,
  orderStatus: readOrder,
  cancelOrder: readOrder,
  orderDuplicate: readOrder,
  orderReplay: readOrder,
  orderChanged: readOrder,
  tombstoneKey: readTombstone,
};

export function decodeReferenceAnswer(call: Call, answer: HttpAnswer): void {
  if (answer.status >= 200 && answer.status < 300) decodeSuccess(call, answer);
  else decodeRefusal(call, answer);
}

function decodeSuccess(call: Call, answer: HttpAnswer): void {
  const read = READERS[call.operation] ?? readNothing;
  const body = answer.json(read !== readNothing);
  const reason = isObject(body) ? read(call, body) : undefined;
  if (reason === undefined) {
    applyRuling(call, BAD_ANSWER);
    return;
  }
  call.gotReplayed = answer.replayed;
  call.outcome = 'ok';
  call.reason = answer.status === 202 ? 'accepted' : reason;
}

function decodeRefusal(call: Call, answer: HttpAnswer): void {
  const body = answer.json(true);
  const code = isObject(body) && typeof body['code'] === 'string' ? body['code'] : '';
  applyRuling(call, rulingOfRefusal(answer.status, code, answer.shed));
  call.gotReplayed = answer.replayed;
  // A tombstone that came too late is answered with the order that has the key.
  const isLate = call.operation === 'tombstoneKey' && answer.status === 409 && code === 'key_used';
  if (isLate && isObject(body) && isObject(body['order'])) readOrder(call, body['order']);
}
