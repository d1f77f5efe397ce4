import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HttpAnswer, nestsDeeper } from '../../../src/targets/http/http-answer.ts';

function answerWith(headers: Record<string, string>, ...chunks: string[]): HttpAnswer {
  const answer = new HttpAnswer();
  const raw = Object.entries(headers).flatMap((pair) => pair.map((part) => Buffer.from(part)));
  answer.readHeaders(200, raw);
  for (const chunk of chunks) answer.add(Buffer.from(chunk));
  return answer;
}

const JSON_TYPE = { 'content-type': 'application/json' };

describe('the depth of a JSON text', () => {
  function depthOf(value: unknown): number {
    if (typeof value !== 'object' || value === null) return 0;
    return 1 + Math.max(0, ...Object.values(value).map(depthOf));
  }

  it('is found as a walk over the parsed value finds it', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), fc.integer({ min: 0, max: 9 }), (text, limit) => {
        // Texts no longer than the limit cannot nest deeper, which the search relies on.
        expect(nestsDeeper(text, limit)).toBe(depthOf(JSON.parse(text)) > limit);
      }),
    );
  });

  it('does not count brackets inside strings', () => {
    expect(nestsDeeper(JSON.stringify(['[[[[[[', '\\"{{{{{{', '\\']), 2)).toBe(false);
  });

  it('ends on a string that never ends', () => {
    expect(nestsDeeper(`["${'\\'.repeat(99)}`, 64)).toBe(false);
  });
});

describe('the body of an answer', () => {
  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON ;charset=utf-8',
    'application/problem+json',
  ])('is decoded as JSON when it is %s', (type) => {
    expect(answerWith({ 'Content-Type': type }, '{"a":1}').json(true)).toEqual({ a: 1 });
  });

  it.each(['text/html', 'application/jsonp', 'application/json5', 'text/json', ''])(
    'is not decoded when it is %j',
    (type) => {
      expect(answerWith({ 'content-type': type }, '{"a":1}').json(true)).toBeUndefined();
    },
  );

  it('is not decoded without a content type', () => {
    expect(answerWith({}, '{"a":1}').json(true)).toBeUndefined();
  });

  it('is not decoded when it is encoded, which nobody asked for', () => {
    const headers = { ...JSON_TYPE, 'content-encoding': 'gzip' };
    expect(answerWith(headers, '{"a":1}').json(true)).toBeUndefined();
  });

  it('is decoded when its encoding is identity', () => {
    const headers = { ...JSON_TYPE, 'content-encoding': 'identity' };
    expect(answerWith(headers, '{"a":1}').json(true)).toEqual({ a: 1 });
  });

  it('is put together from chunks, even inside a character', () => {
    const answer = answerWith(JSON_TYPE);
    const bytes = Buffer.from('{"title":"Käse"}');
    for (const byte of bytes) answer.add(Buffer.from([byte]));
    expect(answer.json(true)).toEqual({ title: 'Käse' });
    expect(answer.bytes).toBe(bytes.length);
  });

  it.each(['', '{', '{"a":1', 'NaN', '{"a":1}}', 'null null'])('is undefined for %j', (text) => {
    expect(answerWith(JSON_TYPE, ...(text === '' ? [] : [text])).json(true)).toBeUndefined();
  });

  it('is refused beyond 64 levels and accepted at 64', () => {
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    expect(answerWith(JSON_TYPE, nested(64)).json(true)).toBeDefined();
    expect(answerWith(JSON_TYPE, nested(65)).json(true)).toBeUndefined();
  });

  it('is searched for depth when it is large although nothing is extracted', () => {
    const bomb = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect(answerWith(JSON_TYPE, bomb).json(false)).toBeUndefined();
  });
});

describe('the headers of an answer', () => {
  it('tell a request that was shed before it was dispatched', () => {
    expect(answerWith({ 'X-Shed': 'before-dispatch' }).shed).toBe(true);
    expect(answerWith({ 'x-shed': 'after-dispatch' }).shed).toBe(false);
    expect(answerWith({ 'x-shod': 'before-dispatch' }).shed).toBe(false);
  });

  it('tell a replayed answer', () => {
    expect(answerWith({ 'Idempotent-Replayed': 'true' }).replayed).toBe(true);
    expect(answerWith({ 'idempotent-replayed': 'false' }).replayed).toBe(false);
  });

  it('are forgotten with the answer', () => {
    const answer = answerWith({ ...JSON_TYPE, 'x-shed': 'before-dispatch' }, '{}');
    answer.clear();
    expect([answer.shed, answer.status, answer.bytes, answer.json(true)]).toEqual([
      false,
      0,
      0,
      undefined,
    ]);
  });
});
