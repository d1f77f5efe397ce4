// Who may be put under load, by where a host's name leads.
import { describe, expect, it } from 'vitest';
import { type HostRulesOptions, standingOf } from '../../../../src/targets/live/host-rules.ts';

const leadsTo = (...addresses: string[]): HostRulesOptions => ({
  allowHosts: [],
  resolve: async () => addresses,
});

describe('a host', () => {
  it.each(['127.0.0.1', '127.9.9.9', '[::1]', '::ffff:127.0.0.1'])(
    'on this machine is free: %s',
    async (host) => {
      expect(await standingOf(host, { allowHosts: [] })).toBe('loopback');
    },
  );

  it('of a private network has to be named', async () => {
    const options = leadsTo('10.1.2.3');
    await expect(standingOf('shop.internal', options)).rejects.toThrow(
      '--allow-host shop.internal',
    );
    expect(await standingOf('shop.internal', { ...options, allowHosts: ['SHOP.internal.'] })).toBe(
      'private',
    );
    await expect(
      standingOf('shop.internal', { ...options, allowHosts: ['other.internal'] }),
    ).rejects.toMatchObject({ code: 'EGRESS_REFUSED' });
  });

  it('is public as soon as one of its addresses is', async () => {
    expect(await standingOf('shop.example', leadsTo('127.0.0.1', '8.8.8.8'))).toBe('public');
    expect(await standingOf('8.8.8.8', { allowHosts: ['8.8.8.8'] })).toBe('public');
  });

  it.each(['169.254.169.254', 'fe80::1', '0.0.0.0', '224.0.0.1', '2001:db8::1'])(
    'at %s is refused whatever was named',
    async (address) => {
      await expect(
        standingOf('shop.example', { ...leadsTo(address), allowHosts: ['shop.example'] }),
      ).rejects.toMatchObject({ code: 'EGRESS_REFUSED' });
    },
  );

  it('without an address cannot be reached', async () => {
    await expect(standingOf('shop.example', leadsTo())).rejects.toMatchObject({
      code: 'TARGET_UNREACHABLE',
    });
  });
});
