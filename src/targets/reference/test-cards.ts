/**
 * The card numbers that simulated shoppers give: seeded, one for each customer, with a right check
 * digit, and of a range that no card is issued from. They are canaries as well: wherever one turns
 * up outside the vault, something has let it through.
 */
import { hashName } from '../../base/prng.ts';

/** Major industry identifier 9 (ISO/IEC 7812-1) is no payment card's. */
const UNISSUED = '999999';
const NUMBERS = 1_000_000_000;
const NUMBER_DIGITS = 9;
/** Odd and no multiple of 5, so that every customer below a thousand million has another number. */
const STEP = 618_033_989;

/** 16 digits. `customer` counts from 0. */
export function testCardNumber(seed: number, customer: number): string {
  const start = hashName(`card ${seed}`) % NUMBERS;
  // Exact: the product is below 2^53 for every customer below fourteen million.
  const number = (start + ((customer * STEP) % NUMBERS)) % NUMBERS;
  const digits = UNISSUED + String(number).padStart(NUMBER_DIGITS, '0');
  return digits + checkDigit(digits);
}

/** ISO/IEC 7812-1, annex B ("Luhn"): the last digit counts once, the one before it twice, … */
function checkDigit(digits: string): string {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    const doubled = digit * 2;
    if (i % 2 === 1) sum += digit;
    else sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return String((10 - (sum % 10)) % 10);
}
