// Holds the tree to the house rules of test/tidy-rules.ts, after proving that each rule bites.
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type SourceFile, TIDY_RULES } from './tidy-rules.ts';

const ROOT = path.dirname(import.meta.dirname);
/** Hidden folders but the project's own, what is installed, built or measured. */
const NOT_OURS =
  /^(\.(?!ci(\/|$))[^/]+\/.*|\.git|node_modules|dist|reports\/(?!README\.md$|sample(\/|$)).*)$/;
const TEXT_FILE = /(^|\/)[^/.]+$|\.(ts|mjs|js|json|md|ya?ml|html|css|txt|csv|xml|ndjson|sh|svg)$/;
const MAX_BYTES = 4_000_000;

function sourceFiles(folder = ''): SourceFile[] {
  return fs.readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = path.posix.join(folder, entry.name);
    if (NOT_OURS.test(file)) return [];
    if (entry.isDirectory()) return sourceFiles(file);
    const place = path.join(ROOT, file);
    if (!entry.isFile() || !TEXT_FILE.test(file) || fs.statSync(place).size > MAX_BYTES) return [];
    return [{ file, text: fs.readFileSync(place, 'utf8') }];
  });
}

describe('each rule bites', () => {
  test.each(TIDY_RULES)('$name', ({ appliesTo, problems, bad, good }) => {
    expect(appliesTo(bad.file) && appliesTo(good.file)).toBe(true);
    expect(problems(bad)).not.toEqual([]);
    expect(problems(good)).toEqual([]);
  });
});

describe('the tree keeps', () => {
  const files = sourceFiles();

  test('a tree worth checking', () => {
    expect(files.map(({ file }) => file)).toEqual(
      expect.arrayContaining(['package.json', 'ecomsim', 'src/cli.ts', 'test/tidy.test.ts']),
    );
  });

  test.each(TIDY_RULES)('$name', ({ appliesTo, problems }) => {
    const found = files
      .filter(({ file }) => appliesTo(file))
      .flatMap((source) => problems(source).map((problem) => `${source.file}: ${problem}`));
    expect(found).toEqual([]);
  });
});
