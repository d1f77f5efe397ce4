/**
 * What kind of network an IP address belongs to, so that load never reaches a machine by accident.
 * Works on addresses as a socket states them, after names were resolved.
 */
import { isIPv4, isIPv6 } from 'node:net';

/**
 * `private`: not routed on the public internet and usable when named. `metadata`: credentials of
 * cloud machines. `reserved`: documentation, discard, tunnels and what is not given out yet.
 * `invalid`: no IP address at all.
 */
export type AddressKind =
  | 'loopback'
  | 'private'
  | 'link-local'
  | 'metadata'
  | 'unspecified'
  | 'multicast'
  | 'reserved'
  | 'public'
  | 'invalid';

interface Block {
  readonly bytes: readonly number[];
  readonly bits: number;
  readonly kind: AddressKind;
}

const block = (cidr: string, kind: AddressKind): Block => {
  const [address = '', bits = ''] = cidr.split('/');
  return { bytes: bytesOf(address), bits: Number(bits), kind };
};

/** First match wins. From the special-purpose registries (RFC 6890), narrow before wide. */
const BLOCKS_V4: readonly Block[] = [
  // Where cloud machines find their credentials and settings.
  block('169.254.169.254/32', 'metadata'),
  block('169.254.170.2/32', 'metadata'),
  block('169.254.170.23/32', 'metadata'),
  block('100.100.100.200/32', 'metadata'),
  block('168.63.129.16/32', 'metadata'),
  block('192.0.0.192/32', 'metadata'),
  block('0.0.0.0/8', 'unspecified'),
  block('10.0.0.0/8', 'private'),
  block('100.64.0.0/10', 'private'),
  block('127.0.0.0/8', 'loopback'),
  block('169.254.0.0/16', 'link-local'),
  block('172.16.0.0/12', 'private'),
  block('192.0.0.0/24', 'reserved'),
  block('192.0.2.0/24', 'reserved'),
  block('192.88.99.0/24', 'reserved'),
  block('192.168.0.0/16', 'private'),
  // Meant for load tests within one's own network (RFC 2544).
  block('198.18.0.0/15', 'private'),
  block('198.51.100.0/24', 'reserved'),
  block('203.0.113.0/24', 'reserved'),
  block('224.0.0.0/4', 'multicast'),
  block('240.0.0.0/4', 'reserved'),
];

const BLOCKS_V6: readonly Block[] = [
  block('fd00:ec2::/32', 'metadata'),
  block('fd20:ce::254/128', 'metadata'),
  block('::/128', 'unspecified'),
  block('::1/128', 'loopback'),
  block('fc00::/7', 'private'),
  block('fe80::/10', 'link-local'),
  block('ff00::/8', 'multicast'),
  // Tunnels, protocol assignments and documentation within what is otherwise public.
  block('2001::/23', 'reserved'),
  block('2001:db8::/32', 'reserved'),
  block('3fff::/20', 'reserved'),
  block('2000::/3', 'public'),
];

/** Forms of IPv6 that carry an IPv4 address, and where it stands. */
const CARRIERS: readonly {
  readonly prefix: Block;
  readonly at: number;
  /** The system itself connects to the inner address, so its kind is that one's. */
  readonly isSame: boolean;
}[] = [
  { prefix: block('::ffff:0:0/96', 'reserved'), at: 12, isSame: true },
  // Translators and tunnels: a public address behind one is public, anything else is a trick.
  { prefix: block('::ffff:0:0:0/96', 'reserved'), at: 12, isSame: false },
  { prefix: block('64:ff9b::/96', 'reserved'), at: 12, isSame: false },
  { prefix: block('2002::/16', 'reserved'), at: 2, isSame: false },
];

/** `address` as a socket or resolver states it: no brackets, no port; a zone (`%eth0`) may follow. */
export function classifyAddress(address: string): AddressKind {
  const bytes = bytesOf(address);
  if (bytes.length === 4) return kindWithin(bytes, BLOCKS_V4) ?? 'public';
  if (bytes.length !== 16) return 'invalid';
  for (const { prefix, at, isSame } of CARRIERS) {
    if (!isWithin(bytes, prefix)) continue;
    const inner = kindWithin(bytes.slice(at, at + 4), BLOCKS_V4) ?? 'public';
    return isSame || inner === 'public' || inner === 'metadata' ? inner : 'reserved';
  }
  return kindWithin(bytes, BLOCKS_V6) ?? 'reserved';
}

/** One spelling for each host: lower case, no brackets, no zone of a link, no dot at the end. */
export function normaliseHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/%.*$/, '')
    .replace(/\.$/, '');
}

function kindWithin(bytes: readonly number[], blocks: readonly Block[]): AddressKind | undefined {
  return blocks.find((candidate) => isWithin(bytes, candidate))?.kind;
}

function isWithin(bytes: readonly number[], { bytes: prefix, bits }: Block): boolean {
  for (let bit = 0; bit < bits; bit += 8) {
    const kept = Math.min(8, bits - bit);
    const mask = (0xff << (8 - kept)) & 0xff;
    const at = bit / 8;
    if (((bytes[at] as number) & mask) !== ((prefix[at] as number) & mask)) return false;
  }
  return true;
}

/** 4 or 16 bytes; none when it is no address in its usual spelling. */
function bytesOf(address: string): readonly number[] {
  if (isIPv4(address)) return address.split('.').map(Number);
  const zone = address.indexOf('%');
  const plain = zone < 0 ? address : address.slice(0, zone);
  return isIPv6(plain) ? bytesOfV6(plain) : [];
}

function bytesOfV6(address: string): readonly number[] {
  const [head = '', tail] = address.split('::');
  const before = groupBytes(head);
  if (tail === undefined) return before;
  const after = groupBytes(tail);
  return [...before, ...new Array<number>(16 - before.length - after.length).fill(0), ...after];
}

function groupBytes(groups: string): number[] {
  if (groups === '') return [];
  return groups.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
