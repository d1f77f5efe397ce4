import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { clock, DOOR, isAlive, request, Shop, SYSTEM, until } from './running-shop.ts';

const started: Shop[] = [];
const folders: string[] = [];

async function start(...options: Parameters<typeof Shop.start>): Promise<Shop> {
  const shop = await Shop.start(...options);
  started.push(shop);
  return shop;
}

function tempFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ecomsim-test-data-'));
  folders.push(folder);
  return folder;
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((shop) => shop.running.stop()));
  for (const folder of folders.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
});

function pidsOf(shop: Shop): number[] {
  return shop.running.processes.map(({ pid }) => pid);
}

describe('a shop', () => {
  it('is told from every other start of it by its instance', async () => {
    const [a, b] = await Promise.all([start(), start()]);
    for (const shop of [a, b]) {
      const health = await request(`${shop.running.origin}/healthz`, { method: 'GET' });
      expect(health.body).toEqual({ status: 'ok', instance: shop.running.instance });
    }
    expect(a.running.instance).not.toBe(b.running.instance);
  });

  it('leaves no process and no data behind when it is stopped, also twice', async () => {
    const shop = await start();
    const { dataDir } = shop.running;
    expect(fs.existsSync(dataDir)).toBe(true);
    await Promise.all([shop.running.stop(), shop.running.stop()]);
    expect(pidsOf(shop).filter(isAlive)).toEqual([]);
    expect(fs.existsSync(dataDir)).toBe(false);
    expect(shop.deaths).toEqual([]);
  });

  it('leaves nothing behind when it is killed, or stopped while a process hangs', async () => {
    const killed = await start();
    killed.running.kill();
    await until(() => !pidsOf(killed).some(isAlive));
    expect(fs.existsSync(killed.running.dataDir)).toBe(false);

    const hanging = await start();
    for (const pid of pidsOf(hanging)) process.kill(pid, 'SIGSTOP');
    await hanging.running.stop();
    expect(pidsOf(hanging).filter(isAlive)).toEqual([]);
    expect(fs.existsSync(hanging.running.dataDir)).toBe(false);
  });

  it('goes on when a terminal sends Ctrl-C to the whole group', async () => {
    const shop = await start();
    for (const pid of pidsOf(shop)) {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(pid, signal);
    }
    await clock.sleep(100);
    const health = await request(`${shop.running.origin}/healthz`, { method: 'GET' });
    expect(health.status).toBe(200);
    expect(pidsOf(shop).every(isAlive)).toBe(true);
  });

  it('tells of a process that dies by itself, once, and which', async () => {
    const shop = await start();
    const [shopPid, gatewayPid] = pidsOf(shop) as [number, number];
    process.kill(shopPid, 'SIGKILL');
    await until(() => shop.deaths.length > 0);
    process.kill(gatewayPid, 'SIGKILL');
    await until(() => !isAlive(gatewayPid));
    expect(shop.deaths).toEqual([`the shop process (pid ${shopPid}) was ended by SIGKILL`]);
  });

  it('cannot have a port that is taken, and says what to do', async () => {
    const first = await start();
    const port = Number(new URL(first.running.origin).port);
    await expect(start({ port })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: expect.stringContaining(`Port ${port}`),
    });
  });

  it('cannot use a data folder that another one uses, nor one that is a file', async () => {
    const folder = tempFolder();
    await start({ dataDir: folder });
    fs.writeFileSync(path.join(folder, 'owner.pid'), `${process.ppid}\n`);
    await expect(start({ dataDir: folder })).rejects.toMatchObject({ code: 'TARGET_START_FAILED' });
    const file = path.join(tempFolder(), 'file');
    fs.writeFileSync(file, '');
    await expect(start({ dataDir: file })).rejects.toMatchObject({ code: 'TARGET_START_FAILED' });
  });

  it('with an unknown strategy does not start', async () => {
    await expect(start({ inventory: { strategy: 'hope' } })).rejects.toMatchObject({
      code: 'UNKNOWN_NAME',
    });
  });

  it('shows its secret to nobody who lists processes', async () => {
    const shop = await start();
    for (const pid of pidsOf(shop)) {
      const proc = `/proc/${pid}/cmdline`;
      if (fs.existsSync(proc))
        expect(fs.readFileSync(proc, 'utf8')).not.toContain(shop.running.secret);
    }
    expect(fs.statSync(shop.running.dataDir).mode & 0o077).toBe(0);
  });
});

