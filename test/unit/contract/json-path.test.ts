import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JsonPath, parseJsonPath } from '../../../src/contract/target-mapping/json-path.ts';

function pathOf(text: string): JsonPath {
  const { path, problem } = parseJsonPath(text);
  expect(problem).toBeUndefined();
  return path as JsonPath;
}

const BODY = {
  id: 7,
  a: { b: [{ c: 'first' }, { c: 'second' }, {}] },
  'odd name': { "it's": true },
  lines: [{ quantity: 2 }, { quantity: 3 }],
  empty: [],
  nothing: null,
};

describe('a JSON path', () => {
  it.each([
    ['$', BODY],
    ['$.id', 7],
    ['$.a.b[0].c', 'first'],
    ['$.a.b[1].c', 'second'],
    ['$.a.b[2].c', undefined],
    ['$.a.b[3].c', undefined],
    ['$.a.b[*].c', 'first'],
    ["$['odd name']['it\\'s']", true],
    ['$["odd name"]["it\'s"]', true],
    ['$.nothing', null],
    ['$.nothing.more', undefined],
    ['$.id.more', undefined],
    ['$.id[0]', undefined],
    ['$.lines.length', undefined],
    ['$.a[0]', undefined],
    ['$.empty[*]', undefined],
    ['$.toString', undefined],
    ['$.a[*]', undefined],
  ])('%s leads to its first value', (text, value) => {
    expect(pathOf(text).first(BODY)).toEqual(value);
  });

  it.each([
    ['$.lines[*].quantity', [2, 3]],
    ['$.a.b[*].c', ['first', 'second', undefined]],
    ['$.empty[*].c', []],
    ['$.id', [7]],
    ['$.missing', [undefined]],
    ['$.missing[*]', undefined],
    ['$.a[*]', undefined],
  ])('%s leads to all of its values', (text, values) => {
    expect(pathOf(text).all(BODY, 10)).toEqual(values);
  });

  it('gives up beyond as many values as are allowed', () => {
    expect(pathOf('$[*]').all([1, 2, 3], 3)).toEqual([1, 2, 3]);
    expect(pathOf('$[*]').all([1, 2, 3, 4], 3)).toBeUndefined();
    expect(
      pathOf('$[*][*]').all(
        [
          [1, 2],
          [3, 4],
        ],
        3,
      ),
    ).toBeUndefined();
  });

  it.each([
    ['id', 'a path begins with "$", like $.order.id'],
    ['', 'a path begins with "$", like $.order.id'],
    ['$..id', 'is not understood from "..id" on'],
    ['$.a[?(@.b)]', 'is not understood from "[?(@.b)]" on'],
    ['$.a[-1]', 'is not understood from "[-1]" on'],
    ['$.a[0:2]', 'is not understood from "[0:2]" on'],
    ['$.a[100000]', 'is not understood from "[100000]" on'],
    ['$.a.', 'is not understood from "." on'],
    ["$['a", 'is not understood from "[\'a" on'],
    ['$.a b', 'is not understood from " b" on'],
    ['$.__proto__.x', 'may not go through "__proto__"'],
    ["$['constructor']", 'may not go through "constructor"'],
    ['$.a.prototype', 'may not go through "prototype"'],
    [`$${'.a'.repeat(21)}`, 'has more than 20 steps'],
    [`$.${'a'.repeat(300)}`, 'has more than 300 characters'],
  ])('%s is refused', (text, problem) => {
    expect(parseJsonPath(text).problem).toContain(problem);
  });

  it('reads nothing that an answer did not bring', () => {
    const body: unknown = JSON.parse('{"__proto__":{"x":1},"a":{"hasOwnProperty":5}}');
    expect(pathOf('$.x').first(body)).toBeUndefined();
    expect(pathOf('$.valueOf').first(body)).toBeUndefined();
    expect(pathOf('$.a.hasOwnProperty').first(body)).toBe(5);
  });
});

type Step = string | number | null;

/** The same by the book: all values of one step after the other. */
function naive(body: unknown, steps: readonly Step[]): unknown[] {
  let values: unknown[] = [body];
  for (const step of steps) {
    values = values.flatMap((value) => {
      if (step === null) return Array.isArray(value) ? value : [];
      if (typeof value !== 'object' || value === null) return [];
      if (Array.isArray(value) !== (typeof step === 'number')) return [];
      const entry = Object.entries(value).find(([key]) => key === String(step));
      return entry === undefined ? [] : [entry[1]];
    });
  }
  return values;
}

describe('whatever the answer is', () => {
  const keys = fc.constantFrom('a', 'b', "it's", 'x y', '"', '\\');
  const steps = fc.array(fc.oneof(keys, fc.nat({ max: 2 }), fc.constant(null)), { maxLength: 5 });
  const bodies = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'medium' },
      fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.constant(null)),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(keys, tie('value'), { maxKeys: 4 }),
    ),
  })).value;
  const written = (step: Step): string => {
    if (step === null) return '[*]';
    if (typeof step === 'number') return `[${step}]`;
    return /^\w+$/.test(step) ? `.${step}` : `['${step.replaceAll(/['\\]/g, '\\$&')}']`;
  };

  it('a path leads where going there step by step leads', () => {
    fc.assert(
      fc.property(bodies, steps, (body, path) => {
        const parsed = pathOf(`$${path.map(written).join('')}`);
        const expected = naive(body, path);
        expect(parsed.first(body)).toEqual(expected[0]);
        const all = parsed.all(body, 1000);
        if (all !== undefined) expect(all.filter((one) => one !== undefined)).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('no text makes the parser throw or take long', () => {
    const texts = fc.stringMatching(/^\$[[\]'"\\.*a0-9$ ]{0,80}$/);
    fc.assert(
      fc.property(texts, (text) => {
        const { path, problem } = parseJsonPath(text);
        expect(path === undefined).toBe(problem !== undefined);
        path?.all({ a: [[1]] }, 10);
      }),
    );
  });
});
