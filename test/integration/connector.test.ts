import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import tls from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { EcomsimError } from '../../src/base/errors.ts';
import { LOOPBACK_ONLY } from '../../src/contract/call.ts';
import {
  Connector,
  type ConnectorOptions,
  isAllowed,
  parseOrigin,
  type Resolve,
} from '../../src/targets/http/connector.ts';
import { AUTHORITY, type CertificateName, certificate } from '../support/certificates.ts';

const opened: (() => void)[] = [];
afterEach(() => {
  for (const close of opened.splice(0)) close();
});

interface Listening {
  readonly port: number;
  connections: number;
  resumed: number;
}

async function listen(
  secured?: CertificateName,
  options: tls.TlsOptions = {},
  host = '127.0.0.1',
): Promise<Listening> {
  const seen = { port: 0, connections: 0, resumed: 0 };
  const greet = (socket: Socket): void => {
    socket.on('error', () => socket.destroy());
    if (socket instanceof tls.TLSSocket && socket.isSessionReused()) seen.resumed++;
    socket.write('hello');
  };
  const server =
    secured === undefined
      ? net.createServer(greet)
      : tls.createServer({ ...certificate(secured), ...options }, greet);
  server.on('connection', () => seen.connections++);
  server.listen(0, host);
  await once(server, 'listening');
  opened.push(() => server.close());
  seen.port = (server.address() as AddressInfo).port;
  return seen;
}

function connectorOf(origin: string, options: Partial<ConnectorOptions> = {}): Connector {
  return new Connector(origin, {
    tls: { ca: '', insecure: false },
    egress: LOOPBACK_ONLY,
    ...options,
  });
}

function connect(connector: Connector): Promise<Socket> {
  return new Promise((resolve, reject) => {
    connector.connect((error, socket) => {
      if (socket === null) reject(error as Error);
      else {
        opened.push(() => socket.destroy());
        resolve(socket);
      }
    });
  });
}

async function problemOf(connector: Connector): Promise<Error & { code?: string }> {
  const problem = await connect(connector).catch((error: Error) => error);
  if (!(problem instanceof Error)) throw new Error('it was connected');
  return problem;
}

/** Answers in turn; the last answer stays. */
function answering(...answers: readonly (readonly string[])[]): Resolve {
  let asked = 0;
  return (_host, answer) => {
    const addresses = answers[Math.min(asked++, answers.length - 1)] ?? [];
    answer(
      null,
      addresses.map((address) => ({ address, family: net.isIP(address) })),
    );
  };
}

describe('an origin', () => {
  it('is read with its usual port, and an address in the spelling of the system', () => {
    const read = (text: string): unknown => {
      const { secure, host, port, hostHeader } = parseOrigin(text);
      return [secure, host, port, hostHeader];
    };
    expect(read('http://Shop.Example')).toEqual([false, 'shop.example', 80, 'shop.example']);
    expect(read('https://shop.example.:8443/')).toEqual([
      ...[true, 'shop.example', 8443, 'shop.example.:8443'],
    ]);
    expect(read('https://[::1]')).toEqual([true, '::1', 443, '[::1]']);
    // Decimal, hexadecimal, octal and short forms are what they are for the system.
    for (const form of ['2130706433', '0x7f000001', '0177.0.0.1', '127.1', '①②⑦.0.0.1']) {
      expect(read(`http://${form}:80`)).toEqual([false, '127.0.0.1', 80, '127.0.0.1']);
    }
    for (const form of ['[::ffff:127.0.0.1]', '[0:0:0:0:0:ffff:7f00:1]']) {
      expect(read(`http://${form}`)).toEqual([false, '::ffff:7f00:1', 80, '[::ffff:7f00:1]']);
    }
  });

  it('is refused when it is anything else than a place', () => {
    for (const text of [
      '',
      'shop',
      'ftp://shop',
      'file:///etc/passwd',
      'http://user@shop',
      'http://127.0.0.1@8.8.8.8',
      'http://user:secret@shop',
      'http://shop/path',
      'http://shop/?q',
      'http://shop#x',
      'http://shop:99999',
      'http://a b',
    ]) {
      expect(() => parseOrigin(text), text).toThrow(EcomsimError);
    }
  });
});

