/**
 * The bundled shop is driven through a target mapping like any other system. Here that mapping is
 * held against its interface written out by hand: the same bytes for every request, the same
 * fields from every answer.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Call,
  CLIENT_DEFAULTS,
  type ClientSpec,
  createCall,
} from '../../src/contract/call.ts';
import { OPERATION_NAMES, type OperationName } from '../../src/contract/operation.ts';
import { mappingProblems } from '../../src/contract/target-mapping/mapping-problems.ts';
import { shopProtocol } from '../../src/targets/client-registry.ts';
import { HttpAnswer } from '../../src/targets/http/http-answer.ts';
import type { HttpRequest } from '../../src/targets/http/protocol.ts';
import { BY_CODE, BY_STATUS } from '../../src/targets/outcome-table.ts';
import { referenceMapping } from '../../src/targets/reference/mapping.ts';
import { decodeReferenceAnswer } from '../support/hand-written-answers.ts';
import { ReferenceRequests } from '../support/hand-written-requests.ts';

const SPEC: ClientSpec = {
  ...CLIENT_DEFAULTS,
  kind: 'reference',
  origin: 'http://127.0.0.1:1',
  skus: ['sku-0', 'a/b?c#"', 'é ü', "it's (1)"],
  tokens: ['token-0', 'eyJ.a-b_c~d+e/f=='],
};
const mapped = shopProtocol(SPEC);
const ROOM: readonly OperationName[] = ['joinQueue', 'queueStatus'];
const MAPPED = OPERATION_NAMES.filter((name) => name !== 'login');
/** Without a waiting room. */
const SENT = MAPPED.filter((name) => !ROOM.includes(name));
const operations = fc.constantFrom<OperationName>(...SENT);

function requestBy(encoder: Pick<typeof mapped, 'encode'>, call: Call): HttpRequest | undefined {
  const request: HttpRequest = { method: 'GET', path: '', headers: [], body: null };
  return encoder.encode({ ...call }, request)
    ? { ...request, headers: [...request.headers] }
    : undefined;
}

describe('the mapping of the bundled shop', () => {
  it('has no problems and maps every operation but the login', () => {
    expect(mappingProblems(referenceMapping(SPEC), SENT)).toEqual([]);
    const room = referenceMapping({ ...SPEC, waitingRoom: true });
    expect(mappingProblems(room, MAPPED)).toEqual([]);
  });

  it.each(['', 'a secret'])('sends what is asked for, byte for byte (addresses: %j)', (secret) => {
    const spec = { ...SPEC, addressSecret: secret };
    const [ours, theirs] = [shopProtocol(spec), new ReferenceRequests(spec)];
    const ids = fc.oneof(
      fc.constant(''),
      fc.stringMatching(/^[A-Za-z0-9_.:-]{1,40}$/).filter((id) => id !== '.' && id !== '..'),
    );
    const calls = fc.record({
      operation: operations,
      customer: fc.nat({ max: 1 }),
      item: fc.nat({ max: 3 }),
      quantity: fc.integer({ min: 1, max: 99 }),
      direct: fc.boolean(),
      key: ids,
      checkoutId: ids,
      orderId: ids,
      variate: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      instantPayment: fc.boolean(),
    });
    const sent = new Set<string>();
    fc.assert(
      fc.property(calls, (fields) => {
        const call = { ...createCall(), ...fields };
        const request = requestBy(ours, call);
        expect(request).toEqual(requestBy(theirs, call));
        if (request !== undefined) sent.add(call.operation);
      }),
      { numRuns: 2000 },
    );
    expect([...sent].sort()).toEqual([...SENT].sort());
  });
});

interface Given {
  readonly operation: OperationName;
  readonly status: number;
  readonly body: string;
  readonly type: string;
  readonly marks: readonly string[];
}

