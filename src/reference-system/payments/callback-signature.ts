/**
 * The signature of a message between gateway and shop: HMAC-SHA256 over id, instant and body, so
 * that none of the three can be changed, and an old message can be told from a new one.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** A type of its own: only the bytes as they came can be checked, not what they were parsed to. */
export const CALLBACK_TYPE = 'application/vnd.ecomsim.callback+json';
const ID_HEADER = 'x-callback-id';
const INSTANT_HEADER = 'x-callback-timestamp';
const SIGNATURE_HEADER = 'x-callback-signature';
/** Clocks of two machines may differ and a message may be on its way; beyond this it is too old. */
export const TOLERANCE_MS = 300_000;

/** Without a dot, so that what is signed can be taken apart in one way only. */
const ID = /^[A-Za-z0-9_-]{1,64}$/;
const INSTANT = /^\d{1,16}$/;
const SIGNATURE = /^v1=([\w-]{43})$/;

/** As Node gives them: lower-case names, a list where a header came more than once. */
export type MessageHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface SignedMessage {
  readonly id: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** `wallMs`: milliseconds since 1970 on the sender's clock. */
export function signMessage(
  secret: string,
  message: { readonly id: string; readonly body: string; readonly wallMs: number },
): SignedMessage {
  const { id, body } = message;
  const instant = String(Math.floor(message.wallMs));
  return {
    id,
    body,
    headers: {
      'content-type': CALLBACK_TYPE,
      [ID_HEADER]: id,
      [INSTANT_HEADER]: instant,
      [SIGNATURE_HEADER]: `v1=${digest(secret, id, instant, body).toString('base64url')}`,
    },
  };
}

/** The id that a message gives itself; undefined when it is none. Says nothing of who sent it. */
export function statedId(headers: MessageHeaders): string | undefined {
  const id = headers[ID_HEADER];
  return typeof id === 'string' && ID.test(id) ? id : undefined;
}

/** `stale`: rightly signed, but at another time. */
export function checkSignature(
  secret: string,
  headers: MessageHeaders,
  body: string,
  nowMs: number,
): 'genuine' | 'forged' | 'stale' {
  const id = statedId(headers);
  const instant = headers[INSTANT_HEADER];
  const signature = headers[SIGNATURE_HEADER];
  if (id === undefined || typeof instant !== 'string' || typeof signature !== 'string') {
    return 'forged';
  }
  const given = Buffer.from(SIGNATURE.exec(signature)?.[1] ?? '', 'base64url');
  const expected = digest(secret, id, instant, body);
  if (!INSTANT.test(instant) || given.length !== expected.length) return 'forged';
  if (!timingSafeEqual(given, expected)) return 'forged';
  return Math.abs(nowMs - Number(instant)) <= TOLERANCE_MS ? 'genuine' : 'stale';
}

function digest(secret: string, id: string, instant: string, body: string): Buffer {
  return createHmac('sha256', secret).update(`${id}.${instant}.${body}`).digest();
}
