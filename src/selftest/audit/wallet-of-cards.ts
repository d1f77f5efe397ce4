/** Test cards of simulated customers, and the tokens that the shop's vault gave for them. */
import { customerIdOf } from '../../contract/customer.ts';
import type { CardVault } from '../../reference-system/services.ts';
import { FIRST_NEW_CUSTOMER } from './sale-traffic.ts';

/** Left to national bodies (ISO/IEC 7812-1): no payment card begins so. */
const UNISSUED = '999999';
const SERIAL_DIGITS = 9;

export class WalletOfCards {
  readonly #tokens = new Map<number, string>();
  readonly #numbers: string[] = [];

  /** Every number that was sent to the shop. */
  get numbers(): readonly string[] {
    return this.#numbers;
  }

  /** One card for everybody who may come. */
  async fill(
    vault: CardVault,
    { shoppers, returning }: { readonly shoppers: number; readonly returning: number },
  ): Promise<void> {
    const known = Array.from({ length: returning }, (_, customer) => customer);
    const fresh = Array.from({ length: shoppers }, (_, journey) => FIRST_NEW_CUSTOMER + journey);
    const customers = [...known, ...fresh];
    const cards = customers.map((customer) => ({
      customer: customerIdOf(customer),
      cardNumber: cardNumberOf(customer),
    }));
    const tokens = await vault.tokenise(cards);
    this.#numbers.push(...cards.map(({ cardNumber }) => cardNumber));
    for (const [i, customer] of customers.entries()) {
      const token = tokens[i];
      if (typeof token === 'string') this.#tokens.set(customer, token);
    }
  }

  /** Undefined: pays with a token to try things out with. */
  tokenOf(customer: number): string | undefined {
    return this.#tokens.get(customer);
  }

  /** From now on `thief` pays with the card of `owner`. */
  steal(owner: number, thief: number): void {
    const token = this.#tokens.get(owner);
    if (token !== undefined) this.#tokens.set(thief, token);
  }
}

/** Sixteen digits with the check digit of ISO/IEC 7812-1, annex B. */
function cardNumberOf(customer: number): string {
  const digits = UNISSUED + String(customer + 1).padStart(SERIAL_DIGITS, '0');
  let sum = 0;
  for (const [i, digit] of [...digits].entries()) {
    const weighted = Number(digit) * (i % 2 === 0 ? 2 : 1);
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return `${digits}${(10 - (sum % 10)) % 10}`;
}
