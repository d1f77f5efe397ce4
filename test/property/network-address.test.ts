import { BlockList } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classifyAddress } from '../../src/base/network-address.ts';

const octet = fc.integer({ min: 0, max: 255 });
const v4 = fc.tuple(octet, octet, octet, octet).map((octets) => octets.join('.'));
const hex = (value: number): string => value.toString(16);
const groupsOf = (address: string): string => {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  return `${hex(a * 256 + b)}:${hex(c * 256 + d)}`;
};

/** Node's own matcher as a second opinion on the ranges that matter most. */
function listOf(...ranges: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[]): BlockList {
  const list = new BlockList();
  for (const [address, bits, family] of ranges) list.addSubnet(address, bits, family);
  return list;
}

const LOOPBACK = listOf(['127.0.0.0', 8, 'ipv4'], ['::1', 128, 'ipv6']);
const NEVER_PUBLIC = listOf(
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
);

describe('the kind of an address', () => {
  it('agrees with another matcher on what is loopback and what is never public', () => {
    // Uniform addresses hardly ever hit the ranges: their edges are tried on purpose.
    const firsts = [0, 9, 10, 11, 126, 127, 128, 168, 169, 170, 171, 172, 173, 191, 192, 193, 223];
    const seconds = [0, 15, 16, 31, 32, 167, 168, 169, 253, 254, 255];
    const near = fc
      .tuple(fc.constantFrom(...firsts, 224, 255), fc.constantFrom(...seconds), octet, octet)
      .map((octets) => octets.join('.'));
    fc.assert(
      fc.property(fc.oneof(v4, near), (address) => {
        const kind = classifyAddress(address);
        expect(kind === 'loopback').toBe(LOOPBACK.check(address, 'ipv4'));
        if (NEVER_PUBLIC.check(address, 'ipv4')) expect(kind).not.toBe('public');
      }),
      { numRuns: 2000 },
    );
  });

  it('is the same for an address and its mapped form, however that is written', () => {
    fc.assert(
      fc.property(v4, (address) => {
        const kind = classifyAddress(address);
        for (const mapped of [
          `::ffff:${address}`,
          `::FFFF:${groupsOf(address)}`,
          `0:0:0:0:0:ffff:${groupsOf(address)}`,
          `0000:0000:0000:0000:0000:ffff:${address}`,
        ]) {
          expect(classifyAddress(mapped)).toBe(kind);
        }
      }),
    );
  });

  it('never lets a translator or a tunnel make loopback or a private network reachable', () => {
    fc.assert(
      fc.property(v4, (address) => {
        for (const form of [
          `64:ff9b::${address}`,
          `2002:${groupsOf(address)}::1`,
          `::ffff:0:${address}`,
          `::${address}`,
        ]) {
          const kind = classifyAddress(form);
          const allowed = ['reserved', 'metadata', 'unspecified', 'loopback'];
          if (kind === 'public') expect(classifyAddress(address)).toBe('public');
          else expect(allowed).toContain(kind);
          // `::0.0.0.1` is `::1` in another spelling; nothing else is this machine.
          if (kind === 'loopback') expect(form).toBe('::0.0.0.1');
        }
      }),
    );
  });

  it('takes any text without failing, and what is no address as invalid', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f:.%]{0,40}$/)), (text) => {
        const kind = classifyAddress(text);
        const bare = text.replace(/%.*$/, '');
        if (!/[.:]/.test(bare)) expect(kind).toBe('invalid');
      }),
    );
  });
});
