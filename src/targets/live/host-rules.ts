/** Who may be put under load: this machine freely, private hosts when named, others by consent. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { EcomsimError, messageOf } from '../../base/errors.ts';
import { type AddressKind, classifyAddress, normaliseHost } from '../../base/network-address.ts';

export interface HostRulesOptions {
  /** `--allow-host`. */
  readonly allowHosts: readonly string[];
  /** The system's resolver and the table of networks unless a test says otherwise. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
  readonly classify?: (address: string) => AddressKind;
}

/** What may be done with a host; `public` still needs its owner's consent. */
export type HostStanding = 'loopback' | 'private' | 'public';

/** The worst of the addresses counts. Throws TARGET_UNREACHABLE or EGRESS_REFUSED. */
export async function standingOf(host: string, options: HostRulesOptions): Promise<HostStanding> {
  const { allowHosts, resolve = resolveBySystem, classify = classifyAddress } = options;
  const name = normaliseHost(host);
  const addresses = isIP(name) === 0 ? await resolved(name, resolve) : [name];
  let standing: HostStanding = 'loopback';
  for (const address of addresses) {
    const kind = classify(address);
    if (kind === 'public') standing = 'public';
    else if (kind === 'private') {
      if (!allowHosts.some((one) => normaliseHost(one) === name)) throw unnamed(name, address);
      if (standing === 'loopback') standing = 'private';
    } else if (kind !== 'loopback') {
      throw new EcomsimError(
        'EGRESS_REFUSED',
        `${name} leads to ${address} (${kind}), which is never put under load`,
      );
    }
  }
  return standing;
}

function unnamed(host: string, address: string): EcomsimError {
  return new EcomsimError(
    'EGRESS_REFUSED',
    `${host} leads to ${address}, a private network: put it under load only if it is yours, and ` +
      `say so with --allow-host ${host}`,
  );
}

async function resolved(
  host: string,
  resolve: (host: string) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  try {
    const addresses = await resolve(host);
    if (addresses.length > 0) return addresses;
  } catch (error) {
    throw new EcomsimError('TARGET_UNREACHABLE', `${host} has no address: ${messageOf(error)}`, {
      cause: error,
    });
  }
  throw new EcomsimError('TARGET_UNREACHABLE', `${host} has no address`);
}

async function resolveBySystem(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
