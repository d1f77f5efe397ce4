// The launcher starts the program from anywhere, prepares only what is stale, and fails in words.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LauncherClone } from './launcher-clone.ts';

let clone: LauncherClone;
beforeEach(() => {
  clone = new LauncherClone();
});
afterEach(() => clone.remove());

/** The first run, so that a test can look at the second. */
async function started(): Promise<void> {
  const { status, stderr } = await clone.run();
  expect(stderr).toMatch(/^ecomsim: building … ready after \d+ s\n$/);
  expect(status).toBe(7);
}

describe('starting', () => {
  test('builds first, then passes arguments, working folder and status through', async () => {
    clone.useRealCompiler();
    const { status, stdout } = await clone.run(['run', 'flash sale', '--rate=1']);
    expect(JSON.parse(stdout)).toEqual({
      answer: 42,
      args: ['run', 'flash sale', '--rate=1'],
      folder: clone.outside,
    });
    expect(status).toBe(7);
    expect(clone.npmCalls()).toEqual([]);
  });

  test('starts at once the second time, from any folder and through symbolic links', async () => {
    await started();
    const marks = clone.marks();
    const absolute = path.join(clone.outside, 'absolute');
    fs.symlinkSync(clone.at('ecomsim'), absolute);
    fs.symlinkSync('absolute', path.join(clone.outside, 'relative'));
    const ways = [
      { cwd: os.tmpdir() },
      { cwd: clone.root, launcher: './ecomsim' },
      { cwd: clone.at('src'), launcher: '../ecomsim' },
      { cwd: os.tmpdir(), launcher: absolute },
      { cwd: clone.outside, launcher: './relative' },
      {
        cwd: os.tmpdir(),
        launcher: 'absolute',
        env: { PATH: `${clone.outside}:${process.env['PATH']}` },
      },
    ];
    for (const way of ways) {
      const { status, stdout, stderr } = await clone.run([], way);
      expect({ status, stderr }).toEqual({ status: 7, stderr: '' });
      expect(JSON.parse(stdout)).toMatchObject({ answer: 42, folder: fs.realpathSync(way.cwd) });
    }
    expect(clone.marks()).toEqual(marks);
  });
});

describe('preparing only what is stale', () => {
  test('a changed source is built again; a deleted one leaves dist/', async () => {
    clone.write('src/left/over.ts', 'export const over = 1;\n');
    await started();
    expect(fs.existsSync(clone.at('dist/left/over.js'))).toBe(true);

    clone.write('src/answer.ts', 'export const answer = 43;\n');
    expect(JSON.parse((await clone.run()).stdout)).toMatchObject({ answer: 43 });

    fs.rmSync(clone.at('src/left/over.ts'));
    expect((await clone.run()).stderr).toContain('building');
    expect(fs.existsSync(clone.at('dist/left/over.js'))).toBe(false);
    expect((await clone.run()).stderr).toBe('');
  });

  test('files that are newer but equal cost neither an install nor a build', async () => {
    await started();
    const built = fs.statSync(clone.at('dist/cli.js')).mtimeMs;
    const later = new Date(fs.statSync(clone.at('dist/.ecomsim-built')).mtimeMs + 1);
    fs.utimesSync(clone.at('package-lock.json'), later, later);
    fs.utimesSync(clone.at('src/answer.ts'), later, later);
    expect((await clone.run()).stderr).toBe('');
    expect(fs.statSync(clone.at('dist/cli.js')).mtimeMs).toBe(built);
    expect(clone.npmCalls()).toEqual([]);
  });

  test('a changed lockfile is installed from', async () => {
    await started();
    fs.mkdirSync(clone.at('node_modules/left-pad'));
    clone.writeLock({ 'node_modules/left-pad': { version: '2.0.0' } });
    const { status, stderr } = await clone.run();
    expect({ status, calls: clone.npmCalls() }).toEqual({
      status: 7,
      calls: ['ci --include=dev --no-audit --no-fund'],
    });
    expect(stderr).toContain('installing packages');
    expect((await clone.run()).stderr).toBe('');
  });

  test('an install made for another Node is looked at again', async () => {
    await started();
    const stamp = clone.at('node_modules/.ecomsim-installed');
    const [line = '', lock = ''] = fs.readFileSync(stamp, 'utf8').split('\n');
    fs.writeFileSync(stamp, `${line.replace(/^v\S+/, 'v99.0.0')}\n${lock}\n`);
    expect((await clone.run()).status).toBe(7);
    expect(fs.readFileSync(stamp, 'utf8').split('\n')[0]).toBe(line);
  });

  test('two first runs at once install and build once', async () => {
    clone.writeLock({ 'node_modules/typescript': { version: '1.0.0' } });
    const both = await Promise.all([clone.run(), clone.run(), clone.run()]);
    expect(both.map(({ status }) => status)).toEqual([7, 7, 7]);
    expect(clone.npmCalls()).toHaveLength(1);
    expect(both.filter(({ stderr }) => stderr.includes('building'))).toHaveLength(1);
    expect(fs.readdirSync(clone.root).filter((name) => name.startsWith('.ecomsim'))).toEqual([]);
  });

  test('the lock of a process that died is taken over', async () => {
    const { pid } = spawnSync('true');
    clone.write(`.ecomsim-setup-lock/${encodeURIComponent(`${pid}@${os.hostname()}`)}`, '');
    await started();
  });
});

describe('failing in words', () => {
  test('a failed install shows the end of its log', async () => {
    clone.writeLock({ 'node_modules/absent': { version: '1.0.0' } });
    const { status, stdout, stderr } = await clone.run([], { env: { FAKE_NPM_FAILS: 'yes' } });
    expect({ status, stdout }).toEqual({ status: 69, stdout: '' });
    expect(stderr).toMatch(/installing the packages failed[\s\S]*E404 no such package/);
  });

  test('sources that do not compile are shown, and the build before them stays', async () => {
    clone.useRealCompiler();
    await started();
    clone.write('src/answer.ts', 'export const answer: string = 42;\n');
    const { status, stderr } = await clone.run();
    expect(status).toBe(69);
    expect(stderr).toMatch(/do not compile[\s\S]*answer\.ts.*TS2322/);
    expect(fs.readFileSync(clone.at('dist/answer.js'), 'utf8')).toContain('= 42');
  });

  test.each(['v18.20.4', 'v20.18.9'])('a Node as old as %s is named', async (version) => {
    clone.writeCommand('node', `#!/bin/sh\necho ${version}\n`);
    const { status, stderr } = await clone.run();
    expect(status).toBe(69);
    expect(stderr).toContain(
      `Node.js 20.19 or newer is needed; \`node\` on the PATH is ${version}.`,
    );
  });

  test('a missing Node is said', async () => {
    clone.writeCommand('node', '#!/bin/sh\nexit 127\n');
    const { status, stderr } = await clone.run();
    expect(status).toBe(69);
    expect(stderr).toContain('there is no working `node` on the PATH');
  });
});
