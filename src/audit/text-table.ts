/**
 * Each distinct text once, packed as the history packs it and outside the heap, and known by a
 * number: 0, 1, 2 … in order of first appearance. Ids of orders and keys are most of what an audit
 * has to remember; as strings they would take four times as much.
 */
import { Buffer } from 'node:buffer';
import { assert } from '../base/assert.ts';
import { boundedText } from '../history/history-format.ts';
import {
  endOfText,
  isPackedAsWritten,
  PLAIN_BYTES_MAX,
  readText,
  writeAsciiText,
  writeText,
} from '../history/packed-text.ts';

/** Texts are kept in pieces of this size, so that nothing is copied as their number grows. */
const PIECE_BYTES = 2 ** 18;
/** Places are 32 bits wide. */
const PIECES_MAX = 2 ** 32 / PIECE_BYTES;
const FIRST_SLOTS = 256;
/** An entry fits a piece; names are bounded ids, with a customer in front at most. */
const TEXT_UNITS_MAX = 4096;
/** A tag, a length and three bytes of UTF-8 a code unit. */
const ENTRY_BYTES_MAX = 3 + 3 * TEXT_UNITS_MAX;
/** Strings of numbers asked for lately: checks look at the same row several times in turn. */
const RECENT = 1024;
const NO_NUMBER = 0xffffffff;

export class TextTable {
  readonly #pieces: Buffer[] = [Buffer.alloc(PIECE_BYTES)];
  /** Where in the last piece the next text goes, and where it ends that was written there last. */
  #end = 0;
  #written = 0;
  /** Where each text begins. */
  #starts = new Uint32Array(FIRST_SLOTS);
  /** Two words a slot: number + 1 of its text, 0 for a free one, and the text's hash. */
  #slots = new Uint32Array(2 * FIRST_SLOTS);
  #hash = 0;
  #size = 0;
  readonly #recent: (string | undefined)[] = new Array(RECENT);
  readonly #recentOf = new Uint32Array(RECENT).fill(NO_NUMBER);
  /** Who has just been given a text mostly asks for its number next, in another list. */
  #lastText = '';
  #lastNumber = -1;

  get size(): number {
    return this.#size;
  }

  /** The number of the text, a new one when it is not there yet. Overlong texts are bounded. */
  add(text: string): number {
    if (text === this.#lastText && this.#lastNumber >= 0) return this.#lastNumber;
    return this.#addAt(this.#slotOf(text));
  }

  /** As `add`, of an entry that is packed already, at `from` of `bytes`, and whole. */
  addPacked(bytes: Buffer, from: number): number {
    // Two entries of one text would be two texts.
    if (!isPackedAsWritten(bytes, from)) return this.add(readText(bytes, from));
    const piece = this.#roomyPiece();
    const to = endOfText(bytes, from);
    let end = this.#end;
    for (let at = from; at < to; at++) piece[end++] = bytes[at] as number;
    return this.#addAt(this.#slotOfWritten(piece, end));
  }

  /** As `add`, of printable ASCII characters: `bytes[from, to)`. */
  addAscii(bytes: Buffer, from: number, to: number): number {
    if (to - from > PLAIN_BYTES_MAX)
      return this.add(boundedText(bytes.toString('latin1', from, to)));
    const piece = this.#roomyPiece();
    return this.#addAt(
      this.#slotOfWritten(piece, writeAsciiText(piece, this.#end, bytes, [from, to])),
    );
  }

  #addAt(slot: number): number {
    const known = this.#slots[slot] as number;
    if (known > 0) return known - 1;
    // What was written for the comparison is the new entry.
    const number = this.#size++;
    this.#starts[number] = (this.#pieces.length - 1) * PIECE_BYTES + this.#end;
    this.#end = this.#written;
    this.#slots[slot] = number + 1;
    this.#slots[slot + 1] = this.#hash;
    // Two thirds of the slots may be taken.
    if (this.#size * 3 > this.#slots.length) this.#grow();
    return number;
  }

