/** Words of titles and categories → products: whole words first, then prefixes, then parts. */
import type { CatalogueItem } from '../../contract/scenario.ts';

/** Words of a query that are looked at; more are ignored. */
const MAX_QUERY_WORDS = 8;
const WORD = /[\p{L}\p{N}]+/gu;

export class SearchIndex {
  /** Sorted, so that a prefix is a range. */
  readonly #words: readonly string[];
  /** Positions in the catalogue, ascending, per word of `#words`. */
  readonly #postings: readonly (readonly number[])[];
  readonly #size: number;

  constructor(items: readonly CatalogueItem[]) {
    const postings = new Map<string, number[]>();
    items.forEach((item, position) => {
      for (const word of new Set(wordsOf(`${item.title} ${item.category}`))) {
        const list = postings.get(word);
        if (list === undefined) postings.set(word, [position]);
        else list.push(position);
      }
    });
    this.#words = [...postings.keys()].sort();
    this.#postings = this.#words.map((word) => postings.get(word) ?? []);
    this.#size = items.length;
  }

  /** Positions of the items that match every word of the query, ascending. */
  find(query: string): readonly number[] {
    const words = wordsOf(query).slice(0, MAX_QUERY_WORDS);
    if (words.length === 0) return Array.from({ length: this.#size }, (_, position) => position);
    let result: readonly number[] | undefined;
    for (const word of words) {
      const matches = this.#matching(word);
      result = result === undefined ? matches : intersection(result, matches);
      if (result.length === 0) break;
    }
    return result ?? [];
  }

  #matching(word: string): readonly number[] {
    const first = this.#lowerBound(word);
    const found: number[] = [];
    for (let at = first; this.#words[at]?.startsWith(word); at++) found.push(at);
    if (found.length === 0) {
      this.#words.forEach((candidate, at) => {
        if (candidate.includes(word)) found.push(at);
      });
    }
    if (found.length === 1) return this.#postings[found[0] ?? 0] ?? [];
    const union = new Set<number>();
    for (const at of found) for (const position of this.#postings[at] ?? []) union.add(position);
    return [...union].sort((a, b) => a - b);
  }

  #lowerBound(word: string): number {
    let low = 0;
    let high = this.#words.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#words[middle] ?? '') < word) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(WORD) ?? [];
}

/** Of two ascending lists. */
function intersection(a: readonly number[], b: readonly number[]): number[] {
  const common: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const left = a[i] as number;
    const right = b[j] as number;
    if (left === right) common.push(left);
    if (left <= right) i++;
    if (right <= left) j++;
  }
  return common;
}
