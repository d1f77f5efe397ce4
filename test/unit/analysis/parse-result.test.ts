// A file that claims to be a result is believed only when every field is what the schema says.
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SCHEMAS, schemaText } from '../../../scripts/result-schema.mjs';
import { parseResult } from '../../../src/analysis/parse-result.ts';
import { EcomsimError } from '../../../src/base/errors.ts';
import { SAMPLE_NAMES, SAMPLES } from '../../support/sample-results.ts';

const [resultSchema] = SCHEMAS;
if (resultSchema === undefined) throw new Error('there is no schema');
const schema: object = JSON.parse(readFileSync(resultSchema.file, 'utf8')) as object;
const conforms = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema);

function problemOf(text: string): EcomsimError {
  try {
    parseResult(text);
  } catch (error) {
    if (error instanceof EcomsimError) return error;
    throw error;
  }
  throw new Error('the text was accepted');
}

/** A deep copy of the passing sample with the value at `path` replaced or (undefined) removed. */
function changed(path: readonly (string | number)[], value: unknown): string {
  const copy = JSON.parse(JSON.stringify(SAMPLES.pass())) as Record<string | number, unknown>;
  let place = copy;
  for (const key of path.slice(0, -1)) place = place[key] as Record<string | number, unknown>;
  const last = path.at(-1) ?? '';
  if (value === undefined) delete place[last];
  else place[last] = value;
  return JSON.stringify(copy);
}

describe('the schema file', () => {
  test.each(SCHEMAS)('of $type is what the types of the contract generate', (described) => {
    expect(readFileSync(described.file, 'utf8')).toBe(schemaText(described));
  });

  test.each(SAMPLE_NAMES)('accepts the sample "%s"', (name) => {
    conforms(JSON.parse(JSON.stringify(SAMPLES[name]())));
    expect(conforms.errors).toBeNull();
  });
});

describe('parseResult', () => {
  test.each(SAMPLE_NAMES)('reads back the sample "%s"', (name) => {
    const result = SAMPLES[name]();
    expect(parseResult(JSON.stringify(result))).toEqual(result);
  });

  test('keeps properties that a later writer added', () => {
    const text = changed(['load', 'addedLater'], 7);
    expect(parseResult(text).load).toHaveProperty('addedLater', 7);
  });

  test('names every problem at once, with its place', () => {
    const copy = JSON.parse(changed(['load', 'workers'], 1.5)) as {
      verdict: string;
      run: { seed?: number };
      timeline: { p99Ms: unknown }[];
    };
    copy.verdict = 'great';
    delete copy.run.seed;
    const [first] = copy.timeline;
    if (first !== undefined) first.p99Ms = '12';
    const { code, details } = problemOf(JSON.stringify(copy));
    expect(code).toBe('INVALID_RESULT');
    expect([...details].sort()).toEqual([
      'load.workers: expected integer, found 1.5',
      'run.seed: missing',
      'timeline[0].p99Ms: expected number or null, found "12"',
      'verdict: expected one of pass, fail, inconclusive, invalid, interrupted, error, found "great"',
    ]);
  });

  test.each([
    ['', /not JSON/],
    ['{"schemaVersion":1', /not JSON/],
    ['null', /no JSON object/],
    ['[]', /no JSON object/],
    ['{}', /has no schemaVersion/],
    ['{"__proto__":{"schemaVersion":1}}', /has no schemaVersion/],
    ['{"schemaVersion":2}', /schema version 2, written by a newer ecomsim/],
    ['{"schemaVersion":"1"}', /never existed/],
    ['{"schemaVersion":1}', /no valid result/],
    ['[['.repeat(100_000), /not JSON/],
  ])('refuses %j', (text, message) => {
    expect(problemOf(text).message).toMatch(message);
  });

  test('refuses a number too large to be one', () => {
    const text = changed(['run', 'durationMs'], 'HERE').replace('"HERE"', '1e999');
    expect(problemOf(text).details).toEqual(['run.durationMs: expected number, found Infinity']);
  });

  test('refuses an interval that is no pair', () => {
    const text = changed(['totals', 'responseTimeMs', 'p99Interval'], [1]);
    expect(problemOf(text).details).toHaveLength(1);
  });

  test('tells of at most fifty problems and counts the others', () => {
    const text = changed(['timeline'], new Array(200).fill(7));
    const { details } = problemOf(text);
    expect(details).toHaveLength(51);
    expect(details.at(-1)).toBe('and 150 more');
  });

  test('refuses a text over its size limit before it reads it', () => {
    expect(problemOf(' '.repeat(64 * 1024 * 1024 + 1)).message).toMatch(/larger than 64 MiB/);
  });

  test('tells problems in printable characters only', () => {
    const text = changed(['operations', '\u001b[2J\u202e'], { count: '\u009b31m\n' });
    for (const line of problemOf(text).details) expect(line).toMatch(/^[ -~]+$/);
  });

  test('agrees with an independent validator on what is put anywhere in a result', () => {
    const base = JSON.parse(JSON.stringify(SAMPLES.pass())) as unknown;
    const paths = pathsOf(base, []);
    fc.assert(
      fc.property(
        fc.constantFrom(...paths),
        fc.oneof(fc.jsonValue(), fc.constant(undefined), fc.constantFrom(0, 1, -1, 80, null, '')),
        (path, value) => {
          const text = changed(path, value);
          const ours = accepts(text);
          expect(ours).toBe(conforms(JSON.parse(text)));
        },
      ),
      { numRuns: 300 },
    );
  });
});

function accepts(text: string): boolean {
  try {
    parseResult(text);
    return true;
  } catch (error) {
    if (error instanceof EcomsimError) return false;
    throw error;
  }
}

/** The way to every value of the passing sample's shape, one entry per array. */
function pathsOf(value: unknown, path: (string | number)[]): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return path.length === 0 ? [] : [path];
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? value.slice(0, 1).map((item, index) => [index, item])
    : Object.entries(value);
  const below = entries.flatMap(([key, inner]) => pathsOf(inner, [...path, key]));
  return path.length === 0 ? below : [path, ...below];
}
