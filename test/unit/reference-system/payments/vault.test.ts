import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  isAlwaysDeclined,
  isCardNumber,
  isTestCard,
} from '../../../../src/reference-system/payments/card-number.ts';
import { isVaultToken, Vault } from '../../../../src/reference-system/payments/vault.ts';
import { openSqlite } from '../../../../src/reference-system/storage/sqlite.ts';
import { testCardNumber } from '../../../../src/targets/reference/test-cards.ts';

const CARD = '4242424242424242';
const DECLINED = '4000000000000002';

let folder: string;
let vault: Vault;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ecomsim-test-vault-'));
  vault = new Vault(folder);
});

afterEach(() => {
  vault.close();
  fs.rmSync(folder, { recursive: true });
});

function tokenOf(cardNumber: string, customer = 'c-1'): string | null {
  return vault.tokenise([{ customer, cardNumber }])[0] ?? null;
}

describe('the vault', () => {
  it('gives the same token for the same card of one customer, and none of it for others', () => {
    const token = tokenOf(CARD);
    expect(tokenOf(CARD)).toBe(token);
    expect(tokenOf(CARD, 'c-2')).not.toBe(token);
    expect(tokenOf('4111111111111111')).not.toBe(token);
    expect(token).toMatch(/^tok_[A-Za-z0-9_-]{1,64}$/);
    expect(isVaultToken(String(token))).toBe(true);
  });

  it('answers a list in its order, with nothing for what is no test card', () => {
    const numbers = [CARD, '4242424242424241', '', 'card', '4532015112830366', DECLINED];
    const cards = numbers.map((cardNumber) => ({ customer: 'c-1', cardNumber }));
    const tokens = vault.tokenise(cards);
    expect(tokens.map((token) => token !== null)).toEqual([true, false, false, false, false, true]);
  });

  it('lets only the customer pay whose card it is, and only with a card that is good', () => {
    const token = String(tokenOf(CARD));
    expect(vault.standing(token, 'c-1')).toBe('good');
    expect(vault.standing(token, 'c-2')).toBe('refused');
    expect(vault.standing(`${token}x`, 'c-1')).toBe('refused');
    expect(vault.standing(String(tokenOf(DECLINED)), 'c-1')).toBe('refused');
  });

  it('knows its cards when it is opened again', () => {
    const token = String(tokenOf(CARD));
    vault.close();
    vault = new Vault(folder);
    expect(vault.standing(token, 'c-1')).toBe('good');
    expect(tokenOf(CARD)).toBe(token);
  });

  it('writes no number to its files, while a file with one is recognised', () => {
    const numbers = Array.from({ length: 200 }, (_, customer) => testCardNumber(3, customer));
    vault.tokenise(numbers.map((cardNumber) => ({ customer: 'c-1', cardNumber })));
    const stored = (): string =>
      fs
        .readdirSync(folder)
        .map((name) => fs.readFileSync(path.join(folder, name)).toString('latin1'))
        .join('');
    expect(numbers.filter((number) => stored().includes(number))).toEqual([]);
    fs.writeFileSync(path.join(folder, 'debug.log'), `card=${numbers[7]}`);
    expect(numbers.filter((number) => stored().includes(number))).toEqual([numbers[7]]);
  });

  it('keeps its key to itself', () => {
    expect(fs.statSync(path.join(folder, 'vault.key')).mode & 0o077).toBe(0);
  });

  it('does not open a card that was put under another token', () => {
    const [one, other] = [String(tokenOf(CARD)), String(tokenOf(DECLINED))];
    expect(vault.standing(other, 'c-1')).toBe('refused');
    swapSealed(one, other);
    expect(() => vault.standing(other, 'c-1')).toThrow();
  });
});

/** As somebody would who can write to the file but has not the key. */
function swapSealed(from: string, to: string): void {
  vault.close();
  const db = openSqlite(path.join(folder, 'vault.sqlite'), []);
  db.prepare(
    `UPDATE card SET (nonce, sealed) = (SELECT nonce, sealed FROM card WHERE token = ?)
     WHERE token = ?`,
  ).run(from, to);
  db.close();
  vault = new Vault(folder);
}

describe('a card number', () => {
  it.each([
    [CARD, true],
    ['378282246310005', true],
    ['30569309025904', true],
    ['4242424242424243', false],
    ['42424242 42424242', false],
    ['42424242424', false],
    ['4'.repeat(20), false],
    ['', false],
  ])('%s has the right digits: %s', (text, isRight) => {
    expect(isCardNumber(text)).toBe(isRight);
  });

  it('with one digit changed is none', () => {
    fc.assert(
      fc.property(
        fc.nat(1e6),
        fc.nat(5_000_000),
        fc.nat(15),
        fc.integer({ min: 1, max: 9 }),
        (seed, customer, place, more) => {
          const number = testCardNumber(seed, customer);
          expect(isTestCard(number)).toBe(true);
          const digit = (Number(number[place]) + more) % 10;
          const wrong = number.slice(0, place) + digit + number.slice(place + 1);
          expect(isCardNumber(wrong)).toBe(false);
        },
      ),
    );
  });

  it('of a customer is the same for a seed, and nobody else’s', () => {
    const numbers = Array.from({ length: 50_000 }, (_, customer) => testCardNumber(11, customer));
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(testCardNumber(11, 49_999)).toBe(numbers[49_999]);
    expect(testCardNumber(12, 49_999)).not.toBe(numbers[49_999]);
    expect(isAlwaysDeclined(DECLINED)).toBe(true);
    expect(numbers.some(isAlwaysDeclined)).toBe(false);
  });

  it('that a bank may have issued is not taken, though its digits are right', () => {
    expect(isCardNumber('4532015112830366')).toBe(true);
    expect(isTestCard('4532015112830366')).toBe(false);
  });
});
