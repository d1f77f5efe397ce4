import { afterEach, describe, expect, it } from 'vitest';
import { createSystemClock } from '../../src/base/clock.ts';
import { HttpClient } from '../../src/targets/http/http-client.ts';
import {
  execute,
  type HostileServer,
  plainProtocol,
  response,
  startHostileServer,
  verdict,
} from '../support/hostile-server.ts';

const clock = createSystemClock();
const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

/** Answers each request with the number of the connection that it came on. */
async function numbering(afterMs = 0): Promise<HostileServer> {
  const server = await startHostileServer((socket, _request, connection) => {
    const answer = response(JSON.stringify({ id: connection }));
    if (afterMs === 0) socket.write(answer);
    else clock.after(afterMs, () => socket.write(answer));
  });
  opened.push(server);
  return server;
}

function clientOf({ origin }: HostileServer, maxConnections: number): HttpClient {
  const options = { origin, maxConnections, timeoutMs: 20_000, connectionPerShopper: true };
  const client = new HttpClient(options, plainProtocol(), clock);
  opened.push(client);
  return client;
}

async function connectionOf(client: HttpClient, slot: number): Promise<string> {
  const call = await execute(client, clock, { slot });
  expect(verdict(call)).toBe('ok none');
  return call.gotOrderId;
}

describe('a client with a connection per shopper', () => {
  it('keeps each shopper on one connection, and closes it when the session ends', async () => {
    const server = await numbering();
    const client = clientOf(server, 10);
    const first = [await connectionOf(client, 0), await connectionOf(client, 1)];
    const again = [await connectionOf(client, 0), await connectionOf(client, 1)];
    expect(again).toEqual(first);
    expect(new Set(first).size).toBe(2);
    client.release(0);
    while (server.open() > 1) await clock.sleep(1);
    expect(await connectionOf(client, 1)).toBe(first[1]);
    expect(first).not.toContain(await connectionOf(client, 0));
  });

  it('states how long the making of a connection took, to the one who waited for it', async () => {
    const client = clientOf(await numbering(), 10);
    const made = await execute(client, clock, { slot: 7 });
    const kept = await execute(client, clock, { slot: 7 });
    expect(made.connectUs).toBeGreaterThan(0);
    expect(kept.connectUs).toBe(0);
  });

  it('stays within its bound, waits, and serves everybody', async () => {
    const server = await numbering(3);
    const client = clientOf(server, 4);
    const calls = await Promise.all(
      Array.from({ length: 40 }, (_, slot) => execute(client, clock, { slot })),
    );
    expect(new Set(calls.map(verdict))).toEqual(new Set(['ok none']));
    const { connectionsOpened, waits } = client.stats();
    expect(waits).toBe(36);
    expect(connectionsOpened).toBe(40);
    while (server.open() > 4) await clock.sleep(1);
  });

  it('counts bytes in both directions from the moment it is open', async () => {
    const server = await numbering();
    const client = clientOf(server, 2);
    await client.open();
    expect(client.stats()).toMatchObject({ bytesReceived: 0, bytesSent: 0 });
    await connectionOf(client, 0);
    client.release(0);
    await connectionOf(client, 1);
    const { bytesReceived, bytesSent } = client.stats();
    const answer = response(JSON.stringify({ id: 1 })).length;
    expect(bytesReceived).toBeGreaterThanOrEqual(2 * answer);
    expect(bytesReceived).toBeLessThan(2 * answer + 10);
    expect(bytesSent).toBeGreaterThan(60);
    expect(bytesSent).toBeLessThan(400);
  });
});
