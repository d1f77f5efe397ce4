/** The version of this package, wherever it was built to. */
import { readFileSync } from 'node:fs';

/** Folders between a compiled file and package.json; bounds the search. */
const MAX_LEVELS = 6;

/** Reads the nearest package.json named `ecomsim` above this file; `0.0.0` when there is none. */
export function toolVersion(): string {
  let folder = new URL('.', import.meta.url);
  for (let level = 0; level < MAX_LEVELS; level++) {
    const manifest = readManifest(new URL('package.json', folder));
    if (manifest?.name === 'ecomsim' && typeof manifest.version === 'string') {
      return manifest.version;
    }
    folder = new URL('..', folder);
  }
  return '0.0.0';
}

function readManifest(url: URL): { name?: unknown; version?: unknown } | undefined {
  try {
    return JSON.parse(readFileSync(url, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
