// The documents name what the code knows: every warning, every exit code, every part of a result.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { WARNING_CODES } from '../../../src/analysis/warnings.ts';
import { EXIT_MEANING } from '../../../src/base/exit-codes.ts';
import { SAMPLES } from '../../support/sample-results.ts';

const page = (name: string): string =>
  readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');

test('every warning is explained, and no other', () => {
  const explained = [...page('reading-a-report.md').matchAll(/^\| `([a-z-]+)` \|/gm)];
  expect(explained.map(([, code]) => code)).toEqual(WARNING_CODES);
});

test('every exit code is in the table', () => {
  const listed = [...page('exit-codes.md').matchAll(/^\| (\d+) \|/gm)];
  expect(listed.map(([, code]) => Number(code))).toEqual(Object.keys(EXIT_MEANING).map(Number));
});

test('every part of a result is described', () => {
  const text = page('result-format.md');
  const result = SAMPLES.pass();
  for (const key of Object.keys(result)) expect(text).toContain(`\`${key}`);
  for (const key of Object.keys(result.business)) expect(text).toContain(key);
});
