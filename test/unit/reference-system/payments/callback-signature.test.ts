import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkSignature,
  signMessage,
  statedId,
  TOLERANCE_MS,
} from '../../../../src/reference-system/payments/callback-signature.ts';

const SECRET = 'a secret of both sides';
const NOW = 1_700_000_000_000;
const MESSAGE = { id: 'cb_1', body: '{"kind":"captured"}', wallMs: NOW };

function verdictOf(
  change: Readonly<Record<string, string>>,
  body = MESSAGE.body,
  nowMs = NOW,
): string {
  const { headers } = signMessage(SECRET, MESSAGE);
  return checkSignature(SECRET, { ...headers, ...change }, body, nowMs);
}

describe('a signed message', () => {
  it('is genuine as it was signed', () => {
    expect(verdictOf({})).toBe('genuine');
    expect(statedId(signMessage(SECRET, MESSAGE).headers)).toBe('cb_1');
  });

  it('is forged by any change of its id, its instant, its body or its signature', () => {
    const { headers } = signMessage(SECRET, MESSAGE);
    const names = ['x-callback-id', 'x-callback-timestamp', 'x-callback-signature'];
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.string(), (name, text) => {
        fc.pre(headers[name] !== text);
        expect(verdictOf({ [name]: text })).toBe('forged');
      }),
    );
    fc.assert(
      fc.property(fc.string(), (body) => {
        fc.pre(body !== MESSAGE.body);
        expect(verdictOf({}, body)).toBe('forged');
      }),
    );
  });

  it('is forged when somebody without the secret signs it', () => {
    const { headers } = signMessage('another secret', MESSAGE);
    expect(checkSignature(SECRET, headers, MESSAGE.body, NOW)).toBe('forged');
  });

  it.each([
    [TOLERANCE_MS, 'genuine'],
    [-TOLERANCE_MS, 'genuine'],
    [TOLERANCE_MS + 1, 'stale'],
    [-TOLERANCE_MS - 1, 'stale'],
    [24 * 3_600_000, 'stale'],
  ])('is, %i ms after it was signed, %s', (afterMs, verdict) => {
    expect(verdictOf({}, MESSAGE.body, NOW + afterMs)).toBe(verdict);
  });

  it('has no second reading: a dot cannot move from one part to the next', () => {
    const moved = signMessage(SECRET, { ...MESSAGE, id: 'cb_1', body: '5.x' });
    const instant = `${moved.headers['x-callback-timestamp']}.5`;
    const headers = { ...moved.headers, 'x-callback-timestamp': instant };
    expect(checkSignature(SECRET, headers, 'x', NOW)).toBe('forged');
  });

  it('without headers is forged', () => {
    expect(checkSignature(SECRET, {}, MESSAGE.body, NOW)).toBe('forged');
    expect(statedId({})).toBeUndefined();
    expect(statedId({ 'x-callback-id': 'a b' })).toBeUndefined();
  });
});
