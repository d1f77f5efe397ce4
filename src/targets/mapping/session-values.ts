/**
 * Values that a session carries from answer to request, in `Call.values` by the mapping's own
 * index: '' is none. A value that was no string in JSON is marked, so that it can go back as it
 * came; a mark can never be part of a value, because control characters are refused.
 */
import type { Call } from '../../contract/call.ts';
import { mappedOperations } from '../../contract/target-mapping/mapped-operations.ts';
import { isMeaning } from '../../contract/target-mapping/placeholders.ts';
import type { TargetMapping } from '../../contract/target-mapping.ts';
import { isSafeId } from '../safe-id.ts';
import { escapeInString, type ValueSource } from './rendering.ts';

const MARK = '\0';
const MARK_CODE = 0;
/** Of a token, a cart id … ; of an id that the history keeps. */
const MAX_VALUE_CHARS = 4096;
const MAX_ID_CHARS = 200;
const NOT_TEXT = /[\p{Cc}\p{Cs}]/u;

export function isText(value: unknown, maxChars: number): value is string {
  return (
    typeof value === 'string' && value !== '' && value.length <= maxChars && !NOT_TEXT.test(value)
  );
}

/** An id as text: a string without control characters, or a whole number. */
export function idOf(value: unknown, strict: boolean): string | undefined {
  if (strict) return isSafeId(value) ? value : undefined;
  if (isText(value, MAX_ID_CHARS)) return value;
  return Number.isSafeInteger(value) ? String(value) : undefined;
}

/** As it is kept; undefined when it is nothing that can be carried. */
export function storedValue(value: unknown): string | undefined {
  if (isText(value, MAX_VALUE_CHARS)) return value;
  const isPlain =
    typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
  return isPlain ? `${MARK}${value}` : undefined;
}

function isMarked(stored: string): boolean {
  return stored.charCodeAt(0) === MARK_CODE;
}

/** Names of a mapping's values and where each of them is kept. */
export class ValueIndex {
  readonly strict: boolean;
  readonly #slots = new Map<string, number>();

  constructor(mapping: TargetMapping) {
    this.strict = mapping.strict === true;
    const steps = [...mapping.session, ...Object.values(mappedOperations(mapping))];
    for (const { extract, outcomes } of steps) {
      for (const one of [extract, ...outcomes.map((rule) => rule.extract ?? {})]) {
        for (const name of Object.keys(one)) if (!isMeaning(name)) this.#add(name);
        // An id may be a number to the target: it is kept beside the call's own text.
        if ('checkoutId' in one) this.#add('checkoutId');
        if ('orderId' in one) this.#add('orderId');
      }
    }
  }

  #add(name: string): void {
    if (!this.#slots.has(name)) this.#slots.set(name, this.#slots.size);
  }

  has(name: string): boolean {
    return this.#slots.has(name);
  }

  slotOf(name: string): number {
    return this.#slots.get(name) as number;
  }

  put(call: Call, slot: number, stored: string): void {
    call.values ??= new Array<string>(this.#slots.size).fill('');
    call.values[slot] = stored;
  }

  source(name: string, fallback: string | undefined): ValueSource<Call> {
    const slot = this.slotOf(name);
    const storedOf = ({ values }: Call): string | undefined => {
      const stored = values === null ? '' : (values[slot] as string);
      return stored === '' ? fallback : stored;
    };
    return {
      text: (call) => {
        const stored = storedOf(call);
        return stored !== undefined && isMarked(stored) ? stored.slice(1) : stored;
      },
      json: (call) => {
        const stored = storedOf(call);
        return stored === undefined ? undefined : jsonOf(stored);
      },
    };
  }

  /** An id of the call, as a number when it came as that very number. */
  idSource(name: 'key' | 'checkoutId' | 'orderId'): ValueSource<Call> {
    if (this.strict) return strictIdSource(name);
    const text = (call: Call): string | undefined => (call[name] === '' ? undefined : call[name]);
    if (!this.has(name)) return { text };
    const slot = this.slotOf(name);
    return {
      text,
      json: (call) => {
        const id = text(call);
        if (id === undefined) return undefined;
        const isNumber = call.values !== null && call.values[slot] === `${MARK}${id}`;
        return isNumber ? id : `"${escapeInString(id)}"`;
      },
    };
  }
}

/** Needs no escape in any place. */
function strictIdSource(name: 'key' | 'checkoutId' | 'orderId'): ValueSource<Call> {
  const text = (call: Call): string | undefined => (isSafeId(call[name]) ? call[name] : undefined);
  return { text, inPath: text, inString: text, headerSafe: true };
}

function jsonOf(stored: string): string {
  return isMarked(stored) ? stored.slice(1) : `"${escapeInString(stored)}"`;
}
