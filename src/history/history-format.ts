/**
 * The layout of a history segment: a file header, then self-contained blocks of fixed 64-byte
 * records followed by the text they refer to, then a footer. A block carries its length and a
 * checksum, so a reader knows exactly what a killed worker or a full disk has taken away.
 */
import { hashName } from '../base/prng.ts';

export const FILE_MAGIC = 0x48434d45; // "EMCH"
export const BLOCK_MAGIC = 0x4b4c4245; // "EBLK"
export const FORMAT_VERSION = 1;
/** Typed arrays use the byte order of the machine; a file from the other kind is refused. */
export const BYTE_ORDER_MARK = 0x01020304;

/** File header: u32 magic, u32 version, u32 byte order, u32 record bytes, f64 startUs, 8 spare. */
export const FILE_HEADER_BYTES = 32;
/** Block header: u32 magic, kind, records, text bytes, sequence, checksum; 8 spare. */
export const BLOCK_HEADER_BYTES = 32;
export const CHECKSUM_WORD = 5;
/** Footer: a block header, then f64 records written and f64 records dropped by the writer. */
export const FOOTER_BYTES = BLOCK_HEADER_BYTES + 16;

export const BLOCK_KIND = { records: 1, footer: 2 } as const;

export const RECORD_BYTES = 64;
export const BLOCK_RECORDS = 512;
/** References into the text are 16 bits wide (0 = no text), so it stays below 64 KiB. */
export const BLOCK_TEXT_BYTES = 65_528;
export const BLOCK_BYTES = BLOCK_HEADER_BYTES + BLOCK_RECORDS * RECORD_BYTES + BLOCK_TEXT_BYTES;

/** Offsets in bytes inside a record. Instants are 48-bit: a low word and a high half-word. */
export const FIELD = {
  operation: 0,
  outcome: 1,
  reason: 2,
  flags: 3,
  status: 4,
  population: 6,
  journey: 8,
  customer: 12,
  item: 16,
  units: 20,
  invokedLow: 24,
  doneLow: 28,
  expiresLow: 32,
  invokedHigh: 36,
  doneHigh: 38,
  expiresHigh: 40,
  key: 42,
  checkoutId: 44,
  orderId: 46,
  orderStatus: 48,
  /** u16: which try of its operation; 0 in files that do not say. */
  attempt: 50,
  /** f64: the total of an order or checkout, or the stock of a stock read. */
  amount: 56,
} as const;

export const FLAG = { replayed: 1, hasExpiry: 2, amountIsStock: 4 } as const;
export const FLAGS_ALL = FLAG.replayed | FLAG.hasExpiry | FLAG.amountIsStock;

/** Instants may lie before the start (probes do): this much is added before they are stored. */
export const INSTANT_BIAS_US = 2 ** 40;
export const INSTANT_LIMIT_US = 2 ** 47;

/** Ids longer than this are shortened; UTF-16 code units. */
export const TEXT_LIMIT = 200;
/** Three UTF-8 bytes a code unit and a 16-bit length. */
export const TEXT_ENTRY_BYTES_MAX = TEXT_LIMIT * 3 + 2;
/** Texts of one record: key, checkout, order and order status. */
export const RECORD_TEXT_BYTES_MAX = 4 * TEXT_ENTRY_BYTES_MAX;

/**
 * An id as the history keeps it. A longer one keeps its beginning, length and hash, so that two
 * long ids stay different; whoever compares ids with the history's passes them through here.
 */
export function boundedText(text: string): string {
  if (text.length <= TEXT_LIMIT) return text;
  const tail = `~${text.length}~${hashName(text).toString(16)}`;
  return text.slice(0, TEXT_LIMIT - tail.length) + tail;
}
