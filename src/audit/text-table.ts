/**
 * Each distinct text once, packed as the history packs it and outside the heap, and known by a
 * number: 0, 1, 2 … in order of first appearance. Ids of orders and keys are most of what an audit
 * has to remember; as strings they would take four times as much.
 */
import { Buffer } from 'node:buffer';
import { assert } from '../base/assert.ts';
import { boundedText } from '../history/history-format.ts';
import { endOfText, readText, writeText } from '../history/packed-text.ts';

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
  #starts = new Uint32Array(FIRST_SLOTS / 2 + 1);
  /** Number + 1 of the text in each slot, 0 for a free one; at most half of them are taken. */
  #slots = new Uint32Array(FIRST_SLOTS);
  #size = 0;
  readonly #recent: (string | undefined)[] = new Array(RECENT);
  readonly #recentOf = new Uint32Array(RECENT).fill(NO_NUMBER);

  get size(): number {
    return this.#size;
  }

  /** The number of the text, a new one when it is not there yet. Overlong texts are bounded. */
  add(text: string): number {
    const slot = this.#slotOf(text);
    const known = this.#slots[slot] as number;
    if (known > 0) return known - 1;
    // What was written for the comparison is the new entry.
    const number = this.#size++;
    this.#starts[number] = (this.#pieces.length - 1) * PIECE_BYTES + this.#end;
    this.#end = this.#written;
    this.#slots[slot] = number + 1;
    if (this.#size * 2 > this.#slots.length) this.#grow();
    return number;
  }

  /** The number of the text, −1 when it was never added. */
  find(text: string): number {
    return (this.#slots[this.#slotOf(text)] as number) - 1;
  }

  text(number: number): string {
    const place = number % RECENT;
    if (this.#recentOf[place] === number) return this.#recent[place] as string;
    const start = this.#starts[number] as number;
    const text = readText(this.#pieceOf(start), start % PIECE_BYTES);
    this.#recent[place] = text;
    this.#recentOf[place] = number;
    return text;
  }

  #pieceOf(start: number): Buffer {
    return this.#pieces[Math.floor(start / PIECE_BYTES)] as Buffer;
  }

  /** Writes the text behind the last one and finds its slot, or the free one it would take. */
  #slotOf(given: string): number {
    const text = given.length > TEXT_UNITS_MAX ? boundedText(given) : given;
    if (this.#end + ENTRY_BYTES_MAX > PIECE_BYTES) {
      assert(this.#pieces.length < PIECES_MAX, 'more than 4 GiB of ids');
      this.#pieces.push(Buffer.alloc(PIECE_BYTES));
      this.#end = 0;
    }
    const piece = this.#pieces.at(-1) as Buffer;
    const start = this.#end;
    const end = writeText(piece, start, text);
    this.#written = end;
    const mask = this.#slots.length - 1;
    let slot = hashOf(piece, start, end) & mask;
    for (;;) {
      const known = this.#slots[slot] as number;
      if (known === 0 || this.#isSame(known - 1, piece, start)) return slot;
      slot = (slot + 1) & mask;
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
    const slots = new Uint32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (const known of this.#slots) {
      if (known === 0) continue;
      const start = this.#starts[known - 1] as number;
      const piece = this.#pieceOf(start);
      const at = start % PIECE_BYTES;
      let slot = hashOf(piece, at, endOfText(piece, at)) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = known;
    }
    this.#slots = slots;
    const starts = new Uint32Array(slots.length / 2 + 1);
    starts.set(this.#starts);
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
