// What every reporter promises: it renders any result, fits, and passes on nothing dangerous.
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { RunResult } from '../../src/contract/run-result.ts';
import { reporterNames, resolveReporter } from '../../src/reporters/registry.ts';
import { displayWidth } from '../../src/reporters/text-width.ts';
import { SAMPLE_NAMES, SAMPLES, type SampleName } from '../support/sample-results.ts';

const WIDTHS = [20, 33, 40, 56, 80, 120, 250];
/** Formats for files have no width. */
const FOR_A_SCREEN: readonly string[] = ['terminal'];

async function render(
  reporter: string,
  result: RunResult,
  options = { columns: 80, color: false },
): Promise<string> {
  const output = await resolveReporter(reporter)
    .load(options)
    .then((loaded) => loaded.render(result));
  return typeof output === 'string' ? output : new TextDecoder().decode(output);
}

const CASES = reporterNames.flatMap((reporter) =>
  SAMPLE_NAMES.map((sample): [string, SampleName] => [reporter, sample]),
);

describe.each(CASES)('%s of "%s"', (reporter, sample) => {
  test('renders the same text every time and leaves the result as it was', async () => {
    const result = SAMPLES[sample]();
    const before = structuredClone(result);
    const first = await render(reporter, result);
    expect(first.length).toBeGreaterThan(100);
    expect(first.endsWith('\n')).toBe(true);
    expect(await render(reporter, result)).toBe(first);
    expect(result).toEqual(before);
  });

  test('prints no undefined, NaN or unnamed object', async () => {
    const text = await render(reporter, SAMPLES[sample]());
    expect(text).not.toMatch(/\bundefined\b|\bNaN\b|\[object|Infinity/);
  });

  test('lets no control or direction character through', async () => {
    const text = await render(reporter, SAMPLES[sample]());
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is sought
    const control = /[\u0000-\u0009\u000b-\u001f\u007f]/;
    expect(text).not.toMatch(control);
    if (FOR_A_SCREEN.includes(reporter)) {
      expect(text).not.toMatch(/[\u0080-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/);
    }
  });
});

const SCREEN_CASES = FOR_A_SCREEN.flatMap((reporter) =>
  SAMPLE_NAMES.flatMap((sample) =>
    WIDTHS.map((columns): [string, SampleName, number] => [reporter, sample, columns]),
  ),
);

test.each(SCREEN_CASES)(
  '%s of "%s" fits in %i columns, with and without colour',
  async (...args) => {
    const [reporter, sample, columns] = args;
    const plain = await render(reporter, SAMPLES[sample](), { columns, color: false });
    const lines = plain.trimEnd().split('\n');
    // The reason stands on one line however long, for scripts that read the last line.
    expect(lines.at(-1)).toMatch(/^Exit \d+.*: .+\.$/);
    for (const line of lines.slice(0, -1)) {
      expect(displayWidth(line), line).toBeLessThanOrEqual(columns);
      expect(line).toBe(line.trimEnd());
    }
    const colored = await render(reporter, SAMPLES[sample](), { columns, color: true });
    expect(stripVTControlCharacters(colored)).toBe(plain);
  },
);
