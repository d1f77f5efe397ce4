/** Password hashing (scrypt), a few at a time: it is expensive on purpose. */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { BoundedQueue } from '../../base/bounded-queue.ts';
import { Refusal } from '../services.ts';

/** OWASP password storage cheat sheet (2023), second row: 2^16, r = 8, p = 2 (64 MiB). */
const COST = { N: 2 ** 16, r: 8, p: 2, maxmem: 128 * 2 ** 20 } as const satisfies ScryptOptions;
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const CONCURRENT = 2;
const MAX_WAITING = 64;

export interface Passwords {
  /** Salt and key, for storing. Throws Refusal 503 when too many are waiting. */
  hash(password: string): Promise<string>;
  /** Takes as long for an unknown user (`stored` undefined) as for a known one. */
  matches(password: string, stored: string | undefined): Promise<boolean>;
}

export function createPasswords(cost: ScryptOptions = COST): Passwords {
  const waiting = new BoundedQueue<() => void>(MAX_WAITING);
  let running = 0;

  async function derive(password: string, salt: Buffer): Promise<Buffer> {
    if (running < CONCURRENT) running++;
    else await turn();
    try {
      return await new Promise((resolve, reject) =>
        scrypt(password, salt, KEY_BYTES, cost, (error, key) =>
          error === null ? resolve(key) : reject(error),
        ),
      );
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  }

  function turn(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!waiting.push(resolve)) reject(new Refusal(503, 'overloaded'));
    });
  }

  return {
    hash: async (password) => {
      const salt = randomBytes(SALT_BYTES);
      const key = await derive(password, salt);
      return `${salt.toString('base64url')}.${key.toString('base64url')}`;
    },
    matches: async (password, stored) => {
      const [salt = '', key = ''] = (stored ?? '').split('.');
      const derived = await derive(password, Buffer.from(salt, 'base64url'));
      const expected = Buffer.from(key, 'base64url');
      return expected.length === derived.length && timingSafeEqual(expected, derived);
    },
  };
}
