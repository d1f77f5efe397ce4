import { describe, expect, it } from 'vitest';
import {
  type AddressKind,
  classifyAddress,
  normaliseHost,
} from '../../../src/base/network-address.ts';

const CORPUS: Readonly<Record<AddressKind, readonly string[]>> = {
  loopback: [
    '127.0.0.1',
    '127.255.255.255',
    '::1',
    '0:0:0:0:0:0:0:1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::FFFF:127.8.9.10',
    '0:0:0:0:0:ffff:127.0.0.1',
  ],
  private: [
    '10.0.0.0',
    '10.255.255.255',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '100.127.255.255',
    '198.18.0.1',
    '198.19.255.255',
    'fc00::1',
    'fdff:ffff::1',
    '::ffff:10.0.0.1',
    '::ffff:a00:1',
  ],
  'link-local': ['169.254.0.1', '169.254.255.255', 'fe80::1', 'fe80::1%eth0', 'febf::1'],
  metadata: [
    '169.254.169.254',
    '169.254.170.2',
    '100.100.100.200',
    '168.63.129.16',
    'fd00:ec2::254',
    'fd00:ec2::23',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b::169.254.169.254',
    '2002:a9fe:a9fe::1',
  ],
  unspecified: ['0.0.0.0', '0.1.2.3', '::', '::ffff:0.0.0.0'],
  multicast: ['224.0.0.1', '239.255.255.255', 'ff02::1', '::ffff:224.0.0.1'],
  reserved: [
    '192.0.0.1',
    '192.0.2.1',
    '198.51.100.1',
    '203.0.113.255',
    '240.0.0.1',
    '255.255.255.255',
    '2001:db8::1',
    '2001::1',
    '3fff::1',
    'fec0::1',
    '100::1',
    '4000::1',
    // IPv4-compatible, never routed; translated to what is not public.
    '::127.0.0.1',
    '::8.8.8.8',
    '64:ff9b::7f00:1',
    '64:ff9b::10.0.0.1',
    '64:ff9b:1::8.8.8.8',
    '2002:7f00:1::1',
    '2002:c0a8:101::1',
    '::ffff:0:127.0.0.1',
  ],
  public: [
    '1.1.1.1',
    '8.8.8.8',
    '100.63.255.255',
    '100.128.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '169.253.255.255',
    '126.255.255.255',
    '128.0.0.1',
    '223.255.255.255',
    '2606:4700::1111',
    '::ffff:8.8.8.8',
    '64:ff9b::8.8.8.8',
    '2002:808:808::1',
  ],
  invalid: [
    '',
    'localhost',
    // Spellings that some programs read as 127.0.0.1.
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '0x7f.0.0.1',
    '127.1',
    '127.0.0.1.',
    ' 127.0.0.1',
    '127.0.0.1:80',
    '[::1]',
    '::1]',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '::1::',
    ':::',
    'user@127.0.0.1',
    '127.0.0.1@8.8.8.8',
    '١٢٧.٠.٠.١',
  ],
};

describe('the kind of an address', () => {
  for (const [kind, addresses] of Object.entries(CORPUS)) {
    it(`is ${kind} for what belongs there, in every spelling`, () => {
      expect(addresses.map((address) => [address, classifyAddress(address)])).toEqual(
        addresses.map((address) => [address, kind]),
      );
    });
  }
});

describe('the one spelling of a host', () => {
  it('has neither case nor brackets nor zone nor closing dot', () => {
    expect(['LocalHost', '[::1]', 'shop.example.', 'fe80::1%eth0'].map(normaliseHost)).toEqual([
      'localhost',
      '::1',
      'shop.example',
      'fe80::1',
    ]);
  });
});
