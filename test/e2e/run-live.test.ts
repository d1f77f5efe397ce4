// Target files end to end: the bundled shop driven as if it were somebody else's, and a small shop
// that sells more than it has.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PROJECT_ROOT, readOnlyResult, runCli, scratchDir } from '../support/cli.ts';

let scratch: ReturnType<typeof scratchDir>;
let shop: ChildProcess | undefined;
let foreign: Server | undefined;

beforeEach(() => {
  scratch = scratchDir();
});

afterEach(async () => {
  if (shop !== undefined && shop.exitCode === null) {
    shop.kill('SIGINT');
    await once(shop, 'exit');
  }
  shop = undefined;
  foreign?.closeAllConnections();
  foreign?.close();
  foreign = undefined;
  scratch.dispose();
});

/** The address of a shop that serves until the end of the test. */
async function serve(): Promise<string> {
  const cli = path.join(PROJECT_ROOT, 'dist', 'cli.js');
  const args = ['serve', '-p', 'ci', '--customers', '300', '--users', 'users.csv'];
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: scratch.path,
    env: { ...process.env, TMPDIR: scratch.path },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  shop = child;
  let text = '';
  for await (const chunk of child.stdout) {
    text += String(chunk);
    const address = /shop +(http:\/\/127\.0\.0\.1:\d+)/.exec(text)?.[1];
    if (address !== undefined && text.includes('Ctrl-C')) return address;
  }
  throw new Error(`the shop did not start: ${text}`);
}

function file(name: string, text: string): string {
  writeFileSync(path.join(scratch.path, name), text);
  return name;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

describe('the bundled shop through a target file', () => {
  it('sells, is audited from outside, and keeps its tokens to itself', async () => {
    const origin = await serve();
    const example = path.join(PROJECT_ROOT, 'docs/examples/bundled-shop.target.yaml');
    const text = readFileSync(example, 'utf8').replace('http://127.0.0.1:8080', origin);
    const target = file('shop.target.yaml', text);

    const probed = await runCli(['validate', target, '--probe'], { cwd: scratch.path });
    expect(probed.code, probed.stdout + probed.stderr).toBe(0);
    expect(probed.stdout).toMatch(/order +POST \/api\/orders\n +✓ HTTP 201 {2}ok/);
    expect(probed.stdout).toContain('status confirmed');

    const args = ['run', 'flash-sale', '-t', target, '-p', 'ci', '-r', '20/s', '-d', '3s'];
    const { code, stdout, stderr } = await runCli([...args, '--set', 'load.warmup=500ms'], {
      cwd: scratch.path,
    });
    const { result, folder } = readOnlyResult(scratch.path);
    // 81 to 99 are the honest answers of a machine that is too busy.
    expect([0, 81, 82, 99], `${stdout}\n${stderr}`).toContain(code);
    expect(result.run.target).toEqual({ kind: 'live', name: 'bundled-shop', url: origin });
    expect(result.audit.verdict, JSON.stringify(result.audit, null, 1)).toBe('pass');
    expect(result.audit.goals['order_confirmed']).toBeGreaterThan(0);
    expect(result.audit.invariants.find(({ id }) => id === 'I1')).toMatchObject({
      verdict: 'pass',
      checked: result.business.ordersConfirmed,
    });
    expect(result.audit.invariants.find(({ id }) => id === 'P1')?.judged).toBe(false);
    expect(result.capacity.reason).toContain('not available on a live target');
    expect(stdout).toContain('beyond what the');

    const [, row = ''] = readFileSync(path.join(scratch.path, 'users.csv'), 'utf8').split('\n');
    const token = row.split(',')[1] ?? '';
    expect(token.length).toBeGreaterThan(20);
    for (const written of filesBelow(folder)) {
      expect(readFileSync(written, 'latin1'), written).not.toContain(token);
    }
    expect(stdout + stderr + probed.stdout).not.toContain(token);

    const again = await runCli(['audit', folder], { cwd: scratch.path });
    expect(again.code, again.stdout).toBe(0);
    expect(again.stdout).toContain('not judged: the payments cannot be read');
  });
});

/** Says that three units are left whatever happens, and sells to everybody. */
async function greedyShop(): Promise<string> {
  let orders = 0;
  foreign = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      const url = request.url ?? '';
      const isOrder = request.method === 'POST' && url === '/buy';
      const body = isOrder ? { no: ++orders, state: 'PAID', n: 1 } : { left: 3, id: 'c' };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(body));
    });
  });
  foreign.listen(0, '127.0.0.1');
  await once(foreign, 'listening');
  return `http://127.0.0.1:${(foreign.address() as AddressInfo).port}`;
}

