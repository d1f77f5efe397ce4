/**
 * The counter cache: units per SKU in memory and, beside the database, in a file that is written at
 * once but never synced. Like a cache server it outlives the shop's death, not that of the host, and
 * shares no transaction with the database. Open as long as the process lives.
 */
import fs from 'node:fs';
import path from 'node:path';

/** Room for any safe integer, so that a number can be replaced where it stands. */
const DIGITS = 17;

export class CounterFile {
  readonly #descriptor: number;
  readonly #values = new Map<string, number>();
  readonly #positions = new Map<string, number>();
  #size = 0;

  constructor(dataDir: string) {
    const file = path.join(dataDir, 'counters.txt');
    const text = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
    this.#descriptor = fs.openSync(file, text === '' ? 'w' : 'r+');
    this.#read(text);
  }

  get(sku: string): number | undefined {
    return this.#values.get(sku);
  }

  set(sku: string, units: number): void {
    this.#values.set(sku, units);
    const digits = String(units).padStart(DIGITS);
    const position = this.#positions.get(sku);
    if (position !== undefined) {
      fs.writeSync(this.#descriptor, digits, position);
      return;
    }
    const line = `${digits} ${JSON.stringify(sku)}\n`;
    fs.writeSync(this.#descriptor, line, this.#size);
    this.#positions.set(sku, this.#size);
    this.#size += Buffer.byteLength(line);
  }

  /** As a cache server that was started anew. */
  clear(): void {
    fs.ftruncateSync(this.#descriptor);
    this.#values.clear();
    this.#positions.clear();
    this.#size = 0;
  }

  /** A line that was cut off by a death of the host is left out, and written over. */
  #read(text: string): void {
    for (const line of text.split('\n').slice(0, -1)) {
      const units = Number(line.slice(0, DIGITS));
      const sku = skuIn(line.slice(DIGITS + 1));
      if (sku === undefined || !Number.isSafeInteger(units)) return;
      this.#values.set(sku, units);
      this.#positions.set(sku, this.#size);
      this.#size += Buffer.byteLength(line) + 1;
    }
  }
}

function skuIn(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : undefined;
  } catch {
    // A torn line has no SKU; the next reconciliation writes it anew.
    return undefined;
  }
}
