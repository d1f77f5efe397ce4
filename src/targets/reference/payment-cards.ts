/** Gives every customer a card before the load, so that journeys pay with a token and no more. */
import type { SystemLimits } from '../../contract/profile.ts';
import type { ControlClient } from './control-client.ts';
import { testCardNumber } from './test-cards.ts';
import { tokensOf } from './tokens.ts';

const TIMEOUT_MS = 30_000;
const CARDS_PER_REQUEST = 5000;
/** Given as shoppers give theirs, so that in every run cards go through the public door as well. */
const BY_THE_FRONT = 4;
const FRONT_PATH = '/api/payment-methods';
const CONTROL_PATH = '/control/payment-methods';

/**
 * The payment token of each customer; `tokens` are their access tokens, from customer 0 on. Throws
 * TARGET_UNREACHABLE or TARGET_BAD_ANSWER.
 */
export async function giveCards(
  shop: { readonly front: ControlClient; readonly control: ControlClient },
  customers: {
    readonly seed: number;
    readonly tokens: readonly string[];
    readonly limits: SystemLimits;
  },
): Promise<string[]> {
  const { seed, tokens, limits } = customers;
  const { perAddressPerSec = 0, perUserPerSec = 0 } = limits;
  const isLimited = perAddressPerSec > 0 || perUserPerSec > 0;
  const cards = tokens.map((_, customer) => testCardNumber(seed, customer));
  const given: string[] = [];
  const post = { method: 'POST', timeoutMs: TIMEOUT_MS } as const;
  for (const token of tokens.slice(0, isLimited ? 0 : BY_THE_FRONT)) {
    const body = { cardNumber: cards[given.length] };
    const answer = await shop.front.send({ ...post, path: FRONT_PATH, token, body });
    given.push(...tokensOf([answer['paymentToken']], 1, FRONT_PATH));
  }
  while (given.length < cards.length) {
    const from = given.length;
    const cardNumbers = cards.slice(from, from + CARDS_PER_REQUEST);
    const body = { from, cardNumbers };
    const answer = await shop.control.send({ ...post, path: CONTROL_PATH, body });
    given.push(...tokensOf(answer['tokens'], cardNumbers.length, CONTROL_PATH));
  }
  return given;
}
