/** Opens history segments as one history: blocks stay packed in memory, text is decoded on sight. */
import { assert } from '../base/assert.ts';
import { EcomsimError } from '../base/errors.ts';
import type { History, OperationRecord } from '../contract/history.ts';
import { emptyRecord, RecordDecoder, type StoredBlock } from './record-decoder.ts';
import { readSegment } from './segment-reader.ts';

export interface OpenHistoryOptions {
  /** Limit of all segments together; the packed blocks are held in memory. Default 4 GiB. */
  readonly maxBytes?: number;
}

export interface OpenedHistory extends History {
  /** Host-wide µs of instant 0: the start that the first readable segment states; NaN if none. */
  readonly startUs: number;
  readonly segments: number;
}

const DEFAULT_MAX_BYTES = 4 * 1024 ** 3;

class SegmentedHistory implements OpenedHistory {
  readonly startUs: number;
  readonly segments: number;
  readonly records: number;
  readonly lost: number;
  readonly #blocks: readonly StoredBlock[];
  readonly #decoder = new RecordDecoder();

  constructor(content: {
    blocks: readonly StoredBlock[];
    startUs: number;
    segments: number;
    lost: number;
  }) {
    this.#blocks = content.blocks;
    this.startUs = content.startUs;
    this.segments = content.segments;
    this.lost = content.lost;
    this.records = content.blocks.reduce((sum, block) => sum + block.records, 0);
  }

  forEach(visit: (record: OperationRecord, index: number) => void): void {
    const record = emptyRecord();
    for (const block of this.#blocks) {
      for (let i = 0; i < block.records; i++) {
        // Inside the loop: a visitor may call `at`, which moves the decoder.
        this.#decoder.open(block);
        this.#decoder.decode(i, record);
        visit(record, block.first + i);
      }
    }
  }

  at(index: number): OperationRecord {
    assert(Number.isInteger(index) && index >= 0 && index < this.records, 'no such record');
    let low = 0;
    let high = this.#blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#blocks[middle]?.first ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    const block = this.#blocks[low];
    assert(block !== undefined, 'a history with records has blocks');
    const record = emptyRecord();
    this.#decoder.open(block);
    this.#decoder.decode(index - block.first, record);
    return record;
  }
}

function checkRecords(path: string, block: StoredBlock, decoder: RecordDecoder): void {
  decoder.open(block);
  for (let i = 0; i < block.records; i++) {
    const problem = decoder.problemOf(i);
    if (problem !== '') {
      throw new EcomsimError(
        'INVALID_HISTORY',
        `${path} is not a usable history: record ${block.first + i} has ${problem}`,
      );
    }
  }
}

/**
 * Reads and checks the segments of one run. Torn or damaged blocks are counted in `lost`; a file
 * that is missing, is no history or holds impossible values throws INVALID_HISTORY.
 */
export function openHistory(
  paths: readonly string[],
  options: OpenHistoryOptions = {},
): OpenedHistory {
  const blocks: StoredBlock[] = [];
  const decoder = new RecordDecoder();
  let startUs = Number.NaN;
  let bytesLeft = options.maxBytes ?? DEFAULT_MAX_BYTES;
  let records = 0;
  let lost = 0;
  for (const path of paths) {
    const segment = readSegment(path, bytesLeft);
    bytesLeft -= segment.size;
    lost += segment.lost;
    if (Number.isNaN(startUs)) startUs = segment.startUs;
    const shiftUs = Number.isNaN(segment.startUs) ? 0 : Math.round(segment.startUs - startUs);
    for (const { bytes, records: count } of segment.blocks) {
      const block = { bytes, records: count, first: records, shiftUs };
      checkRecords(path, block, decoder);
      blocks.push(block);
      records += count;
    }
  }
  return new SegmentedHistory({ blocks, startUs, segments: paths.length, lost });
}
