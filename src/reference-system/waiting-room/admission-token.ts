/** Admission tokens: signed, bound to one sale, one customer and one place in the queue. */
import { createHmac, timingSafeEqual } from 'node:crypto';

const VERSION = 'a1';
const MAX_CHARS = 512;
const PARTS = /^a1\.([\w-]{1,400})\.([\w-]{43})$/;
/** Keeps a signature of one kind of token from being good for another kind. */
const PURPOSE = 'admission token';

export interface AdmissionClaims {
  readonly sale: string;
  /** Position of the place in the order of arrival. */
  readonly seq: number;
  readonly customer: string;
  /** Host-wide µs. */
  readonly expiresAtUs: number;
}

export interface AdmissionTokens {
  sign(claims: AdmissionClaims): string;
  /** Undefined when it is forged or malformed; whether it still holds is not looked at. */
  read(token: string): AdmissionClaims | undefined;
}

export function createAdmissionTokens(secret: string): AdmissionTokens {
  const key = createHmac('sha256', secret).update(PURPOSE).digest();
  const macOf = (payload: string): Buffer => createHmac('sha256', key).update(payload).digest();
  return {
    sign: ({ sale, seq, customer, expiresAtUs }) => {
      const payload = Buffer.from(JSON.stringify([sale, seq, customer, expiresAtUs]));
      const text = payload.toString('base64url');
      return `${VERSION}.${text}.${macOf(text).toString('base64url')}`;
    },
    read: (token) => {
      const [, text = '', mac = ''] = token.length > MAX_CHARS ? [] : (PARTS.exec(token) ?? []);
      if (text === '') return undefined;
      // The last character carries spare bits: only the one spelling that was signed counts.
      const expected = Buffer.from(macOf(text).toString('base64url'));
      if (!timingSafeEqual(Buffer.from(mac), expected)) return undefined;
      // Ours, because nobody else can sign: it is what `sign` wrote.
      const [sale, seq, customer, expiresAtUs] = JSON.parse(
        Buffer.from(text, 'base64url').toString(),
      ) as [string, number, string, number];
      return { sale, seq, customer, expiresAtUs };
    },
  };
}
