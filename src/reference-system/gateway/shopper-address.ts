/**
 * Which address a request counts for. A load generator on this machine speaks for many shoppers, so
 * it may state the address of each, signed; from anybody else the statement is not looked at.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { classifyAddress } from '../../base/network-address.ts';

/** `<IPv4 address>; mac=<HMAC-SHA256 of the address, base64url>`. */
export const SHOPPER_ADDRESS_HEADER = 'x-shopper-address';

const STATEMENT = /^([0-9.]{7,15}); mac=([\w-]{43})$/;
/** Statements that need no second check; more are checked again. */
const MAX_KNOWN = 262_144;

export class ShopperAddresses {
  readonly #secret: string;
  readonly #known = new Map<string, string>();

  /** '' : nobody may state an address. */
  constructor(secret: string) {
    this.#secret = secret;
  }

  /** `peer` is the socket's own address. */
  of(peer: string, stated: unknown): string {
    if (this.#secret === '' || typeof stated !== 'string') return peer;
    if (classifyAddress(peer) !== 'loopback') return peer;
    const known = this.#known.get(stated);
    if (known !== undefined) return known;
    const address = this.#verified(stated);
    if (address === undefined) return peer;
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(stated, address);
    return address;
  }

  #verified(stated: string): string | undefined {
    const [, address = '', mac = ''] = STATEMENT.exec(stated) ?? [];
    if (!isIPv4(address)) return undefined;
    const expected = createHmac('sha256', this.#secret).update(address).digest();
    const given = Buffer.from(mac, 'base64url');
    return given.length === expected.length && timingSafeEqual(given, expected)
      ? address
      : undefined;
  }
}
