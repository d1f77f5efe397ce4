/** Finds the blocks of one history segment and says what is missing from it. */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { EcomsimError, messageOf } from '../base/errors.ts';
import { blockChecksum } from './history-block.ts';
import {
  BLOCK_BYTES,
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

/** Where an intact block stands in its file. */
export interface BlockPlace {
  readonly at: number;
  readonly bytes: number;
  readonly records: number;
  /** Index of its first record in the segment. */
  readonly first: number;
  readonly checksum: number;
  /** What `VisitBlock` said of it. */
  readonly contents: number;
}

export interface Segment {
  readonly startUs: number;
  readonly blocks: readonly BlockPlace[];
  readonly records: number;
  /** Records known to be missing; a segment that was never closed lacks at least one. */
  readonly lost: number;
}

/**
 * Sees every intact block once; the bytes are valid until it returns. `first` is the index of its
 * first record in the segment. The answer is kept with the place of the block.
 */
type VisitBlock = (bytes: Uint8Array, block: { records: number; first: number }) => number;

interface BlockHead {
  kind: number;
  records: number;
  bytes: number;
}

export function invalidHistory(path: string, problem: string, cause?: unknown): EcomsimError {
  return new EcomsimError('INVALID_HISTORY', `${path} is not a usable history: ${problem}`, {
    cause,
  });
}

/** Fills `bytes` from the file; false when it ends before. */
function fillFrom(fd: number, at: number, bytes: Uint8Array): boolean {
  let filled = 0;
  while (filled < bytes.length) {
    const got = readSync(fd, bytes, filled, bytes.length - filled, at + filled);
    if (got === 0) return false;
    filled += got;
  }
  return true;
}

/** Reads exactly `length` bytes, or undefined when the file ends before. */
function readExactly(fd: number, at: number, length: number): Uint8Array | undefined {
  const bytes = new Uint8Array(length);
  return fillFrom(fd, at, bytes) ? bytes : undefined;
}

/** Reads a block again; false when it is not the one that was found there. */
export function readPlacedBlock(fd: number, place: BlockPlace, into: Uint8Array): boolean {
  return fillFrom(fd, place.at, into) && isIntact(into) && checksumOf(into) === place.checksum;
}

function parseFileHeader(path: string, header: Uint8Array): number {
  const words = new Uint32Array(header.buffer, 0, 4);
  if (words[0] !== FILE_MAGIC) throw invalidHistory(path, 'it does not begin like one');
  if (words[2] !== BYTE_ORDER_MARK)
    throw invalidHistory(path, 'it has the byte order of another machine');
  if (words[1] !== FORMAT_VERSION) {
    throw invalidHistory(path, `format version ${words[1]}, this ecomsim reads ${FORMAT_VERSION}`);
  }
  if (words[3] !== RECORD_BYTES) throw invalidHistory(path, `records of ${words[3]} bytes`);
  const startUs = new Float64Array(header.buffer, 16, 1)[0] ?? Number.NaN;
  if (!Number.isFinite(startUs)) throw invalidHistory(path, 'its start is not an instant');
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

function checksumOf(bytes: Uint8Array): number {
  return new Uint32Array(bytes.buffer, 0, BLOCK_HEADER_BYTES / 4)[CHECKSUM_WORD] ?? 0;
}

function isIntact(bytes: Uint8Array): boolean {
  return checksumOf(bytes) === blockChecksum(bytes);
}

interface Footer {
  readonly records: number;
  readonly lost: number;
}

function parseFooter(path: string, bytes: Uint8Array): Footer {
  const [records = -1, lost = -1] = new Float64Array(bytes.buffer, BLOCK_HEADER_BYTES, 2);
  if (!Number.isSafeInteger(records) || records < 0 || !Number.isSafeInteger(lost) || lost < 0) {
    throw invalidHistory(path, 'its closing counts are not numbers');
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

function readBlocks(
  source: { readonly path: string; readonly fd: number; readonly size: number },
  visit: VisitBlock,
): Omit<Segment, 'startUs'> {
  const { path, fd, size } = source;
  const blocks: BlockPlace[] = [];
  const buffer = new Uint8Array(BLOCK_BYTES + 8);
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
    const bytes = buffer.subarray(0, head.bytes);
    const isWhole = at + head.bytes <= size && fillFrom(fd, at, bytes) && isIntact(bytes);
    if (!isWhole) skipped += Math.max(1, head.records);
    else if (head.kind === BLOCK_KIND.footer) footer = parseFooter(path, bytes);
    else {
      const { records } = head;
      const contents = visit(bytes, { records, first: read });
      const checksum = checksumOf(bytes);
      blocks.push({ at, bytes: head.bytes, records, first: read, checksum, contents });
      read += records;
    }
    at += head.bytes;
  }
  footer ??= footerAtEnd(path, fd, size);
  return { blocks, records: read, lost: countLost(read, skipped, footer) };
}

function openRegularFile(path: string): number {
  try {
    // Asked before opening: to open a named pipe would wait for ever.
    if (!statSync(path).isFile()) throw invalidHistory(path, 'it is not a regular file');
    return openSync(path, 'r');
  } catch (error) {
    if (error instanceof EcomsimError) throw error;
    throw invalidHistory(path, messageOf(error), error);
  }
}

/**
 * Throws INVALID_HISTORY when the file is missing or is not a history at all. What `visit` throws
 * passes through.
 */
export function readSegment(
  path: string,
  maxBytes: number,
  visit: VisitBlock,
): Segment & { readonly size: number } {
  const fd = openRegularFile(path);
  try {
    const stat = fstatSync(fd);
    if (stat.size > maxBytes)
      throw invalidHistory(path, `${stat.size} bytes are more than ${maxBytes}`);
    const header = readExactly(fd, 0, FILE_HEADER_BYTES);
    // A worker killed before its first write leaves an empty or half-written header.
    if (header === undefined) {
      if (stat.size > 0) throw invalidHistory(path, 'it ends within its header');
      return { startUs: Number.NaN, blocks: [], records: 0, lost: 1, size: 0 };
    }
    const startUs = parseFileHeader(path, header);
    const { size } = stat;
    return { startUs, ...readBlocks({ path, fd, size }, visit), size };
  } catch (error) {
    if (error instanceof EcomsimError) throw error;
    throw invalidHistory(path, messageOf(error), error);
  } finally {
    closeSync(fd);
  }
}
