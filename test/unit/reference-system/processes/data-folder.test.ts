import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openDataFolder } from '../../../../src/reference-system/processes/data-folder.ts';

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
});

function tempFolder(prefix = 'ecomsim-test-folder-'): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), prefix));
  made.push(folder);
  return folder;
}

/** No process has this pid: Linux stops at 2^22, macOS at 99,999. */
const NOBODY = 2 ** 30;

describe('a temporary data folder', () => {
  it('is private, and gone with everything in it when released, also twice', () => {
    const data = openDataFolder(undefined);
    fs.writeFileSync(path.join(data.of('shop'), 'file'), 'x');
    expect(data.temporary).toBe(true);
    expect(fs.statSync(data.root).mode & 0o077).toBe(0);
    data.release();
    data.release();
    expect(fs.existsSync(data.root)).toBe(false);
  });

  it('of a dead owner is swept at the next start; others are left alone', () => {
    const dead = tempFolder('ecomsim-shop-');
    fs.writeFileSync(path.join(dead, 'owner.pid'), `${NOBODY}\n`);
    const alive = tempFolder('ecomsim-shop-');
    fs.writeFileSync(path.join(alive, 'owner.pid'), `${process.pid}\n`);
    const unmarked = tempFolder('ecomsim-shop-');
    const garbled = tempFolder('ecomsim-shop-');
    fs.writeFileSync(path.join(garbled, 'owner.pid'), 'x');
    const outside = tempFolder();
    fs.writeFileSync(path.join(outside, 'owner.pid'), `${NOBODY}\n`);
    const link = path.join(os.tmpdir(), `ecomsim-shop-link${process.pid}`);
    fs.symlinkSync(outside, link);
    made.push(link);

    openDataFolder(undefined).release();
    expect(fs.existsSync(dead)).toBe(false);
    for (const folder of [alive, unmarked, garbled, outside]) {
      expect(fs.existsSync(folder)).toBe(true);
    }
  });
});

describe('a given data folder', () => {
  it('is made when missing, and kept when released', () => {
    const root = path.join(tempFolder(), 'deep', 'data');
    const data = openDataFolder(root);
    fs.writeFileSync(path.join(data.of('shop'), 'file'), 'x');
    data.release();
    expect(fs.readdirSync(root)).toEqual(['shop']);
    expect(fs.readdirSync(path.join(root, 'shop'))).toEqual(['file']);
  });

  it('can be taken over from a dead owner, but not from a living one', () => {
    const root = tempFolder();
    fs.writeFileSync(path.join(root, 'owner.pid'), `${NOBODY}\n`);
    openDataFolder(root).release();
    fs.writeFileSync(path.join(root, 'owner.pid'), `${process.ppid}\n`);
    expect(() => openDataFolder(root)).toThrow(/in use by the running process/);
  });
});