function decodedBy(
  decode: (call: Call, answer: HttpAnswer) => void,
  { operation, status, body, type, marks }: Given,
): Call {
  const answer = new HttpAnswer();
  const headers = ['content-type', type, ...marks.flatMap((mark) => mark.split(': '))];
  answer.readHeaders(
    status,
    headers.map((text) => Buffer.from(text)),
  );
  answer.add(Buffer.from(body));
  const call = { ...createCall(), operation };
  decode(call, answer);
  return call;
}

function expectSame(given: Given): Call {
  const call = decodedBy((one, answer) => mapped.decode(one, answer), given);
  const expected = decodedBy(decodeReferenceAnswer, given);
  expect(call).toEqual(expected);
  return call;
}

const JSON_TYPES = ['application/json', 'application/problem+json', 'text/html'];
const MARKS = ['x-shed: before-dispatch', 'idempotent-replayed: true'];

describe('an answer of the bundled shop', () => {
  it('is the refusal that its status and code say, for every operation', () => {
    const statuses = new Set([...Object.keys(BY_CODE), ...Object.keys(BY_STATUS)].map(Number));
    const codes = new Set(Object.values(BY_CODE).flatMap((known) => Object.keys(known)));
    const seen = new Set<string>();
    for (const status of [...statuses, 418, 500, 503, 504, 599, 304]) {
      for (const code of [...codes, 'other', '']) {
        for (const mark of [[], MARKS, ...MARKS.map((one) => [one])]) {
          for (const operation of SENT) {
            const body = JSON.stringify({ code });
            const given = { operation, status, body, type: JSON_TYPES[1] as string, marks: mark };
            seen.add(expectSame(given).reason);
          }
        }
      }
    }
    expect(seen.size).toBeGreaterThan(15);
  });

  it('gives the same fields, whatever is in it', () => {
    const some = fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.nat({ max: 9 }));
    const often = <T>(value: T, arbitrary: fc.Arbitrary<T | unknown>): fc.Arbitrary<unknown> =>
      fc.oneof({ weight: 6, arbitrary: fc.constant(value) }, { weight: 1, arbitrary });
    const lines = fc.oneof(
      fc.array(fc.record({ quantity: often(2, some) }), { maxLength: 3 }),
      some,
    );
    const order = fc.record(
      {
        id: often('o-1', some),
        status: often(
          'confirmed',
          fc.constantFrom('', 'paying', 'PAID', 'a b', 'x'.repeat(41), 5, null, []),
        ),
        lines,
        totalMinor: often(5, some),
        expiresAtUs: often(7.5, some),
        available: often(3, some),
        sale: fc.constantFrom('open', 'upcoming', 'none', 'closed', 'soon', null, 7),
        code: fc.constantFrom('sold_out', 'tombstoned', 'x', 5),
      },
      { requiredKeys: ['code', 'sale'] },
    );
    const tombstone = fc.record({ status: often('tombstoned', fc.string()) });
    const late = fc.record({ code: fc.constant('key_used'), order: fc.oneof(order, some) });
    const bodies = fc.oneof(order, tombstone, late, fc.jsonValue()).map((it) => JSON.stringify(it));
    const outcomes = new Set<string>();
    fc.assert(
      fc.property(
        fc.record({
          operation: fc.oneof(operations, fc.constantFrom('viewStock', 'tombstoneKey')),
          status: fc.constantFrom(200, 200, 201, 202, 204, 404, 409, 500, 503),
          body: fc.oneof({ weight: 8, arbitrary: bodies }, { weight: 1, arbitrary: fc.string() }),
          type: fc.constantFrom(...JSON_TYPES, 'application/json', 'application/json'),
          marks: fc.subarray(MARKS),
        }),
        (given) => {
          // A rule's own reason comes first; a stock is never "accepted".
          fc.pre(given.operation !== 'viewStock' || given.status !== 202);
          const { outcome, reason } = expectSame(given);
          outcomes.add(`${outcome} ${reason}`);
        },
      ),
      { numRuns: 5000 },
    );
    for (const expected of ['ok none', 'ok in_stock', 'ok sale_upcoming', 'unknown bad_answer']) {
      expect(outcomes).toContain(expected);
    }
  });
});