describe('who may be connected to', () => {
  const egress = { privateHosts: ['Shop.Internal', '10.0.0.5'], publicHosts: ['shop.example'] };

  it('is this machine always, and others only as far as they are named', () => {
    expect(isAllowed('anything', '127.0.0.1', LOOPBACK_ONLY)).toBe(true);
    expect(isAllowed('anything', '::ffff:127.0.0.1', LOOPBACK_ONLY)).toBe(true);
    expect(isAllowed('shop.internal', '10.1.2.3', LOOPBACK_ONLY)).toBe(false);
    expect(isAllowed('shop.internal', '10.1.2.3', egress)).toBe(true);
    expect(isAllowed('10.0.0.5', '10.0.0.5', egress)).toBe(true);
    expect(isAllowed('10.0.0.6', '10.0.0.6', egress)).toBe(false);
    expect(isAllowed('shop.example', '8.8.8.8', egress)).toBe(true);
    expect(isAllowed('www.shop.example', '8.8.8.8', egress)).toBe(false);
  });

  it('does not follow a name of one kind to an address of another', () => {
    expect(isAllowed('shop.example', '10.0.0.1', egress)).toBe(false);
    expect(isAllowed('shop.internal', '8.8.8.8', egress)).toBe(false);
  });

  it('never is metadata, link-local, multicast, reserved or nothing, whoever names it', () => {
    for (const address of [
      ...['169.254.169.254', '169.254.1.1', 'fd00:ec2::254', 'fe80::1', '0.0.0.0', '::'],
      ...['224.0.0.1', '255.255.255.255', '64:ff9b::a00:1', '2002:a00:1::1', 'not-an-address', ''],
    ]) {
      const named = { privateHosts: [address, 'h'], publicHosts: [address, 'h'] };
      expect(isAllowed(address, address, named), address).toBe(false);
      expect(isAllowed('h', address, named), address).toBe(false);
    }
  });
});

describe('a connector', () => {
  it('connects to loopback by address and by name, without delay for small writes', async () => {
    const { port } = await listen();
    for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '2130706433']) {
      const socket = await connect(connectorOf(`http://${host}:${port}`));
      expect(String((await once(socket, 'data'))[0])).toBe('hello');
    }
  });

  it('hands received bytes to a reused buffer where one is given', async () => {
    const { port } = await listen();
    const buffer = Buffer.alloc(1024);
    const text = await new Promise<string>((resolve, reject) => {
      const socket = connectorOf(`http://127.0.0.1:${port}`).connect(
        (error) => error !== null && reject(error),
        {
          buffer,
          callback: (bytes, filled) => {
            resolve(Buffer.from(filled.buffer, filled.byteOffset, bytes).toString());
            return true;
          },
        },
      );
      opened.push(() => socket.destroy());
    });
    expect(text).toBe('hello');
  });

  it('refuses literal addresses that are not allowed, in every spelling, and counts them', async () => {
    const hosts = [
      ...['169.254.169.254', '10.0.0.1', '192.168.0.1', '8.8.8.8', '0.0.0.0', '[fd00:ec2::254]'],
      ...['[::ffff:169.254.169.254]', '[::ffff:10.0.0.1]', '2852039166', '0xa9fea9fe', '[fe80::1]'],
      ...[
        '[64:ff9b::127.0.0.1]',
        '[::127.0.0.1]',
        '0',
        '[::]',
        '255.255.255.255',
        '0251.0376.43518',
      ],
    ];
    for (const host of hosts) {
      const connector = connectorOf(`http://${host}:9`);
      const problem = await problemOf(connector);
      expect([host, problem.code, connector.refusals]).toEqual([host, 'EGRESS_REFUSED', 1]);
    }
  });

  it('says what the address is and what would allow it', async () => {
    const privately = await problemOf(connectorOf('http://10.0.0.1'));
    expect(privately.message).toMatch(/10\.0\.0\.1 .*a private network.*--allow-host/);
    const publicly = await problemOf(connectorOf('http://8.8.8.8'));
    expect(publicly.message).toMatch(/the public internet.*consent/);
  });

  it('refuses a name that leads elsewhere, and takes only what is allowed of several answers', async () => {
    const listening = await listen();
    const origin = `http://shop.test:${listening.port}`;
    const elsewhere = connectorOf(origin, { resolve: answering(['10.0.0.1', '169.254.169.254']) });
    expect((await problemOf(elsewhere)).code).toBe('EGRESS_REFUSED');
    expect(elsewhere.refusals).toBe(1);
    expect(listening.connections).toBe(0);
    const mixed = connectorOf(origin, { resolve: answering(['169.254.169.254', '127.0.0.1']) });
    expect((await connect(mixed)).remoteAddress).toBe('127.0.0.1');
    const nowhere = await problemOf(connectorOf(origin, { resolve: answering([]) }));
    expect(nowhere.message).toContain('nowhere');
  });

  it('checks every connection anew, so a name that is changed meanwhile does not help', async () => {
    const { port } = await listen();
    const rebinding = connectorOf(`http://shop.test:${port}`, {
      resolve: answering(['127.0.0.1'], ['10.0.0.1']),
    });
    await connect(rebinding);
    expect((await problemOf(rebinding)).code).toBe('EGRESS_REFUSED');
  });

  it('tells of a name that cannot be resolved', async () => {
    const resolve: Resolve = (_host, answer) =>
      answer(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), []);
    const problem = await problemOf(connectorOf('http://shop.test', { resolve }));
    expect(problem.code).toBe('ENOTFOUND');
  });

  it('tells once and only later, however it ends', async () => {
    const { port } = await listen();
    for (const origin of [`http://127.0.0.1:${port}`, 'http://10.0.0.1', 'https://127.0.0.1:1']) {
      let told = 0;
      const connector = connectorOf(origin);
      await new Promise<void>((resolve) => {
        const socket = connector.connect(() => {
          told++;
          if (socket.destroyed) resolve();
          else socket.destroy();
        });
        expect(told).toBe(0);
        socket.once('close', resolve);
      });
      expect([origin, told]).toEqual([origin, 1]);
    }
  });

  it('tells of a socket that was given up while it connected', async () => {
    const { port } = await listen();
    const problem = await new Promise((resolve) => {
      connectorOf(`http://127.0.0.1:${port}`).connect(resolve).destroy();
    });
    expect(problem).toBeInstanceOf(Error);
  });
});

