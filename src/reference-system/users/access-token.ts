/** Signed access tokens (HS256): minted in bulk, verified on every request, so both must be fast. */
import { createSigner, createVerifier } from 'fast-jwt';
import type { Clock } from '../../base/clock.ts';

const ISSUER = 'ecomsim-shop';
const LIFETIME_MS = 24 * 3_600_000;
/** Verified tokens that are remembered; beyond it the oldest is verified again. */
const CACHE_LIMIT = 50_000;
const MAX_TOKEN_CHARS = 1_024;
const MS_PER_S = 1_000;

export interface AccessTokens {
  mint(customer: string): string;
  /** Undefined when it is forged, malformed or expired. */
  verify(token: string): string | undefined;
}

interface Verified {
  readonly customer: string;
  readonly expiresAtMs: number;
}

export function createAccessTokens(secret: string, clock: Clock): AccessTokens {
  const sign = createSigner({ key: secret, algorithm: 'HS256', noTimestamp: true });
  const open = createVerifier({
    key: secret,
    algorithms: ['HS256'],
    allowedIss: ISSUER,
    requiredClaims: ['sub', 'exp'],
    // Expiry is judged below, by the clock that was passed in.
    ignoreExpiration: true,
  });
  const verified = new Map<string, Verified>();

  function read(token: string): Verified | undefined {
    if (token.length > MAX_TOKEN_CHARS) return undefined;
    try {
      const { sub, exp } = open(token) as { sub: unknown; exp: unknown };
      if (typeof sub !== 'string' || typeof exp !== 'number') return undefined;
      return { customer: sub, expiresAtMs: exp * MS_PER_S };
    } catch {
      // The library throws for every kind of bad token; to the caller they are all the same.
      return undefined;
    }
  }

  function remember(token: string, entry: Verified): void {
    if (verified.size >= CACHE_LIMIT) {
      for (const oldest of verified.keys()) {
        verified.delete(oldest);
        break;
      }
    }
    verified.set(token, entry);
  }

  return {
    mint: (customer) => {
      const exp = Math.floor((clock.wallMs() + LIFETIME_MS) / MS_PER_S);
      const token = sign({ iss: ISSUER, sub: customer, exp });
      // Our own signature needs no check: the first request of a customer is then as fast as the rest.
      remember(token, { customer, expiresAtMs: exp * MS_PER_S });
      return token;
    },
    verify: (token) => {
      let entry = verified.get(token);
      if (entry === undefined) {
        entry = read(token);
        if (entry === undefined) return undefined;
        remember(token, entry);
      }
      return clock.wallMs() < entry.expiresAtMs ? entry.customer : undefined;
    },
  };
}
