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
