/**
 * Searches everything that was stored for card numbers: those that the load paid with, wherever
 * they stand, and runs of digits that read like one. Only published test numbers are ever sent.
 */
import { type FileHandle, open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../../base/errors.ts';
import type { CardFinding, CardScan } from '../../contract/audit-probe.ts';

const CHUNK_BYTES = 1024 * 1024;
/** A number that two chunks share is found in the second one. */
const OVERLAP_BYTES = 1024;
const BYTES_MAX = 16 * 1024 ** 3;
const FILES_MAX = 100_000;
const FINDINGS_LISTED = 20;
/** Digits that belong together, written in one or in groups. */
const DIGITS = /\d(?:[ -]?\d){12,400}/g;
/** Beside these a run of digits is part of something longer: an id, a hash, a decimal. */
const PART_OF_MORE = /[A-Za-z0-9_.+/-]/;
/** First digits and lengths that the large schemes issue, and 999999, which is for trying out. */
const ISSUED =
  /^(?:4\d{15}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|6(?:011|5\d\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|999999\d{9,10})$/;

/** The check digit of ISO/IEC 7812: every second digit from the right counts double. */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

function masked(digits: string): string {
  return `${digits.slice(0, 6)}${'*'.repeat(Math.max(0, digits.length - 10))}${digits.slice(-4)}`;
}

interface Chunk {
  readonly place: string;
  readonly offset: number;
  readonly seen: number;
  readonly isLast: boolean;
}

class Scanner {
  readonly #sent: ReadonlySet<string>;
  readonly #lengths: readonly number[];
  readonly findings: CardFinding[] = [];
  files = 0;
  bytes = 0;
  found = 0;
  problem = '';

  constructor(sent: readonly string[]) {
    this.#sent = new Set(sent);
    this.#lengths = [...new Set(sent.map((number) => number.length))];
  }

  async folder(root: string, name: string): Promise<void> {
    const entries = await readdir(root, { withFileTypes: true }).catch((error: unknown) =>
      this.#failed(name, error),
    );
    for (const entry of entries ?? []) {
      const [place, child] = [`${name}/${entry.name}`, path.join(root, entry.name)];
      if (this.files >= FILES_MAX || this.bytes >= BYTES_MAX) {
        this.problem ||= `more than ${FILES_MAX} files or ${BYTES_MAX} bytes`;
        return;
      }
      // Links lead out of what was stored.
      if (entry.isDirectory()) await this.folder(child, place);
      else if (entry.isFile()) await this.#file(child, place);
    }
  }

  async #file(file: string, place: string): Promise<void> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(file, 'r');
      this.files++;
      await this.#read(handle, place);
    } catch (error) {
      this.#failed(place, error);
    } finally {
      await handle?.close();
    }
  }

  async #read(handle: FileHandle, place: string): Promise<void> {
    const buffer = Buffer.alloc(CHUNK_BYTES);
    let kept = 0;
    let offset = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, kept, CHUNK_BYTES - kept, offset + kept);
      this.bytes += bytesRead;
      const end = kept + bytesRead;
      const isLast = bytesRead === 0;
      this.#search(buffer.toString('latin1', 0, end), { place, offset, seen: kept, isLast });
      if (isLast) return;
      kept = Math.min(OVERLAP_BYTES, end);
      buffer.copy(buffer, 0, end - kept, end);
      offset += end - kept;
    }
  }

  /** `seen`: so many characters were searched with the chunk before. */
  #search(text: string, { place, offset, seen, isLast }: Chunk): void {
    for (const match of text.matchAll(DIGITS)) {
      const end = match.index + match[0].length;
      // Found with the chunk before, or cut off and found whole with the next one.
      if (end < seen || (end === text.length && !isLast)) continue;
      const digits = match[0].replace(/[ -]/g, '');
      const sent = this.#sentIn(digits);
      const kind = sent === '' ? 'shaped' : 'sent';
      if (sent === '' && !this.#isShaped(text, match[0], match.index, digits)) continue;
      this.found++;
      if (this.findings.length === FINDINGS_LISTED) continue;
      const offsetBytes = offset + match.index;
      this.findings.push({ place, kind, masked: masked(sent || digits), offsetBytes });
    }
  }

  #sentIn(digits: string): string {
    for (const length of this.#lengths) {
      for (let at = 0; at + length <= digits.length; at++) {
        const part = digits.slice(at, at + length);
        if (this.#sent.has(part)) return part;
      }
    }
    return '';
  }

  #isShaped(text: string, written: string, at: number, digits: string): boolean {
    if (!ISSUED.test(digits) || !passesLuhn(digits)) return false;
    const around = `${text[at - 1] ?? ''}${text[at + written.length] ?? ''}`;
    return !PART_OF_MORE.test(around);
  }

  /** A file that went away meanwhile holds nothing. */
  #failed(place: string, error: unknown): undefined {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') this.problem ||= `${place}: ${messageOf(error)}`;
    return undefined;
  }
}

/** `folders` by the name that findings give them. Never throws: what cannot be read is told. */
export async function scanForCards(
  folders: Readonly<Record<string, string>>,
  sent: readonly string[],
): Promise<CardScan> {
  const scanner = new Scanner(sent);
  for (const [name, root] of Object.entries(folders)) await scanner.folder(root, name);
  const { files, bytes, findings, found, problem } = scanner;
  return { numbersSent: sent.length, files, bytes, findings, found, problem };
}
