import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '../../../src/targets/http/protocol.ts';
import { WireRequest } from '../../../src/targets/http/wire-request.ts';

const GET: HttpRequest = { method: 'GET', path: '/a?b=1', headers: ['accept', '*/*'], body: null };

function textOf(request: Partial<HttpRequest>, wire = new WireRequest('shop:1')): string | null {
  return wire.encode({ ...GET, ...request }) ? wire.text : null;
}

describe('a request on the wire', () => {
  it('without a body is its head and an empty line', () => {
    expect(textOf({})).toBe(
      'GET /a?b=1 HTTP/1.1\r\nhost: shop:1\r\nconnection: keep-alive\r\naccept: */*\r\n\r\n',
    );
  });

  it('states the length of its body in bytes of UTF-8', () => {
    const text = textOf({ method: 'POST', headers: [], body: '{"a":"ä€"}' });
    const [head = '', body = ''] = text?.split('\r\n\r\n') ?? [];
    expect(head).toMatch(/content-length: 13$/);
    expect(Buffer.from(body, 'latin1').toString('utf8')).toBe('{"a":"ä€"}');
  });

  it('states that a write has no body', () => {
    expect(textOf({ method: 'PUT', headers: [] })).toMatch(/\r\ncontent-length: 0\r\n\r\n$/);
  });

  it.each([
    ['a path that is no path', { path: 'http://evil/' }],
    ['a path with a space', { path: '/a b' }],
    ['a path that ends its line', { path: '/a\r\nx: y' }],
    ['a path that is not ASCII', { path: '/ä' }],
    ['a value that ends its line', { headers: ['a', 'b\r\nx: y'] }],
    ['a value with a bare LF', { headers: ['a', 'b\nx: y'] }],
    ['a value with a NUL', { headers: ['a', 'b\0'] }],
    ['a value beyond Latin-1', { headers: ['a', '€'] }],
    ['a name with a colon', { headers: ['a: b', 'c'] }],
    ['an empty name', { headers: ['', 'c'] }],
    ['a host of its own', { headers: ['Host', 'evil'] }],
    ['a length of its own', { headers: ['content-length', '0'] }],
    ['a transfer coding', { headers: ['Transfer-Encoding', 'chunked'] }],
  ])('is not made of %s, and the next one is as it should be', (_name, request) => {
    const wire = new WireRequest('shop:1');
    const good = textOf({}, wire);
    expect(textOf(request, wire)).toBeNull();
    expect(textOf({}, wire)).toBe(good);
  });

  it('is the same whatever was sent before it', () => {
    const name = fc.constantFrom('a', 'b', 'authorization');
    const headers = fc
      .array(fc.tuple(name, fc.constantFrom('1', '2', 'x\r\n')), { maxLength: 3 })
      .map((pairs) => pairs.flat());
    const request = fc.record({
      method: fc.constantFrom('GET' as const, 'POST' as const),
      path: fc.constantFrom('/', '/a', 'bad'),
      headers,
      body: fc.constantFrom(null, '', '{}', '"ü"'),
    });
    fc.assert(
      fc.property(fc.array(request, { minLength: 1, maxLength: 6 }), (requests) => {
        const used = new WireRequest('shop:1');
        for (const one of requests) expect(textOf(one, used)).toBe(textOf(one));
      }),
    );
  });
});
