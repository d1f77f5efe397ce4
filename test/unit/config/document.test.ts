import { describe, expect, it } from 'vitest';
import { parseYamlText } from '../../../src/config/document.ts';

function problemsOf(text: string): string[] {
  return parseYamlText(text, 'f.yaml').problems.map(
    ({ line, column, path, message }) => `${line ?? '-'}:${column ?? '-'} ${path} ${message}`,
  );
}

describe('a readable text', () => {
  it('becomes plain values, and every place is known', () => {
    const text = 'load:\n  rate: 250/s\n  list: [1, "two", three]\nempty:\n';
    const { tree, places, problems } = parseYamlText(text, 'f.yaml');
    expect(problems).toEqual([]);
    expect(JSON.parse(JSON.stringify(tree))).toEqual({
      load: { rate: '250/s', list: [1, 'two', 'three'] },
      empty: null,
    });
    expect(places.keyAt(['load', 'rate'])).toEqual({ line: 2, column: 3 });
    expect(places.valueAt(['load', 'rate'])).toEqual({ line: 2, column: 9 });
    expect(places.valueAt(['load', 'list', 1])).toEqual({ line: 3, column: 13 });
    expect(places.valueAt(['load', 'list', 1], 2)).toEqual({ line: 3, column: 16 });
    expect(places.valueAt(['load', 'nothing'])).toBeUndefined();
  });

  it.each([
    ['JSON', '{"load": {"rate": 5}}'],
    ['Windows line ends', 'load:\r\n  rate: 5\r\n'],
    ['aliases', 'x: &five 5\nload: { rate: *five }'],
  ])('may use %s', (_, text) => {
    const { tree, problems } = parseYamlText(text, 'f.yaml');
    expect(problems).toEqual([]);
    expect(tree?.['load']).toMatchObject({ rate: 5 });
  });

  it.each(['', '\n\n', '# only a comment\n', 'null'])('may be as empty as %j', (text) => {
    expect(parseYamlText(text, 'f.yaml')).toMatchObject({ tree: {}, problems: [] });
  });

  it('takes yes, no and octal for the text they are', () => {
    const { tree } = parseYamlText('a: yes\nb: no\nc: 0777\nd: 1e400\ne: .nan', 'f.yaml');
    expect(tree).toMatchObject({ a: 'yes', b: 'no', c: 777, d: Number.POSITIVE_INFINITY });
  });
});

describe('an unusable text', () => {
  it.each([
    ['a text', 'hello', '1:1  must hold fields ("load: …"), one per line'],
    ['a list', '- a\n- b', '1:1  must hold fields ("load: …"), one per line'],
    ['two documents', 'a: 1\n---\nb: 2', '2:1  holds several documents ("---"); keep one'],
    ['a name used twice', 'a: 1\nb: 2\na: 3', '3:1 a is there twice (first on line 1); keep one'],
    ['a missing anchor', 'a: *nowhere', '1:4 a there is no anchor "&nowhere"'],
    ['a group as a name', '? [a]\n: 1', '1:3  a field needs a plain name'],
    ['a tag', 'a: !!js/function "x"', '1:4  tags ("!…") are not allowed'],
    ['a local tag', 'a: !secret x', '1:4  tags ("!…") are not allowed'],
  ])('(%s) is told with its place', (_, text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  it('with tabs or broken brackets is told as such', () => {
    expect(problemsOf('load:\n\trate: 5')[0]).toMatch(/^2:1 {2}not valid YAML: Tabs/);
    expect(problemsOf('load: { rate: 5')[0]).toMatch(/not valid YAML/);
  });

  it('tells a tag from text that merely begins like one', () => {
    expect(problemsOf('a: "!not a tag"\nb: |\n  !nor this\nc: \'!\'')).toEqual([]);
  });

  it.each(['__proto__', 'constructor', 'prototype'])('names no field %j', (key) => {
    const before = Object.getOwnPropertyNames(Object.prototype);
    const text = `load: { ${key}: { polluted: 1 }, rate: 5 }`;
    const { tree, problems } = parseYamlText(text, 'f.yaml');
    expect(problems[0]?.message).toContain(`"${key}" is not allowed`);
    expect(Object.keys(tree?.['load'] as object)).toEqual(['rate']);
    expect(Object.getPrototypeOf(tree)).toBeNull();
    expect(Object.getPrototypeOf(tree?.['load'])).toBeNull();
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
  });

  it('does not follow merge keys', () => {
    const { tree } = parseYamlText('a: &a { x: 1 }\nb: { <<: *a }', 'f.yaml');
    expect(Object.keys(tree?.['b'] as object)).toEqual(['<<']);
  });
});

describe('a text made to do harm', () => {
  const nine = (what: string) => `[${Array(9).fill(what).join(',')}]`;
  const billion = ['a: &a [x,x,x,x,x,x,x,x,x]', ...'bcdefghi']
    .map((name, i) => (i === 0 ? name : `${name}: &${name} ${nine(`*${'abcdefghi'[i - 1]}`)}`))
    .join('\n');
  const ladder = (levels: number, step: number, opening: string) =>
    Array.from({ length: levels }, (_, i) => `${' '.repeat(i * step)}${opening}`).join('\n');

  it.each([
    ['brackets', '['.repeat(1_000_000), /more than 32 levels/],
    ['braces', 'a: {b: '.repeat(100_000), /more than 32 levels/],
    ['dashes on a line', '- '.repeat(500_000), /more than 32 levels/],
    ['question marks on a line', '? '.repeat(500_000), /more than 32 levels/],
    ['colons on a line', ': '.repeat(500_000), /more than 32 levels/],
    ['indentation', ladder(1400, 1, 'a:'), /indented by more than 400 columns/],
    ['indentation within limits', ladder(400, 1, 'a:'), /more than 32 levels/],
    ['dashes over lines', `a:\n${ladder(6, 64, '- '.repeat(32))}`, /more than 32 levels/],
    ['an alias of itself', 'a: &a [*a, *a]', /more than 32 levels/],
    ['aliases of aliases', billion, /more than 100 aliases/],
    [
      'aliases of something long',
      `a: &a [${'x,'.repeat(5000)}]\n${Array.from({ length: 90 }, (_, i) => `k${i}: *a`).join('\n')}`,
      /more than 20000 values/,
    ],
    [
      'many aliases',
      `a: &a 1\n${Array.from({ length: 101 }, (_, i) => `k${i}: *a`).join('\n')}`,
      /more than 100 aliases/,
    ],
    ['many fields', Array.from({ length: 80_000 }, (_, i) => `k${i}: 1`).join('\n'), /20000 words/],
    ['empty lines', '\n'.repeat(1 << 20), /20000 words/],
    ['tags', '!!x '.repeat(200_000), /tags/],
  ])('with %s is refused', (_, text, message) => {
    const { problems } = parseYamlText(text, 'f.yaml');
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toMatch(message);
  });

  it('may hold one long text', () => {
    expect(problemsOf(`description: ${'x'.repeat(1 << 20)}`)).toEqual([]);
  });
});
