/** Appends recorded attempts to a history segment on the hot path and spills them block by block. */
import type { Clock } from '../base/clock.ts';
import type { Call } from '../contract/call.ts';
import type { HistoryWriter } from '../contract/history.ts';
import { AppendFile } from './append-file.ts';
import { HistoryBlock, sealBlock } from './history-block.ts';
import {
  BLOCK_HEADER_BYTES,
  BLOCK_KIND,
  BYTE_ORDER_MARK,
  FILE_HEADER_BYTES,
  FILE_MAGIC,
  FOOTER_BYTES,
  FORMAT_VERSION,
  RECORD_BYTES,
} from './history-format.ts';

export interface HistoryWriterOptions {
  readonly path: string;
  /** Host-wide µs that become instant 0 of the records. */
  readonly startUs: number;
  readonly clock: Clock;
  /** Size limit of the segment; what exceeds it is counted as lost. Default 8 GiB. */
  readonly maxBytes?: number;
}

/** A half-filled block is written after this long: what a killed worker can lose. */
const SPILL_EVERY_MS = 500;
/** Blocks in memory (about 100 kB each); with all of them on their way, records are lost. */
const BLOCKS_MAX = 48;
const DEFAULT_MAX_BYTES = 8 * 1024 ** 3;

function fileHeader(startUs: number): Uint8Array {
  const buffer = new ArrayBuffer(FILE_HEADER_BYTES);
  const words = new Uint32Array(buffer);
  words[0] = FILE_MAGIC;
  words[1] = FORMAT_VERSION;
  words[2] = BYTE_ORDER_MARK;
  words[3] = RECORD_BYTES;
  new Float64Array(buffer)[2] = startUs;
  return new Uint8Array(buffer);
}

/** Tells the reader that the segment is whole, and how much the writer itself had to drop. */
function footerBlock(records: number, lost: number, sequence: number): Uint8Array {
  const bytes = new Uint8Array(FOOTER_BYTES);
  const numbers = new Float64Array(bytes.buffer, BLOCK_HEADER_BYTES, 2);
  numbers[0] = records;
  numbers[1] = lost;
  sealBlock(bytes, {
    kind: BLOCK_KIND.footer,
    records: 0,
    textBytes: FOOTER_BYTES - BLOCK_HEADER_BYTES,
    sequence,
  });
  return bytes;
}

class SegmentWriter implements HistoryWriter {
  readonly #file: AppendFile;
  readonly #startUs: number;
  readonly #free: HistoryBlock[] = [];
  readonly #stopSpilling: () => void;
  #bytesLeft: number;
  #blocks = 1;
  #current: HistoryBlock | undefined = new HistoryBlock();
  #sequence = 0;
  #records = 0;
  #lost = 0;
  #closed: Promise<{ readonly records: number; readonly lost: number }> | undefined;

  constructor(options: HistoryWriterOptions) {
    this.#startUs = options.startUs;
    this.#file = new AppendFile(options.path);
    this.#bytesLeft = options.maxBytes ?? DEFAULT_MAX_BYTES;
    this.#file.append({ bytes: fileHeader(options.startUs), done: () => {} });
    const timer = options.clock.every(SPILL_EVERY_MS, () => this.#spill());
    this.#stopSpilling = () => options.clock.cancel(timer);
  }

  append(call: Call, journey: number, population: number): void {
    const block = this.#current ?? this.#takeBlock();
    if (block === undefined || this.#closed !== undefined) {
      this.#lost++;
      return;
    }
    block.append(call, journey, population, this.#startUs);
    if (block.full) this.#spill();
  }

  async flush(): Promise<void> {
    this.#spill();
    await this.#file.idle();
  }

  close(): Promise<{ readonly records: number; readonly lost: number }> {
    this.#closed ??= this.#finish();
    return this.#closed;
  }

  async #finish(): Promise<{ readonly records: number; readonly lost: number }> {
    this.#stopSpilling();
    this.#spill();
    await this.#file.idle();
    const footer = footerBlock(this.#records, this.#lost, this.#sequence);
    this.#file.append({ bytes: footer, done: () => {} });
    await this.#file.close();
    return { records: this.#records, lost: this.#lost };
  }

  /** A free block, or undefined when memory is used up or the disk has failed. */
  #takeBlock(): HistoryBlock | undefined {
    if (this.#file.problem !== '' || this.#bytesLeft <= 0) return undefined;
    const free = this.#free.pop();
    if (free !== undefined) {
      this.#current = free;
    } else if (this.#blocks < BLOCKS_MAX) {
      this.#blocks++;
      this.#current = new HistoryBlock();
    }
    return this.#current;
  }

  #spill(): void {
    const block = this.#current;
    if (block === undefined || block.records === 0) return;
    this.#current = undefined;
    const { records } = block;
    const done = (written: boolean): void => {
      if (written) this.#records += records;
      else this.#lost += records;
      block.clear();
      this.#free.push(block);
    };
    const bytes = block.seal(BLOCK_KIND.records, this.#sequence);
    this.#bytesLeft -= bytes.length;
    if (this.#bytesLeft >= 0 && this.#file.append({ bytes, done })) this.#sequence++;
    else done(false);
  }
}

/**
 * Creates the segment file. Throws OUTPUT_NOT_WRITABLE when that fails; afterwards a failing disk
 * only makes `lost` grow.
 */
export function createHistoryWriter(options: HistoryWriterOptions): HistoryWriter {
  return new SegmentWriter(options);
}
