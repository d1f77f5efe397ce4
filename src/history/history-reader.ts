/**
 * Opens history segments as one history. Only the places of the blocks stay in memory: each visit
 * reads the files again, one block at a time, so that a history may be larger than the memory.
 */
import { closeSync, openSync } from 'node:fs';
import { assert } from '../base/assert.ts';
import { messageOf } from '../base/errors.ts';
import type { History, HistoryInterest, OperationRecord } from '../contract/history.ts';
import { emptyRecord, operationBits, RecordDecoder } from './record-decoder.ts';
import { type BlockPlace, invalidHistory, readPlacedBlock, readSegment } from './segment-reader.ts';

export interface OpenHistoryOptions {
  /** Limit of all segments together. Default 64 GiB. */
  readonly maxBytes?: number;
}

export interface OpenedHistory extends History {
  /** Host-wide µs of instant 0: the start that the first readable segment states; NaN if none. */
  readonly startUs: number;
  readonly segments: number;
}

const DEFAULT_MAX_BYTES = 64 * 1024 ** 3;

interface PlacedSegment {
  readonly path: string;
  readonly blocks: readonly BlockPlace[];
  /** Index of its first record in the whole history. */
  readonly first: number;
  readonly records: number;
  /** Added to its instants: it may have another start than the history. */
  readonly shiftUs: number;
}

/** Hands the opened file of a segment to `task`; what fails is a history that cannot be used. */
function withSegment<T>(path: string, task: (fd: number) => T): T {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    throw invalidHistory(path, messageOf(error), error);
  }
  try {
    return task(fd);
  } finally {
    closeSync(fd);
  }
}

/** One block as last read, ready to be decoded. */
class BlockWindow {
  readonly decoder = new RecordDecoder();
  #bytes = new Uint8Array(0);
  #place: BlockPlace | undefined;

  /** Throws INVALID_HISTORY when the file is no longer what it was when it was opened. */
  show(segment: PlacedSegment, place: BlockPlace, fd: number): void {
    if (this.#place === place) return;
    this.#place = undefined;
    if (this.#bytes.length < place.bytes) this.#bytes = new Uint8Array(place.bytes);
    const bytes = this.#bytes.subarray(0, place.bytes);
    if (!isStillThere(segment, place, fd, bytes)) {
      throw invalidHistory(segment.path, 'it has changed since it was opened');
    }
    this.decoder.open({ bytes, records: place.records, shiftUs: segment.shiftUs });
    this.#place = place;
  }

  isAt(place: BlockPlace): boolean {
    return this.#place === place;
  }
}

function isStillThere(
  { path }: PlacedSegment,
  place: BlockPlace,
  fd: number,
  into: Uint8Array,
): boolean {
  try {
    return readPlacedBlock(fd, place, into);
  } catch (error) {
    throw invalidHistory(path, messageOf(error), error);
  }
}

class SegmentedHistory implements OpenedHistory {
  readonly startUs: number;
  readonly segments: number;
  readonly records: number;
  readonly lost: number;
  readonly #segments: readonly PlacedSegment[];
  /** For `at`: a visitor may call it, which must not move what `forEach` decodes. */
  readonly #single = new BlockWindow();

  constructor(content: {
    placed: readonly PlacedSegment[];
    startUs: number;
    records: number;
    lost: number;
  }) {
    this.#segments = content.placed;
    this.startUs = content.startUs;
    this.segments = content.placed.length;
    this.lost = content.lost;
    this.records = content.records;
  }

  forEach(
    visit: (record: OperationRecord, index: number) => void,
    interest?: HistoryInterest,
  ): void {
    const window = new BlockWindow();
    const { decoder } = window;
    decoder.select(interest);
    const record = emptyRecord();
    const wanted = operationBits(interest);
    for (const segment of this.#segments) {
      if (segment.records === 0) continue;
      withSegment(segment.path, (fd) => {
        for (const place of segment.blocks) {
          if ((place.contents & wanted) === 0) continue;
          window.show(segment, place, fd);
          for (let i = 0; i < place.records; i++) {
            if (decoder.decode(i, record)) visit(record, segment.first + place.first + i);
          }
        }
      });
    }
  }

  at(index: number): OperationRecord {
    assert(Number.isInteger(index) && index >= 0 && index < this.records, 'no such record');
    const segment = lastBegun(this.#segments, index);
    const place = lastBegun(segment.blocks, index - segment.first);
    const window = this.#single;
    if (!window.isAt(place)) {
      withSegment(segment.path, (fd) => window.show(segment, place, fd));
    }
    const record = emptyRecord();
    window.decoder.decode(index - segment.first - place.first, record);
    return record;
  }
}

/** Of parts in order, the last one whose first record is not after `index`, skipping empty ones. */
function lastBegun<T extends { readonly first: number }>(parts: readonly T[], index: number): T {
  let low = 0;
  let high = parts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((parts[middle]?.first ?? 0) <= index) low = middle;
    else high = middle - 1;
  }
  const part = parts[low];
  assert(part !== undefined, 'a history with records has blocks');
  return part;
}

/** Refuses impossible values: what is visited later needs no more checks. */
class RecordChecker {
  readonly #decoder = new RecordDecoder();

  /** Returns which operations there are, one bit each. */
  check(path: string, bytes: Uint8Array, records: number, first: number): number {
    this.#decoder.open({ bytes, records, shiftUs: 0 });
    let operations = 0;
    for (let i = 0; i < records; i++) {
      const problem = this.#decoder.problemOf(i);
      if (problem !== '') throw invalidHistory(path, `record ${first + i} has ${problem}`);
      operations |= this.#decoder.operationBit(i);
    }
    return operations;
  }
}

/**
 * Checks the segments of one run. Torn or damaged blocks are counted in `lost`; a file that is
 * missing, is no history or holds impossible values throws INVALID_HISTORY, and so does a later
 * visit when a file has changed meanwhile (growing is no change).
 */
export function openHistory(
  paths: readonly string[],
  options: OpenHistoryOptions = {},
): OpenedHistory {
  const placed: PlacedSegment[] = [];
  const checker = new RecordChecker();
  let startUs = Number.NaN;
  let bytesLeft = options.maxBytes ?? DEFAULT_MAX_BYTES;
  let records = 0;
  let lost = 0;
  for (const path of paths) {
    const first = records;
    const segment = readSegment(path, bytesLeft, (bytes, { records: count, first: at }) =>
      checker.check(path, bytes, count, first + at),
    );
    bytesLeft -= segment.size;
    lost += segment.lost;
    records += segment.records;
    if (Number.isNaN(startUs)) startUs = segment.startUs;
    const shiftUs = Number.isNaN(segment.startUs) ? 0 : Math.round(segment.startUs - startUs);
    placed.push({ path, blocks: segment.blocks, first, records: segment.records, shiftUs });
  }
  return new SegmentedHistory({ placed, startUs, records, lost });
}
