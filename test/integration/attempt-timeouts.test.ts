// A call's own time-out, kept by the HTTP client against a real server on loopback that is silent.
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createSystemClock, createVirtualClock } from '../../src/base/clock.ts';
import { type Call, createCall } from '../../src/contract/call.ts';
import { HttpClient } from '../../src/targets/http/http-client.ts';

const clock = createSystemClock();
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function silentServer(): Promise<string> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A client on virtual time, whose own time-out is 300 ms, and the calls that it has finished. */
async function patientClient(maxConnections: number) {
  const virtual = createVirtualClock(1_000_000);
  const client = new HttpClient(
    { origin: await silentServer(), maxConnections, timeoutMs: 300 },
    {
      warmupPath: '/',
      encode: (_call, request) => {
        Object.assign(request, { method: 'POST', path: '/orders', headers: [], body: '{}' });
        return true;
      },
      decode: () => {},
    },
    virtual,
  );
  closers.push(() => client.close());
  const finished: string[] = [];
  const send = (key: string, timeoutMs: number): Call => {
    const call = Object.assign(createCall(), { operation: 'order', key, timeoutMs });
    client.execute(call, (done) => finished.push(`${done.key} ${done.outcome} ${done.reason}`));
    return call;
  };
  return { virtual, finished, send };
}

describe('the time-out of a call', () => {
  it('is its own where it brings one, shorter or longer, and the client’s where it does not', async () => {
    const { virtual, finished, send } = await patientClient(3);
    const calls = [send('short', 100), send('plain', 0), send('long', 900)];
    while (calls.some(({ sentAtUs }) => sentAtUs === 0)) await clock.sleep(1);
    virtual.advance(95);
    expect(finished).toEqual([]);
    virtual.advance(15);
    expect(finished).toEqual(['short unknown timeout']);
    virtual.advance(180);
    expect(finished).toHaveLength(1);
    virtual.advance(20);
    expect(finished).toEqual(['short unknown timeout', 'plain unknown timeout']);
    virtual.advance(580);
    expect(finished).toHaveLength(2);
    virtual.advance(30);
    expect(finished).toEqual([
      'short unknown timeout',
      'plain unknown timeout',
      'long unknown timeout',
    ]);
  });

  it('is looked at often enough for the shortest, also when that comes later', async () => {
    const { virtual, finished, send } = await patientClient(2);
    const first = send('first', 2000);
    while (first.sentAtUs === 0) await clock.sleep(1);
    virtual.advance(50);
    const second = send('second', 20);
    while (second.sentAtUs === 0) await clock.sleep(1);
    virtual.advance(30);
    expect(finished).toEqual(['second unknown timeout']);
  });

  it('ends a call behind more patient ones in the queue for a connection, as failed', async () => {
    const { virtual, finished, send } = await patientClient(1);
    const sent = send('sent', 900);
    while (sent.sentAtUs === 0) await clock.sleep(1);
    const patient = send('patient', 600);
    const hasty = send('hasty', 100);
    virtual.advance(110);
    expect(finished).toEqual(['hasty failed timeout']);
    virtual.advance(500);
    expect(finished).toEqual(['hasty failed timeout', 'patient failed timeout']);
    expect([patient.sentAtUs, hasty.sentAtUs]).toEqual([0, 0]);
  });
});
