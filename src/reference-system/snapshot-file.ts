/** A small read model kept as one JSON file that is replaced as a whole, never half-written. */
import fs from 'node:fs';

/** Undefined when there is no such file. Throws when it is not JSON: it is only written whole. */
export function readSnapshot(file: string): unknown {
  if (!fs.existsSync(file)) return undefined;
  return JSON.parse(fs.readFileSync(file, 'utf8'));
}

/** On disk (synced) when it returns. */
export function writeSnapshot(file: string, value: unknown): void {
  const next = `${file}.next`;
  const handle = fs.openSync(next, 'w', 0o600);
  try {
    fs.writeFileSync(handle, JSON.stringify(value));
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
  fs.renameSync(next, file);
}
