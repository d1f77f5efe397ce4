/**
 * Opens TCP and TLS sockets to one origin and to nowhere else: every address is checked after its
 * name was resolved, before anything is sent, and once more on the socket that was really opened.
 */
import { X509Certificate } from 'node:crypto';
import { type LookupAddress, lookup } from 'node:dns';
import net, { type LookupFunction, type Socket } from 'node:net';
import tls, { type TLSSocket } from 'node:tls';
import { EcomsimError, messageOf } from '../../base/errors.ts';
import { type AddressKind, classifyAddress, normaliseHost } from '../../base/network-address.ts';
import type { EgressRule, TlsOptions } from '../../contract/call.ts';

export interface Origin {
  readonly secure: boolean;
  /** Lower case, no brackets. */
  readonly host: string;
  readonly port: number;
  /** As the `host` header states it: the port only when it is not the usual one. */
  readonly hostHeader: string;
}

export interface ConnectorOptions {
  readonly tls: TlsOptions;
  readonly egress: EgressRule;
  /** Protocols to offer over TLS; the socket's `alpnProtocol` says which was taken. */
  readonly alpn?: readonly string[];
  /** The system's own by default. */
  readonly resolve?: Resolve;
}

export type Resolve = (
  host: string,
  answer: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

const resolveBySystem: Resolve = (host, answer) => lookup(host, { all: true }, answer);

/** Told exactly once, never from within `connect`. */
export type Connected = (error: Error | null, socket: Socket | null) => void;

/** `http(s)://host[:port]` and nothing behind it. Throws INVALID_VALUE. */
export function parseOrigin(text: string): Origin {
  const refuse = (why: string): EcomsimError =>
    new EcomsimError('INVALID_VALUE', `"${text}" is not http(s)://host[:port]: ${why}`);
  let url: URL;
  try {
    url = new URL(text);
  } catch (error) {
    throw refuse(messageOf(error));
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw refuse('another protocol');
  if (url.username !== '' || url.password !== '') throw refuse('it names a user');
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') throw refuse('it has a path');
  const secure = url.protocol === 'https:';
  return {
    secure,
    host: normaliseHost(url.hostname),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    hostHeader: url.host,
  };
}

/** Whether a connection to `address`, which `host` was resolved to, is allowed. */
export function isAllowed(host: string, address: string, egress: EgressRule): boolean {
  const kind = classifyAddress(address);
  if (kind === 'loopback') return true;
  const isNamed = (hosts: readonly string[]): boolean =>
    hosts.some((named) => normaliseHost(named) === host);
  if (kind === 'private') return isNamed(egress.privateHosts);
  return kind === 'public' && isNamed(egress.publicHosts);
}

const MEANS: Readonly<Record<AddressKind, string>> = {
  loopback: 'this machine',
  private: 'a private network',
  'link-local': 'a link-local address',
  metadata: "a cloud machine's metadata service",
  unspecified: 'no particular machine',
  multicast: 'a multicast group',
  reserved: 'a reserved or translated address',
  public: 'the public internet',
  invalid: 'no IP address',
};

function refusal(host: string, address: string): EcomsimError {
  const kind = classifyAddress(address);
  const advice =
    kind === 'private'
      ? '; allow it with --allow-host'
      : kind === 'public'
        ? '; its owner has to consent first'
        : '';
  return new EcomsimError(
    'EGRESS_REFUSED',
    `${host} leads to ${address || 'nowhere'} (${MEANS[kind]}), which may not be put under load` +
      advice,
  );
}

export class Connector {
  readonly origin: Origin;
  /** Connections that were not made, or ended at once, because of where they led. */
  refusals = 0;
  readonly #open = new Set<Socket>();
  #receivedBefore = 0;
  #sentBefore = 0;
  readonly #options: ConnectorOptions;
  readonly #secureContext: tls.SecureContext | undefined;
  #session: Buffer | undefined;

  /** Throws INVALID_VALUE for an origin or a CA that cannot be used. */
  constructor(origin: string, options: ConnectorOptions) {
    this.origin = parseOrigin(origin);
    this.#options = options;
    if (this.origin.secure) this.#secureContext = secureContextOf(options.tls);
  }

  /**
   * The socket is connecting when this returns; whoever gives up earlier destroys it. `onread` is
   * that of `net.Socket`. Errors: EGRESS_REFUSED, those of the system, those of TLS.
   */
  connect(done: Connected, onread?: net.OnReadOpts): Socket {
    const refused = this.#refusalOfLiteral();
    if (refused !== undefined) {
      const socket = new net.Socket();
      socket.once('error', (error) => done(error, null));
      socket.destroy(refused);
      return socket;
    }
    const socket = this.#start(onread);
    socket.setNoDelay(true);
    this.#count(socket);
    socket.once('connect', () => this.#checkPeer(socket));
    let isTold = false;
    const tell = (error: Error | null): void => {
      if (isTold) return;
      isTold = true;
      done(error, error === null ? socket : null);
    };
    socket.once(this.origin.secure ? 'secureConnect' : 'connect', () => {
      if (!socket.destroyed) tell(null);
    });
    socket.once('error', tell);
    socket.once('close', () => tell(new Error('the connection was closed before it was open')));
    return socket;
  }

  /** Bytes read from and written to all its sockets so far, heads and TLS records included. */
  traffic(): { received: number; sent: number } {
    let received = this.#receivedBefore;
    let sent = this.#sentBefore;
    for (const socket of this.#open) {
      received += socket.bytesRead;
      sent += socket.bytesWritten;
    }
    return { received, sent };
  }

  /** Ends every socket that is still open. */
  close(): void {
    for (const socket of this.#open) socket.destroy();
  }

  #count(socket: Socket): void {
    this.#open.add(socket);
    socket.once('close', () => {
      this.#open.delete(socket);
      this.#receivedBefore += socket.bytesRead;
      this.#sentBefore += socket.bytesWritten;
    });
  }

  #start(onread: net.OnReadOpts | undefined): Socket {
    const { host, port, secure } = this.origin;
    const where = { host, port, lookup: this.#lookup, ...(onread !== undefined && { onread }) };
    if (!secure) return net.connect(where);
    const { tls: wanted, alpn } = this.#options;
    const socket: TLSSocket = tls.connect({
      ...where,
      secureContext: this.#secureContext,
      rejectUnauthorized: !wanted.insecure,
      ...(net.isIP(host) === 0 && { servername: host }),
      ...(alpn !== undefined && { ALPNProtocols: [...alpn] }),
      ...(this.#session !== undefined && { session: this.#session }),
    });
    socket.on('session', (session) => {
      this.#session = session;
    });
    // A session that the server no longer likes must not be offered for ever.
    socket.once('error', () => {
      this.#session = undefined;
    });
    return socket;
  }

  /** A literal address is not looked up, so it is checked here. */
  #refusalOfLiteral(): EcomsimError | undefined {
    const { host } = this.origin;
    if (net.isIP(host) === 0 || isAllowed(host, host, this.#options.egress)) return undefined;
    this.refusals++;
    return refusal(host, host);
  }

  readonly #lookup: LookupFunction = (hostname, options, callback) => {
    const resolve = this.#options.resolve ?? resolveBySystem;
    resolve(hostname, (error, addresses) => {
      if (error !== null) {
        callback(error, '');
        return;
      }
      const { host } = this.origin;
      const { egress } = this.#options;
      const allowed = addresses.filter(({ address }) => isAllowed(host, address, egress));
      const first = allowed[0];
      if (first === undefined) {
        this.refusals++;
        callback(refusal(host, addresses[0]?.address ?? ''), '');
      } else if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };

  /** Trusts nothing that led here: neither the resolver nor the list it gave. */
  #checkPeer(socket: Socket): void {
    const { host } = this.origin;
    const peer = socket.remoteAddress;
    if (peer === undefined) {
      socket.destroy(new Error('the connection was lost as soon as it was open'));
      return;
    }
    if (isAllowed(host, peer, this.#options.egress)) return;
    this.refusals++;
    socket.destroy(refusal(host, peer));
  }
}

function secureContextOf({ ca }: TlsOptions): tls.SecureContext {
  try {
    // OpenSSL passes over what is no certificate, and then trusts nobody.
    if (ca !== '') new X509Certificate(ca);
    return tls.createSecureContext({ minVersion: 'TLSv1.2', ...(ca !== '' && { ca }) });
  } catch (error) {
    const message = `the certificate authority given for TLS cannot be used: ${messageOf(error)}`;
    throw new EcomsimError('INVALID_VALUE', message, { cause: error });
  }
}
