/** Who ran what where: the facts a reader needs to reproduce a result. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import type { RunResult } from '../../contract/run-result.ts';

const GIT_TIMEOUT_MS = 5000;
const PACKAGE_ROOT = new URL('../../../', import.meta.url);

export function profilesDir(): string {
  return fileURLToPath(new URL('profiles', PACKAGE_ROOT));
}

export function toolFacts(): RunResult['run']['tool'] {
  const manifest = JSON.parse(readFileSync(new URL('package.json', PACKAGE_ROOT), 'utf8')) as {
    version: string;
  };
  return { version: manifest.version, commit: commitOf(fileURLToPath(PACKAGE_ROOT)) };
}

/** Empty when the package is not a checkout. */
function commitOf(root: string): string {
  try {
    const git = (...args: string[]): string =>
      execFileSync('git', args, {
        cwd: root,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        timeout: GIT_TIMEOUT_MS,
      }).trim();
    const top = git('rev-parse', '--show-toplevel');
    if (`${top}/` !== root && top !== root) return '';
    const commit = git('rev-parse', '--short=12', 'HEAD');
    return git('status', '--porcelain', '-uno') === '' ? commit : `${commit}-dirty`;
  } catch {
    // No git on this machine, or not a checkout: the version alone identifies the build.
    return '';
  }
}

export function machineFacts(): RunResult['run']['machine'] {
  const cpus = os.cpus();
  return {
    cpuModel: cpus[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memoryBytes: os.totalmem(),
    node: process.versions.node,
    os: `${os.type()} ${os.release()} ${os.arch()}`,
  };
}

/** Quotes only what a POSIX shell would take apart. */
export function shellCommand(argv: readonly string[]): string {
  const quoted = argv.map((word) =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`,
  );
  return ['ecomsim', ...quoted].join(' ');
}
