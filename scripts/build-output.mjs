// What dist/ was built from, and how a new build takes the place of the old one.

// @ts-check
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** @param {string} root */
export function buildStampOf(root) {
  return path.join(root, 'dist', '.ecomsim-built');
}

/** Every file under a folder, relative to it. @param {string} folder @returns {string[]} */
export function filesUnder(folder) {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}

/** A digest of everything the build depends on. @param {string} root */
export function sourceDigest(root) {
  const hash = createHash('sha256');
  const sources = filesUnder(path.join(root, 'src')).map((file) => path.join('src', file));
  const compiler = path.join('node_modules', 'typescript', 'package.json');
  for (const file of [...sources, 'tsconfig.json', compiler]) {
    const content = fs.readFileSync(path.join(root, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** @param {string} root @param {string} digest */
export function buildIsFresh(root, digest) {
  const stamp = buildStampOf(root);
  if (!fs.existsSync(path.join(root, 'dist', 'cli.js')) || !fs.existsSync(stamp)) return false;
  return fs.readFileSync(stamp, 'utf8').trim() === digest;
}

/**
 * Brings dist/ to the state of a staged build: what changed is replaced file by file, what has no
 * source any more goes. A program running from dist/ never finds one of its files missing.
 * @param {string} root @param {string} staging
 */
export function replaceBuild(root, staging) {
  const dist = path.join(root, 'dist');
  for (const file of filesUnder(path.join(root, 'src'))) {
    if (!file.endsWith('.ts')) copyInto(staging, file, path.join(root, 'src', file));
  }
  const built = new Set(filesUnder(staging));
  for (const file of built) {
    const [from, to] = [path.join(staging, file), path.join(dist, file)];
    if (fs.existsSync(to) && fs.readFileSync(to).equals(fs.readFileSync(from))) continue;
    fs.mkdirSync(path.dirname(to), { recursive: true });
    fs.renameSync(from, to);
  }
  for (const file of filesUnder(dist)) {
    if (!built.has(file)) fs.rmSync(path.join(dist, file));
  }
  fs.chmodSync(path.join(dist, 'cli.js'), 0o755);
  fs.rmSync(staging, { recursive: true, force: true });
}

/** @param {string} folder @param {string} file @param {string} source */
function copyInto(folder, file, source) {
  const target = path.join(folder, file);
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.copyFileSync(source, target);
}