describe('after a kill', () => {
  it('every order that was acknowledged is there, and every other one is settled', async () => {
    const shop = await start({
      payment: { latency: { p50Ms: 20, p99Ms: 60 } },
      inventory: { holdTtlMs: 1000 },
    });
    await shop.seed({ hotUnits: 1000, perCustomer: 1000 });
    for (let round = 0; round < 2; round++) {
      const { acknowledged, sent } = await killInMidRun(shop, round);
      expect(acknowledged.size).toBeGreaterThan(0);
      await shop.running.restartShop();
      await shop.settle();
      const orders = (await shop.control('GET', '/ledger/orders?limit=10000')).body.items;
      const byKey = new Map(orders.map((order: any) => [`${order.customer} ${order.key}`, order]));
      for (const [key, id] of acknowledged) {
        expect(byKey.get(key)).toMatchObject({ id, status: 'confirmed' });
      }
      expect(sent).toBeGreaterThan(acknowledged.size);
    }
    const orders = (await shop.control('GET', '/ledger/orders?limit=10000')).body.items;
    const confirmed = orders.filter((order: any) => order.status === 'confirmed');
    const captured = (await shop.charges()).body.items.filter(
      (charge: any) => charge.status === 'captured',
    );
    expect(captured.map((charge: any) => charge.orderId).sort()).toEqual(
      confirmed.map((order: any) => order.id).sort(),
    );
    const stock = (await shop.control('GET', '/ledger/stock')).body.items;
    expect(stock.find((row: any) => row.sku === 'hot')).toMatchObject({
      available: 1000 - confirmed.length,
      held: 0,
      committed: confirmed.length,
    });
    const notified = (await shop.control('GET', '/ledger/notifications?limit=10000')).body.items;
    expect(notified.every((row: any) => row.sent === 1)).toBe(true);
    expect(notified).toHaveLength(confirmed.length);
  });

  it('catalogue, sale, ports and tokens are as before', async () => {
    const shop = await start();
    await shop.seed({ hotUnits: 10 });
    const { origin, controlOrigin, instance } = shop.running;
    await shop.running.restartShop();
    expect([shop.running.origin, shop.running.controlOrigin]).toEqual([origin, controlOrigin]);
    expect(shop.running.instance).not.toBe(instance);
    expect((await shop.api(0, 'GET', '/api/inventory/hot')).body).toEqual({
      ...{ sku: 'hot', available: 10, sale: 'open' },
    });
    expect((await shop.checkout(0)).status).toBe(201);
    expect(shop.deaths).toEqual([]);
  });

  it('a kept folder serves the next start, the payment ledger included', async () => {
    const dataDir = tempFolder();
    const first = await start({ dataDir });
    await first.seed({ hotUnits: 10 });
    const { id } = (await first.checkout(0)).body;
    expect((await first.order(0, 'k', id)).status).toBe(201);
    await first.running.stop();
    const second = await start({ dataDir });
    expect((await second.control('GET', '/ledger/orders')).body.items).toHaveLength(1);
    expect((await second.charges()).body.items).toHaveLength(1);
  });
});

/** Orders from many customers until the shop is killed under them. */
async function killInMidRun(shop: Shop, round: number) {
  const acknowledged = new Map<string, string>();
  let sent = 0;
  const shoppers = Array.from({ length: 12 }, async (_, customer) => {
    for (let ordinal = 0; ; ordinal++) {
      const key = `r${round}-${ordinal}`;
      const held = await shop.checkout(customer);
      if (held.status !== 201) throw new Error(`checkout: ${held.status}`);
      sent++;
      const order = await shop.order(customer, key, held.body.id);
      if (order.status === 201) acknowledged.set(`c-${customer} ${key}`, order.body.id);
    }
  });
  await until(() => acknowledged.size >= 20);
  process.kill(pidsOf(shop)[0] as number, 'SIGKILL');
  const ends = await Promise.allSettled(shoppers);
  expect(ends.every((end) => end.status === 'rejected')).toBe(true);
  return { acknowledged, sent };
}

describe('when the parent dies', () => {
  const PARENT = `
    const { startReferenceSystem } = await import(${JSON.stringify(DOOR)});
    const { createSystemClock } = await import(
      ${JSON.stringify(new URL('../base/clock.js', DOOR).href)}
    );
    const shop = await startReferenceSystem({
      system: ${JSON.stringify(SYSTEM)}, seed: 1, clock: createSystemClock(),
    });
    console.log(JSON.stringify({ pids: shop.processes.map((p) => p.pid), dir: shop.dataDir }));
  `;

  it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
    'of %s its children die too and take their data with them',
    async (signal) => {
      const parent = spawn(process.execPath, ['--input-type=module', '-e', PARENT], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let output = '';
      parent.stdout.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
      await until(() => output.endsWith('\n'));
      const { pids, dir } = JSON.parse(output) as { pids: number[]; dir: string };
      expect(pids.every(isAlive)).toBe(true);
      parent.kill(signal);
      await until(() => !pids.some(isAlive) && !fs.existsSync(dir));
    },
  );

  it('and its children with it, the next start sweeps their data away', async () => {
    const leftover = path.join(os.tmpdir(), `ecomsim-shop-test${process.pid}`);
    fs.mkdirSync(leftover);
    // The pid of a process that has surely ended.
    const gone = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => gone.once('exit', resolve));
    fs.writeFileSync(path.join(leftover, 'owner.pid'), `${gone.pid}\n`);
    await start();
    expect(fs.existsSync(leftover)).toBe(false);
  });
});
