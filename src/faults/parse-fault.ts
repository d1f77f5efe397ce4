/** `kill=at:12s,down:1s` → a fault with all its arguments, or everything that is wrong with it. */
import { suggestion } from '../base/nearest-name.ts';
import { formatDuration, formatRatio, parseDurationMs, parseRatio } from '../base/units.ts';
import type { ArgumentKind, ArgumentValues, FaultArgument, FaultKind } from './fault-kind.ts';
import { FAULT_KINDS } from './fault-kinds.ts';

/** When: an instant of the load, a share of it, or null for one drawn from the seed. */
export type FaultInstant =
  | { readonly kind: 'at'; readonly atMs: number }
  | { readonly kind: 'share'; readonly ratio: number }
  | null;

export interface WantedFault {
  /** As it was written. */
  readonly text: string;
  readonly kind: FaultKind;
  readonly values: ArgumentValues;
  readonly instant: FaultInstant;
  readonly times: number;
}

export type ParsedFault =
  | { readonly fault: WantedFault; readonly problems?: undefined }
  | { readonly fault?: undefined; readonly problems: readonly string[] };

const MAX_TEXT_CHARS = 200;
const MAX_TIMES = 100;
/** `at` and `times` go with every fault. */
const COMMON = ['at', 'times'] as const;

export function parseFault(text: string): ParsedFault {
  if (text.length > MAX_TEXT_CHARS) return { problems: ['is too long for a fault'] };
  const equals = text.indexOf('=');
  const name = (equals < 0 ? text : text.slice(0, equals)).trim();
  const kind = FAULT_KINDS.find((known) => known.name === name);
  if (kind === undefined) {
    const names = FAULT_KINDS.map((known) => known.name);
    const near = suggestion(name, names);
    return { problems: [`"${shown(name)}" is not a fault${near}; known: ${names.join(', ')}`] };
  }
  const reading = new ArgumentReading(kind);
  if (equals >= 0) for (const part of text.slice(equals + 1).split(',')) reading.read(part);
  const { problems } = reading;
  if (problems.length > 0) return { problems };
  const { values, instant, times } = reading;
  if (instant !== null && times > 1) {
    return { problems: ['happens either at an instant (at) or several times (times)'] };
  }
  return { fault: { text: text.trim(), kind, values, instant, times } };
}

/** How it is written with all its arguments: `kill=down:0ms`. */
export function faultUsage({ name, arguments: own }: FaultKind): string {
  const written = Object.entries(own).map(
    ([argument, spec]) => `${argument}:${print(spec, spec.fallback)}`,
  );
  return written.length === 0 ? name : `${name}=${written.join(',')}`;
}

class ArgumentReading {
  readonly problems: string[] = [];
  readonly values: Record<string, number> = {};
  instant: FaultInstant = null;
  times = 1;
  readonly #kind: FaultKind;
  readonly #seen = new Set<string>();

  constructor(kind: FaultKind) {
    this.#kind = kind;
    for (const [name, { fallback }] of Object.entries(kind.arguments)) this.values[name] = fallback;
  }

  /** `name:value`; a value alone says when. */
  read(part: string): void {
    const colon = part.indexOf(':');
    const name = colon < 0 ? 'at' : part.slice(0, colon).trim();
    const value = part.slice(colon + 1).trim();
    if (this.#seen.has(name)) {
      this.problems.push(`${name} is given twice`);
      return;
    }
    this.#seen.add(name);
    if (name === 'at') this.#readInstant(value);
    else if (name === 'times') this.#readTimes(value);
    else this.#readOwn(name, value);
  }

  #readInstant(value: string): void {
    const atMs = parseDurationMs(value);
    const ratio = value.endsWith('%') ? parseRatio(value) : undefined;
    if (atMs !== undefined) this.instant = { kind: 'at', atMs };
    else if (ratio !== undefined && ratio <= 1) this.instant = { kind: 'share', ratio };
    else this.problems.push(`at: "${shown(value)}" is neither an instant like 12s nor like 50%`);
  }

  #readTimes(value: string): void {
    const times = Number(value);
    if (/^\d{1,3}$/.test(value) && times >= 1 && times <= MAX_TIMES) this.times = times;
    else this.problems.push(`times: "${shown(value)}" is not a number from 1 to ${MAX_TIMES}`);
  }

  #readOwn(name: string, value: string): void {
    const known = this.#kind.arguments;
    const argument = Object.hasOwn(known, name) ? known[name] : undefined;
    if (argument === undefined) {
      const names = [...Object.keys(known), ...COMMON];
      const near = suggestion(name, names);
      this.problems.push(
        `${this.#kind.name} has no argument "${shown(name)}"${near}; known: ${names.join(', ')}`,
      );
      return;
    }
    const parsed = READERS[argument.kind](value);
    if (parsed === undefined) {
      this.problems.push(`${name}: "${shown(value)}" is not ${EXPECTED[argument.kind]}`);
    } else if (parsed < argument.min || parsed > argument.max) {
      const range = `from ${print(argument, argument.min)} to ${print(argument, argument.max)}`;
      this.problems.push(`${name}: "${shown(value)}" is out of range; allowed is ${range}`);
    } else {
      this.values[name] = parsed;
    }
  }
}

const READERS: Readonly<Record<ArgumentKind, (value: string) => number | undefined>> = {
  duration: parseDurationMs,
  'signed-duration': (value) => {
    const ms = parseDurationMs(value.replace(/^[+-]/, ''));
    return ms !== undefined && value.startsWith('-') ? -ms : ms;
  },
  share: parseRatio,
  factor: (value) => {
    const match = /^(\d+(?:\.\d+)?)x?$/.exec(value);
    return match === null ? undefined : Number(match[1]);
  },
};

const EXPECTED: Readonly<Record<ArgumentKind, string>> = {
  duration: 'a duration like 2s or 500ms',
  'signed-duration': 'a duration like +5s or -5s',
  share: 'a share like 20%',
  factor: 'a factor like 10x',
};

function print({ kind }: FaultArgument, value: number): string {
  if (kind === 'share') return formatRatio(value);
  if (kind === 'factor') return `${value}x`;
  const sign = kind === 'signed-duration' ? '+' : '';
  return value < 0 ? `-${formatDuration(-value)}` : `${sign}${formatDuration(value)}`;
}

/** What was typed, on one line and not too long. */
function shown(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}]/gu, '\uFFFD');
  return line.length > 40 ? `${line.slice(0, 40)}…` : line;
}
