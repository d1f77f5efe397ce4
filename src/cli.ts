// Entry of the command line. Placeholder until the commands land: it only knows its version.
import { readFileSync } from 'node:fs';

const manifest: unknown = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);
const version = (manifest as { version: string }).version;
process.stdout.write(`${version}\n`);
