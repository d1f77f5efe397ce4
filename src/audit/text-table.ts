/**
 * Each distinct text once, packed as the history packs it and outside the heap, and known by a
 * number: 0, 1, 2 … in order of first appearance. Ids of orders and keys are most of what an audit
 * has to remember; as strings they would take four times as much.
 */
import { Buffer } from 'node:buffer';
import { boundedText } from '../history/history-format.ts';
import { readText, writeText } from '../history/packed-text.ts';

const FIRST_BYTES = 4096;
const FIRST_SLOTS = 256;
/** A tag, a length and three bytes of UTF-8 a code unit. */
const ENTRY_BYTES_MORE = 3;
/** An entry holds no more than 64 KiB; names are bounded ids, with a customer in front at most. */
const TEXT_UNITS_MAX = 4096;
/** Strings of numbers asked for lately: checks look at the same row several times in turn. */
const RECENT = 1024;

export class TextTable {
  #bytes = Buffer.alloc(FIRST_BYTES);
  #end = 0;
  /** Where each text begins; one more than there are texts. */
  #starts = new Float64Array(FIRST_SLOTS / 2 + 2);
  /** Number + 1 of the text in each slot, 0 for a free one; at most half of them are taken. */
  #slots = new Uint32Array(FIRST_SLOTS);
  #size = 0;
  readonly #recent: (string | undefined)[] = new Array(RECENT);
  readonly #recentOf = new Uint32Array(RECENT).fill(0xffffffff);
  /** Where the text ends that was written last. */
  #written = 0;

  get size(): number {
    return this.#size;
  }

  /** The number of the text, a new one when it is not there yet. Overlong texts are bounded. */
  add(text: string): number {
    const start = this.#end;
    const slot = this.#slotOf(text);
    const known = this.#slots[slot] as number;
    if (known > 0) return known - 1;
    // What was written for the comparison is the new entry.
    const number = this.#size++;
    this.#starts[number] = start;
    this.#end = this.#written;
    this.#starts[number + 1] = this.#end;
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
    const text = readText(this.#bytes, this.#starts[number] as number);
    this.#recent[place] = text;
    this.#recentOf[place] = number;
    return text;
  }

  /** Writes the text behind the last one and finds its slot, or the free one it would take. */
  #slotOf(given: string): number {
    const text = given.length > TEXT_UNITS_MAX ? boundedText(given) : given;
    const start = this.#end;
    const needed = start + text.length * 3 + ENTRY_BYTES_MORE;
    if (needed > this.#bytes.length) {
      this.#bytes = Buffer.concat([this.#bytes], Math.max(needed, this.#bytes.length * 2));
    }
    this.#written = writeText(this.#bytes, start, text);
    const mask = this.#slots.length - 1;
    let slot = this.#hash(start, this.#written) & mask;
    for (;;) {
      const known = this.#slots[slot] as number;
      if (known === 0 || this.#isSame(known - 1, start, this.#written)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  /** FNV-1a (Fowler, Noll, Vo), its high bits mixed into the low ones that choose the slot. */
  #hash(start: number, end: number): number {
    const bytes = this.#bytes;
    let hash = 0x811c9dc5;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
    return (hash ^ (hash >>> 15)) >>> 0;
  }

  #isSame(number: number, start: number, end: number): boolean {
    const bytes = this.#bytes;
    let at = this.#starts[number] as number;
    if ((this.#starts[number + 1] as number) - at !== end - start) return false;
    for (let other = start; other < end; other++, at++) {
      if (bytes[at] !== bytes[other]) return false;
    }
    return true;
  }

  #grow(): void {
    const slots = new Uint32Array(this.#slots.length * 2);
    const starts = new Float64Array(slots.length / 2 + 2);
    starts.set(this.#starts);
    this.#starts = starts;
    const mask = slots.length - 1;
    for (let number = 0; number < this.#size; number++) {
      let slot = this.#hash(starts[number] as number, starts[number + 1] as number) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = number + 1;
    }
    this.#slots = slots;
  }
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