describe('a connector with TLS', () => {
  const trusting = { tls: { ca: AUTHORITY, insecure: false } };

  it('accepts a certificate of the named authority, for a name and for an address', async () => {
    const { port } = await listen('good');
    for (const host of ['localhost', '127.0.0.1']) {
      const socket = await connect(connectorOf(`https://${host}:${port}`, trusting));
      expect((socket as tls.TLSSocket).authorized).toBe(true);
    }
  });

  const REFUSED: readonly (readonly [CertificateName, string, string])[] = [
    ['self-signed', AUTHORITY, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['expired', AUTHORITY, 'CERT_HAS_EXPIRED'],
    ['wrong-name', AUTHORITY, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['good', '', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ];
  for (const [name, ca, code] of REFUSED) {
    it(`refuses ${ca === '' ? 'an unknown authority' : `a certificate that is ${name}`}`, async () => {
      const { port } = await listen(name);
      const problem = await problemOf(
        connectorOf(`https://localhost:${port}`, { tls: { ca, insecure: false } }),
      );
      expect(problem.code).toBe(code);
      const insecure = connectorOf(`https://localhost:${port}`, { tls: { ca, insecure: true } });
      expect((await connect(insecure)).destroyed).toBe(false);
    });
  }

  it('refuses what is older than TLS 1.2', async () => {
    const old = await listen('good', {
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    const problem = await problemOf(connectorOf(`https://localhost:${old.port}`, trusting));
    expect(problem.code).toMatch(/PROTOCOL|VERSION|SSL/i);
  });

  it('states the name it wants, never an address', async () => {
    const asked: (string | false)[] = [];
    const { port } = await listen('good', {
      SNICallback: (name, done) => {
        asked.push(name);
        done(null);
      },
    });
    await connect(connectorOf(`https://localhost:${port}`, trusting));
    await connect(connectorOf(`https://127.0.0.1:${port}`, trusting));
    expect(asked).toEqual(['localhost']);
  });

  it('takes up an earlier session again', async () => {
    const listening = await listen('good');
    const connector = connectorOf(`https://localhost:${listening.port}`, trusting);
    // The ticket comes after the handshake.
    await once(await connect(connector), 'session');
    await once(await connect(connector), 'data');
    expect(listening.resumed).toBe(1);
  });

  it('offers the protocols it was told to', async () => {
    const { port } = await listen('good', { ALPNProtocols: ['h2', 'http/1.1'] });
    const socket = await connect(
      connectorOf(`https://localhost:${port}`, { ...trusting, alpn: ['h2'] }),
    );
    expect((socket as tls.TLSSocket).alpnProtocol).toBe('h2');
  });

  it('says that an authority cannot be used before anything is connected', () => {
    expect(() =>
      connectorOf('https://localhost', { tls: { ca: 'no certificate', insecure: false } }),
    ).toThrow(/certificate authority/);
  });
});
