import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import fc from 'fast-check';
import { Client } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WireParser } from '../../src/targets/http/wire-parser.ts';
import { outcomeOf } from '../support/wire-answers.ts';

const token = fc.stringMatching(/^[a-zA-Z][a-zA-Z-]{0,12}$/).filter((name) => !isReserved(name));
const value = fc.stringMatching(/^[!-~]([ -~]{0,30}[!-~])?$/);
const body = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.json(),
  fc.constantFrom('\r\n\r\n', '0\r\n\r\n', 'HTTP/1.1 200 OK\r\n\r\n', ''),
);

function isReserved(name: string): boolean {
  return /^(content-(length|encoding)|transfer-encoding|connection|keep-alive|upgrade|trailer)$/i.test(
    name,
  );
}

interface Answer {
  readonly status: number;
  readonly fields: readonly (readonly [string, string])[];
  readonly body: Buffer;
  /** Sizes of the chunks; undefined: a stated length. */
  readonly chunks: readonly number[] | undefined;
  readonly interim: number;
}

const answers: fc.Arbitrary<Answer> = fc.record({
  status: fc.constantFrom(200, 201, 202, 301, 400, 404, 409, 429, 500, 503),
  fields: fc.array(fc.tuple(token, value), { maxLength: 5 }),
  body: body.map((text): Buffer => Buffer.from(text)),
  chunks: fc.option(fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 6 }), {
    nil: undefined,
  }),
  interim: fc.integer({ min: 0, max: 2 }),
});

function bytesOf({ status, fields, body: content, chunks, interim }: Answer): Buffer {
  const head = [`HTTP/1.1 ${status} Reason`, ...fields.map(([name, text]) => `${name}: ${text}`)];
  const early = 'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'.repeat(interim);
  if (chunks === undefined) {
    head.push(`Content-Length: ${content.length}`);
    return Buffer.concat([Buffer.from(`${early}${head.join('\r\n')}\r\n\r\n`), content]);
  }
  head.push('Transfer-Encoding: chunked');
  const parts: Buffer[] = [Buffer.from(`${early}${head.join('\r\n')}\r\n\r\n`)];
  let at = 0;
  for (const size of [...chunks, content.length]) {
    const piece = content.subarray(at, at + size);
    at += piece.length;
    if (piece.length === 0) continue;
    parts.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

/** Cuts at the given places, taken modulo the length. */
function split(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  const pieces: Buffer[] = [];
  let from = 0;
  for (const to of [...places, bytes.length]) {
    if (to > from) pieces.push(bytes.subarray(from, to));
    from = Math.max(from, to);
  }
  return pieces;
}

const cuts = fc.array(fc.nat(2000), { maxLength: 8 });
const everyByte = (bytes: Buffer): Buffer[] => Array.from(bytes, (byte) => Buffer.from([byte]));

/** One change of the kind that confuses readers. */
const mutations = fc.record({
  at: fc.nat(400),
  remove: fc.integer({ min: 0, max: 3 }),
  insert: fc.constantFrom(
    ...[
      '',
      '\r',
      '\n',
      '\r\n',
      '\r\n\r\n',
      ' ',
      '\t',
      '\0',
      ':',
      ',',
      ';',
      '0',
      '9',
      'f',
      'x',
      '-',
    ],
    ...['\r\n x: y', 'Content-Length: 3\r\n', 'Transfer-Encoding: chunked\r\n', '\x7f'],
  ),
});

function mutate(
  bytes: Buffer,
  { at, remove, insert }: { at: number; remove: number; insert: string },
): Buffer {
  const place = at % (bytes.length + 1);
  return Buffer.concat([
    bytes.subarray(0, place),
    Buffer.from(insert, 'latin1'),
    bytes.subarray(Math.min(bytes.length, place + remove)),
  ]);
}

describe('an answer of HTTP/1.1', () => {
  it('is read as it was written, however it is cut into pieces', () => {
    fc.assert(
      fc.property(answers, cuts, (answer, places) => {
        const bytes = bytesOf(answer);
        const expected = `${answer.status} ${answer.body.toString('latin1')}`;
        expect(outcomeOf(new WireParser(), split(bytes, places), false)).toBe(expected);
        expect(outcomeOf(new WireParser(), everyByte(bytes), false)).toBe(expected);
      }),
    );
  });

  it('is never there before its last byte', () => {
    fc.assert(
      fc.property(answers, fc.nat(), (answer, place) => {
        const bytes = bytesOf(answer);
        const cut = bytes.subarray(0, place % bytes.length);
        expect(outcomeOf(new WireParser(), [cut], true)).toBe('failed connection_lost');
      }),
    );
  });

  it('gives the same, right or wrong, however wrong bytes are cut into pieces', () => {
    fc.assert(
      fc.property(
        answers,
        fc.array(mutations, { minLength: 1, maxLength: 3 }),
        cuts,
        (...given) => {
          const [answer, changes, places] = given;
          const bytes = changes.reduce(mutate, bytesOf(answer));
          const strip = (text: string): string => text.replace(' (excess)', '');
          const whole = strip(outcomeOf(new WireParser(), [bytes], true));
          expect(strip(outcomeOf(new WireParser(), split(bytes, places), true))).toBe(whole);
          expect(strip(outcomeOf(new WireParser(), everyByte(bytes), true))).toBe(whole);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is nothing that any bytes could crash the reader with', () => {
    const parser = new WireParser();
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), (pieces) => {
        parser.reset();
        const told = outcomeOf(
          parser,
          pieces.map((piece) => Buffer.from(piece)),
          true,
        );
        expect(told).toMatch(/^(failed|\d{3} )/);
      }),
    );
  });

  it('is read the same by a parser that read other answers before', () => {
    const used = new WireParser();
    fc.assert(
      fc.property(answers, cuts, (answer, places) => {
        const pieces = split(bytesOf(answer), places);
        used.reset();
        expect(outcomeOf(used, pieces, true)).toBe(outcomeOf(new WireParser(), pieces, true));
      }),
    );
  });
});

/** The other reader: undici with llhttp, over a socket that says the bytes and closes. */
describe('what we accept, llhttp reads the same', () => {
  let bytes: Buffer = Buffer.alloc(0);
  const server = net.createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', () => socket.end(bytes));
  });
  let origin = '';
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  async function asOthersRead(): Promise<string> {
    const client = new Client(origin);
    try {
      const { statusCode, body: content } = await client.request({ method: 'GET', path: '/' });
      return `${statusCode} ${Buffer.from(await content.arrayBuffer()).toString('latin1')}`;
    } catch {
      // Refused is a finding here.
      return 'failed';
    } finally {
      await client.destroy();
    }
  }

  const asWeRead = (): string =>
    outcomeOf(new WireParser(), [bytes], true).replace(/ \((closes|excess)\)/g, '');

  it('when it is right', async () => {
    await fc.assert(
      fc.asyncProperty(answers, async (answer) => {
        bytes = bytesOf(answer);
        expect(asWeRead()).toBe(await asOthersRead());
      }),
      { numRuns: 60 },
    );
  });

  it('and when it is wrong, or we refuse it', async () => {
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(answers, fc.array(mutations, { maxLength: 2 }), async (answer, changes) => {
        bytes = changes.reduce(mutate, bytesOf(answer));
        const ours = asWeRead();
        if (ours.startsWith('failed')) refused++;
        else expect(ours).toBe(await asOthersRead());
      }),
      { numRuns: 200 },
    );
    expect(refused).toBeGreaterThan(0);
  });
});
