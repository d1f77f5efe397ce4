/**
 * The vault: takes a card number, gives a token that says nothing about it. The number is kept
 * sealed in the vault's own file and leaves it only to be shown to the issuer of the card.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Database, Statement } from 'better-sqlite3';
import { assert } from '../../base/assert.ts';
import { openSqlite } from '../storage/sqlite.ts';
import { isAlwaysDeclined, isTestCard } from './card-number.ts';

export interface Card {
  readonly customer: string;
  readonly cardNumber: string;
}

/** `good`: the issuer takes it · `refused`: unknown here, somebody else's, or not good. */
export type CardStanding = 'good' | 'refused';

interface SealedCard {
  readonly customer: string;
  readonly nonce: Buffer;
  readonly sealed: Buffer;
}

const TOKEN_PREFIX = 'tok_pm_';
const TOKEN_BYTES = 18;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS card (
    token TEXT PRIMARY KEY,
    customer TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    nonce BLOB NOT NULL,
    sealed BLOB NOT NULL,
    UNIQUE (customer, fingerprint)
  ) STRICT, WITHOUT ROWID;
`;

/** Other tokens are for trying things out by hand and stand for a card of their own. */
export function isVaultToken(token: string): boolean {
  return token.startsWith(TOKEN_PREFIX);
}

export class Vault {
  readonly #db: Database;
  readonly #sealKey: Buffer;
  readonly #fingerprintKey: Buffer;
  readonly #insert: Statement<[string, string, Buffer, Buffer, Buffer]>;
  readonly #known: Statement<[string, Buffer], { readonly token: string }>;
  readonly #byToken: Statement<[string], SealedCard>;

  /** Opens or makes `vault.sqlite` and `vault.key` in `folder`. */
  constructor(folder: string) {
    const key = readKey(path.join(folder, 'vault.key'));
    this.#sealKey = key.subarray(0, KEY_BYTES);
    this.#fingerprintKey = key.subarray(KEY_BYTES);
    const file = path.join(folder, 'vault.sqlite');
    this.#db = openSqlite(file, ['journal_mode = WAL', 'synchronous = FULL']);
    this.#db.exec(SCHEMA);
    this.#insert = this.#db.prepare('INSERT INTO card VALUES (?, ?, ?, ?, ?)');
    this.#known = this.#db.prepare('SELECT token FROM card WHERE customer = ? AND fingerprint = ?');
    this.#byToken = this.#db.prepare('SELECT customer, nonce, sealed FROM card WHERE token = ?');
  }

  /**
   * One token for each card in order, null for what is no test card; durable when it returns. The
   * same card of the same customer has the same token.
   */
  tokenise(cards: readonly Card[]): (string | null)[] {
    return this.#db.transaction(() => cards.map((card) => this.#tokenOf(card)))();
  }

  /** What the issuer says to a payment of `customer` with `token`. */
  standing(token: string, customer: string): CardStanding {
    const card = this.#byToken.get(token);
    if (card === undefined || card.customer !== customer) return 'refused';
    return isAlwaysDeclined(this.#open(token, card)) ? 'refused' : 'good';
  }

  close(): void {
    this.#db.close();
  }

  #tokenOf({ customer, cardNumber }: Card): string | null {
    if (!isTestCard(cardNumber)) return null;
    const fingerprint = createHmac('sha256', this.#fingerprintKey).update(cardNumber).digest();
    const known = this.#known.get(customer, fingerprint);
    if (known !== undefined) return known.token;
    const token = TOKEN_PREFIX + randomBytes(TOKEN_BYTES).toString('base64url');
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#sealKey, nonce).setAAD(Buffer.from(token));
    const sealed = Buffer.concat([
      cipher.update(cardNumber, 'latin1'),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    this.#insert.run(token, customer, fingerprint, nonce, sealed);
    return token;
  }

  /** Throws when the file was tampered with. */
  #open(token: string, { nonce, sealed }: SealedCard): string {
    const decipher = createDecipheriv(CIPHER, this.#sealKey, nonce).setAAD(Buffer.from(token));
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    return decipher.update(sealed.subarray(0, -TAG_BYTES), undefined, 'latin1') + decipher.final();
  }
}

/** Beside the file it guards: it protects a copy of the file, not a copy of the folder. */
function readKey(file: string): Buffer {
  if (!fs.existsSync(file)) {
    const handle = fs.openSync(file, 'wx', 0o600);
    fs.writeSync(handle, randomBytes(2 * KEY_BYTES));
    fs.fsyncSync(handle);
    fs.closeSync(handle);
  }
  const key = fs.readFileSync(file);
  assert(key.length === 2 * KEY_BYTES, 'the key of the vault has its full length');
  return key;
}
