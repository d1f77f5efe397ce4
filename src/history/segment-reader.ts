/** Reads the blocks of one history segment and says what is missing from it. */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { EcomsimError, messageOf } from '../base/errors.ts';
import { blockChecksum } from './history-block.ts';
import {
  BLOCK_HEADER_BYTES,
  BLOCK_KIND,
  BLOCK_MAGIC,
  BLOCK_RECORDS,
  BLOCK_TEXT_BYTES,
  BYTE_ORDER_MARK,
  CHECKSUM_WORD,
  FILE_HEADER_BYTES,
  FILE_MAGIC,
  FOOTER_BYTES,
  FORMAT_VERSION,
  RECORD_BYTES,
} from './history-format.ts';

export interface Segment {
  readonly startUs: number;
  readonly blocks: readonly { readonly bytes: Uint8Array; readonly records: number }[];
  /** Records known to be missing; a segment that was never closed lacks at least one. */
  readonly lost: number;
}

interface BlockHead {
  kind: number;
  records: number;
  bytes: number;
}

function invalid(path: string, problem: string, cause?: unknown): EcomsimError {
  return new EcomsimError('INVALID_HISTORY', `${path} is not a usable history: ${problem}`, {
    cause,
  });
}

/** Reads exactly `length` bytes, or undefined when the file ends before. */
function readExactly(fd: number, at: number, length: number): Uint8Array | undefined {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const got = readSync(fd, bytes, filled, length - filled, at + filled);
    if (got === 0) return undefined;
    filled += got;
  }
  return bytes;
}

function parseFileHeader(path: string, header: Uint8Array): number {
  const words = new Uint32Array(header.buffer, 0, 4);
  if (words[0] !== FILE_MAGIC) throw invalid(path, 'it does not begin like one');
  if (words[2] !== BYTE_ORDER_MARK) throw invalid(path, 'it has the byte order of another machine');
  if (words[1] !== FORMAT_VERSION) {
    throw invalid(path, `format version ${words[1]}, this ecomsim reads ${FORMAT_VERSION}`);
  }
  if (words[3] !== RECORD_BYTES) throw invalid(path, `records of ${words[3]} bytes`);
  const startUs = new Float64Array(header.buffer, 16, 1)[0] ?? Number.NaN;
  if (!Number.isFinite(startUs)) throw invalid(path, 'its start is not an instant');
  return startUs;
}

/** The header of a block, or undefined when these bytes cannot be one. */
function parseBlockHead(header: Uint8Array): BlockHead | undefined {
  const words = new Uint32Array(header.buffer, 0, BLOCK_HEADER_BYTES / 4);
  const [magic, kind = 0, records = 0, textBytes = 0] = words;
  if (magic !== BLOCK_MAGIC) return undefined;
  if (kind !== BLOCK_KIND.records && kind !== BLOCK_KIND.footer) return undefined;
  if (records > BLOCK_RECORDS || textBytes > BLOCK_TEXT_BYTES + 8 || textBytes % 8 !== 0) {
    return undefined;
  }
  return { kind, records, bytes: BLOCK_HEADER_BYTES + records * RECORD_BYTES + textBytes };
}

function isIntact(bytes: Uint8Array): boolean {
  return new Uint32Array(bytes.buffer)[CHECKSUM_WORD] === blockChecksum(bytes);
}

interface Footer {
  readonly records: number;
  readonly lost: number;
}

function parseFooter(path: string, bytes: Uint8Array): Footer {
  const [records = -1, lost = -1] = new Float64Array(bytes.buffer, BLOCK_HEADER_BYTES, 2);
  if (!Number.isSafeInteger(records) || records < 0 || !Number.isSafeInteger(lost) || lost < 0) {
    throw invalid(path, 'its closing counts are not numbers');
  }
  return { records, lost };
}

/** The footer where it belongs, when damage has hidden the way to it. */
function footerAtEnd(path: string, fd: number, size: number): Footer | undefined {
  const bytes = readExactly(fd, Math.max(0, size - FOOTER_BYTES), FOOTER_BYTES);
  if (bytes === undefined) return undefined;
  const head = parseBlockHead(bytes);
  if (head?.kind !== BLOCK_KIND.footer || head.bytes !== FOOTER_BYTES) return undefined;
  return isIntact(bytes) ? parseFooter(path, bytes) : undefined;
}

/** How many records the reader could not get back. */
function countLost(read: number, skipped: number, footer: Footer | undefined): number {
  if (footer === undefined) return Math.max(1, skipped);
  return footer.lost + Math.max(0, footer.records - read);
}

function readBlocks(path: string, fd: number, size: number): Omit<Segment, 'startUs'> {
  const blocks: { bytes: Uint8Array; records: number }[] = [];
  let read = 0;
  let skipped = 0;
  let footer: Footer | undefined;
  let at = FILE_HEADER_BYTES;
  while (at < size && footer === undefined) {
    const header = readExactly(fd, at, Math.min(BLOCK_HEADER_BYTES, size - at));
    if (header === undefined || header.length < BLOCK_HEADER_BYTES) break;
    const head = parseBlockHead(header);
    // Without a believable length the next block cannot be found: what follows is lost.
    if (head === undefined) break;
    if (head.kind === BLOCK_KIND.footer && head.bytes !== FOOTER_BYTES) break;
    const bytes = at + head.bytes <= size ? readExactly(fd, at, head.bytes) : undefined;
    if (bytes === undefined || !isIntact(bytes)) skipped += Math.max(1, head.records);
    else if (head.kind === BLOCK_KIND.footer) footer = parseFooter(path, bytes);
    else {
      blocks.push({ bytes, records: head.records });
      read += head.records;
    }
    at += head.bytes;
  }
  footer ??= footerAtEnd(path, fd, size);
  return { blocks, lost: countLost(read, skipped, footer) };
}

function openRegularFile(path: string): number {
  try {
    // Asked before opening: to open a named pipe would wait for ever.
    if (!statSync(path).isFile()) throw invalid(path, 'it is not a regular file');
    return openSync(path, 'r');
  } catch (error) {
    if (error instanceof EcomsimError) throw error;
    throw invalid(path, messageOf(error), error);
  }
}

/** Throws INVALID_HISTORY when the file is missing or is not a history at all. */
export function readSegment(path: string, maxBytes: number): Segment & { readonly size: number } {
  const fd = openRegularFile(path);
  try {
    const stat = fstatSync(fd);
    if (stat.size > maxBytes) throw invalid(path, `${stat.size} bytes are more than ${maxBytes}`);
    const header = readExactly(fd, 0, FILE_HEADER_BYTES);
    // A worker killed before its first write leaves an empty or half-written header.
    if (header === undefined) {
      if (stat.size > 0) throw invalid(path, 'it ends within its header');
      return { startUs: Number.NaN, blocks: [], lost: 1, size: 0 };
    }
    const startUs = parseFileHeader(path, header);
    return { startUs, ...readBlocks(path, fd, stat.size), size: stat.size };
  } catch (error) {
    if (error instanceof EcomsimError) throw error;
    throw invalid(path, messageOf(error), error);
  } finally {
    closeSync(fd);
  }
}
