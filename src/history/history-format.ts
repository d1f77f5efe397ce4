/**
 * The layout of a history segment: a file header, then self-contained blocks of fixed 48-byte
 * records followed by the texts they refer to, then a footer. A block carries its length and a
 * checksum, so a reader knows exactly what a killed worker or a full disk has taken away.
 */
import { hashName } from '../base/prng.ts';
import type { OperationName } from '../contract/operation.ts';

export const FILE_MAGIC = 0x48434d45; // "EMCH"
export const BLOCK_MAGIC = 0x4b4c4245; // "EBLK"
export const FORMAT_VERSION = 2;
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

export const RECORD_BYTES = 48;
export const BLOCK_RECORDS = 512;
/** References into the text are 16 bits wide, so it stays below 64 KiB. */
export const BLOCK_TEXT_BYTES = 65_528;
export const BLOCK_BYTES = BLOCK_HEADER_BYTES + BLOCK_RECORDS * RECORD_BYTES + BLOCK_TEXT_BYTES;

/** Offsets in bytes inside a record. Instants and the amount are 48-bit: a low word, a high half. */
export const FIELD = {
  operation: 0,
  /** Bits 0–1 the outcome, the others FLAG. */
  outcomeAndFlags: 1,
  reason: 2,
  /** Which try of its operation this was; 255 stands for all beyond. */
  attempt: 3,
  status: 4,
  population: 6,
  journey: 8,
  customer: 12,
  item: 16,
  units: 20,
  invokedLow: 24,
  /** From invocation to the end of the answer; a longer one is stored as LASTED_LIMIT_US. */
  lastedUs: 28,
  expiresLow: 32,
  invokedHigh: 36,
  expiresHigh: 38,
  /** Where the texts of this record begin, one after the other, as TEXT_ORDER says. */
  texts: 40,
  /** Biased: the total of an order or checkout, or the stock of a stock read. */
  amountHigh: 42,
  amountLow: 44,
} as const;

export const OUTCOME_MASK = 0b11;
export const FLAG = {
  replayed: 1 << 2,
  hasExpiry: 1 << 3,
  hasKey: 1 << 4,
  hasCheckoutId: 1 << 5,
  hasOrderId: 1 << 6,
  hasStatus: 1 << 7,
} as const;

/** Texts that are present follow each other in this order. A checkout's ticket takes the order's place. */
export const TEXT_ORDER = ['hasKey', 'hasCheckoutId', 'hasOrderId', 'hasStatus'] as const;

/** The ids that the audit asks of an operation; a session has more at hand than it needs. */
export const IDS: Readonly<Record<OperationName, number>> = {
  home: 0,
  search: 0,
  viewProduct: 0,
  viewStock: 0,
  viewCart: 0,
  addToCart: 0,
  login: 0,
  checkout: FLAG.hasCheckoutId,
  order: FLAG.hasKey | FLAG.hasCheckoutId | FLAG.hasOrderId,
  orderDuplicate: FLAG.hasKey | FLAG.hasCheckoutId | FLAG.hasOrderId,
  orderReplay: FLAG.hasKey | FLAG.hasCheckoutId | FLAG.hasOrderId,
  orderChanged: FLAG.hasKey | FLAG.hasCheckoutId | FLAG.hasOrderId,
  orderStatus: FLAG.hasKey | FLAG.hasOrderId,
  cancelOrder: FLAG.hasKey | FLAG.hasOrderId,
  tombstoneKey: FLAG.hasKey | FLAG.hasOrderId,
  joinQueue: 0,
  queueStatus: 0,
};

/** Instants may lie before the start (probes do): this much is added before they are stored. */
export const INSTANT_BIAS_US = 2 ** 40;
export const INSTANT_LIMIT_US = 2 ** 47;
export const LASTED_LIMIT_US = 2 ** 32 - 1;
/** Amounts may be negative (a stock that was sold below zero is). */
export const AMOUNT_BIAS = 2 ** 47;

/** Ids longer than this are shortened; UTF-16 code units. */
export const TEXT_LIMIT = 200;
/** Three UTF-8 bytes a code unit and what stands in front of them. */
export const TEXT_ENTRY_BYTES_MAX = TEXT_LIMIT * 3 + 3;
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
