/** Each shopper's own address, stated and signed as the bundled shop asks for it. */
import { createHmac } from 'node:crypto';

export class StatedAddresses {
  readonly #secret: string;
  /** By customer: signing once is enough. */
  readonly #stated: string[] = [];

  constructor(secret: string) {
    this.#secret = secret;
  }

  /** The value of `x-shopper-address`; every customer up to 16 million has another address. */
  of(customer: number): string {
    const known = this.#stated[customer];
    if (known !== undefined) return known;
    const address = `10.${(customer >> 16) & 0xff}.${(customer >> 8) & 0xff}.${customer & 0xff}`;
    const mac = createHmac('sha256', this.#secret).update(address).digest('base64url');
    const stated = `${address}; mac=${mac}`;
    this.#stated[customer] = stated;
    return stated;
  }
}
