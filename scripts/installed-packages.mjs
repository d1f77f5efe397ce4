// Whether node_modules/ holds what the lockfile says, however it got there.

// @ts-check
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** @typedef {{ version?: string, integrity?: string, optional?: boolean, link?: boolean }} Entry */

/** @param {string} file @returns {Record<string, Entry>} */
function packagesOf(file) {
  return JSON.parse(fs.readFileSync(file, 'utf8')).packages ?? {};
}

/** @param {string} root */
export function lockDigest(root) {
  const text = fs.readFileSync(path.join(root, 'package-lock.json'));
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Compares the lockfile with the list that npm leaves in node_modules/ when an install ended well.
 * Packages marked optional may be absent: they are for other systems.
 * @param {string} root
 */
export function installedMatchesLock(root) {
  const listed = path.join(root, 'node_modules', '.package-lock.json');
  if (!fs.existsSync(listed)) return false;
  const installed = packagesOf(listed);
  return Object.entries(packagesOf(path.join(root, 'package-lock.json'))).every(
    ([place, wanted]) => {
      if (place === '') return true;
      const found = installed[place];
      if (!found || !fs.existsSync(path.join(root, place))) return wanted.optional === true;
      return found.version === wanted.version && found.integrity === wanted.integrity;
    },
  );
}
