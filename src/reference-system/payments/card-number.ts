/** Card numbers that may be used here: published test numbers, and a range that is nobody's. */

const DIGITS = /^\d{12,19}$/;
/** Major industry identifier 9 is left to national bodies (ISO/IEC 7812-1): no payment card. */
const UNISSUED = '999999';
/** As payment processors publish them for trying out. */
const PUBLISHED: ReadonlySet<string> = new Set([
  '4242424242424242',
  '4111111111111111',
  '4000000000000002',
  '5555555555554444',
  '5105105105105100',
  '378282246310005',
  '6011111111111117',
  '30569309025904',
  '3566002020360505',
]);
/** Published as the one that is always declined. */
const ALWAYS_DECLINED = '4000000000000002';

/** Digits with a right check digit (ISO/IEC 7812-1, annex B, "Luhn"). */
export function isCardNumber(text: string): boolean {
  if (!DIGITS.test(text)) return false;
  let sum = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(text.length - 1 - i) - 48;
    const doubled = digit * 2;
    if (i % 2 === 0) sum += digit;
    else sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** A real card has no business in a simulator. */
export function isTestCard(cardNumber: string): boolean {
  if (!isCardNumber(cardNumber)) return false;
  return cardNumber.startsWith(UNISSUED) || PUBLISHED.has(cardNumber);
}

export function isAlwaysDeclined(cardNumber: string): boolean {
  return cardNumber === ALWAYS_DECLINED;
}
