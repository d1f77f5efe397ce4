import { describe, expect, it } from 'vitest';
import { WireParser } from '../../../src/targets/http/wire-parser.ts';
import { outcomeOf } from '../../support/wire-answers.ts';

const JSON_TYPE = 'content-type: application/json\r\n';
const LIMIT = 8 * 1024 * 1024;

function read(bytes: string, ended = false): string {
  return outcomeOf(new WireParser(), [Buffer.from(bytes, 'latin1')], ended);
}

describe('an answer is read', () => {
  it.each([
    ['with a length', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi', '200 hi'],
    ['without a body', 'HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n', '201 '],
    ['without a reason', 'HTTP/1.1 200 \r\ncontent-length: 1\r\n\r\nx', '200 x'],
    ['without a reason and its space', 'HTTP/1.1 200\r\ncontent-length: 1\r\n\r\nx', '200 x'],
    ['with spaces around a value', 'HTTP/1.1 200 OK\r\ncontent-length: \t 2 \r\n\r\nhi', '200 hi'],
    ['of a status nobody knows', 'HTTP/1.1 799 ?\r\ncontent-length: 0\r\n\r\n', '799 '],
    ['that has no content', 'HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n', '204 '],
    ['that was not modified', 'HTTP/1.1 304 Not Modified\r\netag: "x"\r\n\r\n', '304 '],
    [
      'in chunks',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nhi\r\n00A;x="y"\r\n0123456789\r\n0\r\nx-t: 1\r\n\r\n',
      '200 hi0123456789',
    ],
    [
      'after interim answers',
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n' +
        'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi',
      '200 hi',
    ],
  ])('%s', (_name, bytes, expected) => {
    expect(read(bytes)).toBe(expected);
  });

  it('to the end of the connection when it states no length', () => {
    const bytes = 'HTTP/1.1 200 OK\r\n\r\nall of it';
    expect(read(bytes)).toBe('until-close');
    expect(read(bytes, true)).toBe('200 all of it (closes)');
  });

  it('though thousands of interim answers come in one piece', () => {
    const bytes = `${'HTTP/1.1 102 \r\n\r\n'.repeat(4000)}HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n`;
    expect(read(bytes)).toBe('200 ');
  });

  it('the same way when its head is the same as the one before, and when it is not', () => {
    const parser = new WireParser();
    const answer = (length: number, body: string): Buffer[] => [
      Buffer.from(`HTTP/1.1 200 OK\r\n${JSON_TYPE}content-length: ${length}\r\n\r\n${body}`),
    ];
    for (const [length, body, expected] of [
      [2, 'ab', '200 ab'],
      [2, 'cd', '200 cd'],
      [3, 'efg', '200 efg'],
      [2, 'hi', '200 hi'],
      [2, 'x', 'sized'],
    ] as const) {
      parser.reset();
      expect(outcomeOf(parser, answer(length, body), false)).toBe(expected);
    }
  });
});

describe('what the head says', () => {
  function headOf(fields: string): WireParser['head'] {
    const parser = new WireParser();
    const bytes = Buffer.from(`HTTP/1.1 200 OK\r\n${fields}content-length: 0\r\n\r\n`, 'latin1');
    expect(parser.read(bytes, bytes.length)).toBe('complete');
    return parser.head;
  }

  it('of the body and of the shop is taken whatever the case of the names', () => {
    const fields = 'Content-Type: application/json; charset=utf-8\r\nX-Shed: before-dispatch\r\n';
    expect(headOf(`${fields}IDEMPOTENT-REPLAYED: true\r\n`)).toMatchObject({
      isJson: true,
      coding: '',
      shed: true,
      replayed: true,
      keepAlive: true,
      keepAliveMs: -1,
    });
    expect(headOf('content-encoding: GZIP\r\ncontent-encoding: br\r\n').coding).toBe('gzip, br');
    expect(headOf('x-shed: later\r\ncontent-type: text/html\r\n')).toMatchObject({
      isJson: false,
      shed: false,
    });
  });

  it('of the connection decides whether it may be used again, and for how long', () => {
    expect(headOf('Connection: Keep-Alive\r\nKeep-Alive: timeout=5, max=100\r\n')).toMatchObject({
      keepAlive: true,
      keepAliveMs: 5000,
    });
    expect(headOf('connection: x-foo, Close\r\n').keepAlive).toBe(false);
  });

  it('is different for the older protocol', () => {
    const parser = new WireParser();
    const bytes = Buffer.from('HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n');
    parser.read(bytes, bytes.length);
    expect(parser.head.keepAlive).toBe(false);
  });
});

describe('an answer is refused', () => {
  const OK = 'HTTP/1.1 200 OK\r\n';
  const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;
  it.each([
    ['two lengths that differ', `${OK}content-length: 2\r\ncontent-length: 3\r\n\r\nhi`],
    ['two lengths that agree', `${OK}content-length: 2\r\ncontent-length: 2\r\n\r\nhi`],
    ['a list of lengths', `${OK}content-length: 2, 2\r\n\r\nhi`],
    ['a length that is no number', `${OK}content-length: 2x\r\n\r\nhi`],
    ['a signed length', `${OK}content-length: +2\r\n\r\nhi`],
    ['an empty length', `${OK}content-length:\r\n\r\n`],
    [
      'a length and chunks',
      `${OK}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    [
      'chunks and a length',
      `${OK}transfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n0\r\n\r\n`,
    ],
    ['another transfer coding', `${OK}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
    ['a hidden transfer coding', `${OK}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n`],
    ['two transfer codings', `${CHUNKED.slice(0, -2)}transfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['a folded line', `${OK}x-a: b\r\n c\r\ncontent-length: 0\r\n\r\n`],
    ['a space before the colon', `${OK}content-length : 2\r\n\r\nhi`],
    ['a field without a name', `${OK}: 2\r\n\r\n`],
    ['a field without a colon', `${OK}content-length\r\n\r\n`],
    ['lines that end in LF alone', 'HTTP/1.1 200 OK\ncontent-length: 0\n\n'],
    ['one line that ends in LF alone', `${OK}x-a: b\ncontent-length: 0\r\n\r\n`],
    ['a CR within a value', `${OK}x-a: b\rc\r\ncontent-length: 0\r\n\r\n`],
    ['a NUL within a value', `${OK}x-a: b\0c\r\ncontent-length: 0\r\n\r\n`],
    ['another protocol', 'HTTP/2 200 OK\r\ncontent-length: 0\r\n\r\n'],
    ['another minor version', 'HTTP/1.2 200 OK\r\ncontent-length: 0\r\n\r\n'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\ncontent-length: 0\r\n\r\n'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\ncontent-length: 0\r\n\r\n'],
    ['a status below 100', 'HTTP/1.1 099 OK\r\ncontent-length: 0\r\n\r\n'],
    ['an interim answer of the older protocol', 'HTTP/1.0 100 Continue\r\n\r\n'],
    ['a chunk extension without a name', `${CHUNKED}2;\r\nhi\r\n`],
    ['text', 'hello'],
    ['a chunk size that is no number', `${CHUNKED}g\r\n`],
    ['a chunk without a size', `${CHUNKED}\r\nhi\r\n`],
    ['a chunk size with a space', `${CHUNKED}2 \r\nhi\r\n`],
    ['a signed chunk size', `${CHUNKED}-2\r\n`],
    ['a chunk size of sixteen digits', `${CHUNKED}0000000000000002\r\nhi\r\n`],
    ['a chunk that is longer than it says', `${CHUNKED}2\r\nhixx\r\n`],
    ['a chunk that ends in LF', `${CHUNKED}2\nhi\r\n`],
    ['a trailer without a name', `${CHUNKED}0\r\n: x\r\n\r\n`],
    ['a length in the trailers', `${CHUNKED}0\r\nContent-Length: 3\r\n\r\n`],
    ['a folded trailer', `${CHUNKED}0\r\nx-a: b\r\n c\r\n\r\n`],
    ['an extension without an end', `${CHUNKED}2;${'x'.repeat(2000)}`],
    ['trailers without an end', `${CHUNKED}0\r\n${'x-a: b\r\n'.repeat(3000)}`],
  ])('with %s', (_name, bytes) => {
    expect(read(bytes)).toBe('failed bad_answer');
  });

  it.each([
    ['a head without an end', `${OK}${'x-a: b\r\n'.repeat(3000)}`],
    ['a head with one long line', `${OK}x-a: ${'b'.repeat(20_000)}`],
    ['a head that is too long, with its end', `${OK}x-a: ${'b'.repeat(16_400)}\r\n\r\n`],
    ['a body that is announced too large', `${OK}content-length: 10000000000\r\n\r\n`],
    ['a body that is one byte too large', `${OK}content-length: ${LIMIT + 1}\r\n\r\n`],
    [
      'chunks that become too large',
      `${CHUNKED}${(LIMIT + 1).toString(16)}\r\n${'x'.repeat(LIMIT + 1)}`,
    ],
    ['a body until the close that becomes too large', `${OK}\r\n${'x'.repeat(LIMIT + 1)}`],
  ])('as too large: %s', (_name, bytes) => {
    expect(read(bytes)).toBe('failed answer_too_large');
  });

  it('when it would become another protocol', () => {
    const bytes = 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n';
    expect(read(bytes)).toBe('failed connection_lost');
  });

  it('when the connection ends before it does', () => {
    const half = `${OK}content-length: 5\r\n\r\nhi`;
    expect(read(half, true)).toBe('failed connection_lost');
    expect(read(half.slice(0, 20), true)).toBe('failed connection_lost');
    expect(read('', true)).toBe('failed connection_lost');
    expect(read(`${CHUNKED}2\r\nhi\r\n`, true)).toBe('failed connection_lost');
    // It said that it would end the connection after the answer: then the answer was wrong.
    const closing = `${OK}connection: close\r\ncontent-length: 5\r\n\r\nhi`;
    expect(read(closing, true)).toBe('failed bad_answer');
  });
});

describe('bytes behind an answer', () => {
  it.each([
    ['of a stated length', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi', '200 hi'],
    ['in chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n', '200 '],
    ['without content', 'HTTP/1.1 204 No\r\n\r\n', '204 '],
  ])('leave one %s as it is, and are noticed', (_name, bytes, expected) => {
    expect(read(bytes)).toBe(expected);
    expect(read(`${bytes}HTTP/1.1 200 OK\r\n`)).toBe(`${expected} (excess)`);
  });
});