const GREEDY = (origin: string): string => `baseUrl: ${origin}
products: [only-one]
operations:
  viewStock: { request: 'GET /stock/{sku}', extract: { stock: $.left } }
  order:
    request: POST /buy
    body: { sku: '{sku}', n: '{quantity}', key: '{key}' }
    extract: { orderId: $.no, units: $.n }
skip: [home, search, viewProduct, viewCart, addToCart, checkout, orderStatus, cancelOrder]
ledger: { stock: { request: 'GET /stock/{sku}', units: $.left } }
`;

describe('a shop that sells more than it has', () => {
  it('is convicted by what it told its customers, without any ledger of orders', async () => {
    const target = file('greedy.yaml', GREEDY(await greedyShop()));
    const args = ['run', 'flash-sale', '-t', target, '-p', 'ci', '-r', '20/s', '-d', '3s'];
    const { code, stdout, stderr } = await runCli([...args, '--set', 'load.warmup=500ms'], {
      cwd: scratch.path,
    });
    expect(code, `${stdout}\n${stderr}`).toBe(80);
    const { result } = readOnlyResult(scratch.path);
    expect(result.audit.oversoldUnits).toBe((result.business.ordersConfirmed ?? 0) - 3);
    expect(Object.keys(result.operations).sort()).toEqual(['order', 'viewStock']);
  });
});

describe('a target file that cannot be used', () => {
  it('names what the scenario needs and nobody mapped', async () => {
    const text = GREEDY('http://127.0.0.1:9').replace('addToCart, checkout, ', '');
    const target = file('half.yaml', text);
    const { code, stderr } = await runCli(['run', 'flash-sale', '-t', target], {
      cwd: scratch.path,
    });
    expect(code).toBe(104);
    expect(stderr).toContain('addToCart is not mapped; map it, or list it under "skip"');
    expect(stderr).toContain('checkout is not mapped');
  });

  it('gives its problems together with those of the flags', async () => {
    const target = file('bad.yaml', 'baseUrl: shop\noperations: { hoem: { request: GET / } }\n');
    const { code, stderr } = await runCli(['run', 'flash-sale', '-t', target, '-r', 'fast'], {
      cwd: scratch.path,
    });
    expect(code).toBe(104);
    for (const part of ['bad.yaml:1:10', 'did you mean "home"', 'products  is missing', '--rate']) {
      expect(stderr).toContain(part);
    }
    expect(readdirSync(scratch.path)).toEqual(['bad.yaml']);
  });

  it.each([
    ['a private network', 'http://10.11.12.13', '--allow-host 10.11.12.13'],
    ['a metadata service', 'http://169.254.169.254', 'never put under load'],
    ['the public internet', 'http://93.184.215.14', 'public internet'],
  ])('leads to %s, and nothing is sent', async (_name, origin, message) => {
    const target = file('far.yaml', GREEDY(origin));
    const { code, stderr } = await runCli(['run', 'flash-sale', '-t', target], {
      cwd: scratch.path,
    });
    expect(code, stderr).toBe(104);
    expect(stderr).toContain(message);
    expect(readdirSync(scratch.path)).toEqual(['far.yaml']);
  });

  it('is told apart from flags that go with one', async () => {
    const { code, stderr } = await runCli(['run', 'flash-sale', '--insecure'], {
      cwd: scratch.path,
    });
    expect(code).toBe(104);
    expect(stderr).toContain('-t shop.yaml');
  });
});

describe('ecomsim init target', () => {
  it('writes a file that is valid, and never overwrites', async () => {
    const cwd = scratch.path;
    const written = await runCli(['init', 'target', 'mine.yaml'], { cwd });
    expect(written.code).toBe(0);
    expect((await runCli(['validate', 'mine.yaml'], { cwd })).stdout).toContain(
      'is a valid target',
    );
    expect((await runCli(['init', 'target', 'mine.yaml'], { cwd })).code).toBe(104);
  });
});