  /** Adds the text; false when it was there already. */
  addNew(text: string): boolean {
    const before = this.#size;
    return this.add(text) === before;
  }

  /** The number of the text, −1 when it was never added. */
  find(text: string): number {
    if (text === this.#lastText && this.#lastNumber >= 0) return this.#lastNumber;
    return (this.#slots[this.#slotOf(text)] as number) - 1;
  }

  text(number: number): string {
    const place = number % RECENT;
    if (this.#recentOf[place] !== number) {
      const start = this.#starts[number] as number;
      this.#recent[place] = readText(this.#pieceOf(start), start % PIECE_BYTES);
      this.#recentOf[place] = number;
    }
    const text = this.#recent[place] as string;
    this.#lastText = text;
    this.#lastNumber = number;
    return text;
  }

  #pieceOf(start: number): Buffer {
    return this.#pieces[Math.floor(start / PIECE_BYTES)] as Buffer;
  }

  /** Writes the text behind the last one and finds where its slot is, or the free one for it. */
  #slotOf(given: string): number {
    const text = given.length > TEXT_UNITS_MAX ? boundedText(given) : given;
    const piece = this.#roomyPiece();
    return this.#slotOfWritten(piece, writeText(piece, this.#end, text));
  }

  /** The last piece, with room for one entry more. */
  #roomyPiece(): Buffer {
    if (this.#end + ENTRY_BYTES_MAX > PIECE_BYTES) {
      assert(this.#pieces.length < PIECES_MAX, 'more than 4 GiB of ids');
      this.#pieces.push(Buffer.alloc(PIECE_BYTES));
      this.#end = 0;
    }
    return this.#pieces[this.#pieces.length - 1] as Buffer;
  }

  /** As `#slotOf`, of the entry that was written behind the last text and ends at `end`. */
  #slotOfWritten(piece: Buffer, end: number): number {
    const start = this.#end;
    this.#written = end;
    const hash = hashOf(piece, start, end);
    this.#hash = hash;
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = (2 * hash) & mask;
    for (;;) {
      const known = slots[slot] as number;
      if (known === 0) return slot;
      if (slots[slot + 1] === hash && this.#isSame(known - 1, piece, start)) return slot;
      slot = (slot + 2) & mask;
    }
  }

  /**
   * Whether that text is the one last written, at `from`. Entries say themselves where they end: one
   * that begins like another is the same.
   */
  #isSame(number: number, written: Buffer, from: number): boolean {
    const place = this.#starts[number] as number;
    const piece = this.#pieceOf(place);
    let at = place % PIECE_BYTES;
    for (let other = from; other < this.#written; other++) {
      if (piece[at++] !== written[other]) return false;
    }
    return true;
  }

  #grow(): void {
    const old = this.#slots;
    const slots = new Uint32Array(old.length * 2);
    const mask = slots.length - 1;
    for (let from = 0; from < old.length; from += 2) {
      if (old[from] === 0) continue;
      const hash = old[from + 1] as number;
      let slot = (2 * hash) & mask;
      while (slots[slot] !== 0) slot = (slot + 2) & mask;
      slots[slot] = old[from] as number;
      slots[slot + 1] = hash;
    }
    this.#slots = slots;
    const starts = new Uint32Array(slots.length / 3 + 2);
    starts.set(this.#starts.subarray(0, this.#size));
    this.#starts = starts;
  }
}

/** FNV-1a (Fowler, Noll, Vo), its high bits mixed into the low ones that choose the slot. */
function hashOf(bytes: Buffer, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** As `TextTable` for words of which there are few, such as statuses and currencies. */
export class LabelTable {
  readonly #numbers = new Map<string, number>();
  readonly #labels: string[] = [];

  add(label: string): number {
    let number = this.#numbers.get(label);
    if (number === undefined) {
      number = this.#labels.length;
      this.#numbers.set(label, number);
      this.#labels.push(label);
    }
    return number;
  }

  text(number: number): string {
    return this.#labels[number] as string;
  }
}
