// A small clone of this repository for the launcher's tests: the real launcher and set-up scripts
// around a program of a few lines, with a fake npm so that nothing is ever downloaded.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const ROOT = path.dirname(path.dirname(import.meta.dirname));
const LINKED = ['better-sqlite3', 'bindings', 'file-uri-to-path', '@types'];
const PROGRAM = `#!/usr/bin/env node
import { answer } from './answer.ts';
console.log(JSON.stringify({ answer, args: process.argv.slice(2), folder: process.cwd() }));
process.exitCode = 7;
`;
/** Notes that it was called, pretends to work for a moment, and installs what the lock says. */
const FAKE_NPM = `#!/bin/sh
echo "$@" >>"$FAKE_NPM_CALLS"
sleep 0.3
if [ -n "\${FAKE_NPM_FAILS:-}" ]; then echo 'E404 no such package'; exit 1; fi
cp package-lock.json node_modules/.package-lock.json
`;

/** Compiles what has nothing to compile, in a tenth of the real compiler's time. */
const FAKE_COMPILER = `
const fs = require('node:fs');
const [, root, , out] = process.argv.slice(2);
for (const file of fs.readdirSync(root + '/src', { recursive: true })) {
  if (!file.endsWith('.ts')) continue;
  const target = out + '/' + file.replace(/ts$/, 'js');
  fs.mkdirSync(require('node:path').dirname(target), { recursive: true });
  const text = fs.readFileSync(root + '/src/' + file, 'utf8');
  fs.writeFileSync(target, text.replace(/\\.ts'/g, ".js'"));
}
`;

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Defaults to the clone's own launcher. */
  readonly launcher?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export class LauncherClone {
  readonly root: string;
  /** A folder for anything else that a test needs. */
  readonly outside: string;
  readonly #top: string;

  constructor() {
    this.#top = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'ecomsim launcher-')));
    this.root = path.join(this.#top, 'clone');
    this.outside = path.join(this.#top, 'outside');
    fs.mkdirSync(path.join(this.root, 'node_modules'), { recursive: true });
    fs.mkdirSync(path.join(this.outside, 'bin'), { recursive: true });
    fs.cpSync(path.join(ROOT, 'scripts'), path.join(this.root, 'scripts'), { recursive: true });
    for (const file of ['ecomsim', 'tsconfig.json']) {
      fs.copyFileSync(path.join(ROOT, file), path.join(this.root, file));
    }
    for (const name of LINKED) {
      const installed = path.join(ROOT, 'node_modules', name);
      fs.symlinkSync(installed, path.join(this.root, 'node_modules', name));
    }
    this.write('package.json', '{ "type": "module" }');
    this.write('src/cli.ts', PROGRAM);
    this.write('src/answer.ts', 'export const answer = 42;\n');
    this.writeLock({});
    fs.copyFileSync(this.at('package-lock.json'), this.at('node_modules/.package-lock.json'));
    this.writeCommand('npm', FAKE_NPM);
    this.write('node_modules/typescript/package.json', '{ "version": "1.0.0" }');
    this.write('node_modules/typescript/bin/tsc', FAKE_COMPILER);
  }

  useRealCompiler(): void {
    fs.rmSync(this.at('node_modules/typescript'), { recursive: true });
    fs.symlinkSync(path.join(ROOT, 'node_modules/typescript'), this.at('node_modules/typescript'));
  }

  at(file: string): string {
    return path.join(this.root, file);
  }

  write(file: string, text: string): void {
    fs.mkdirSync(path.dirname(this.at(file)), { recursive: true });
    fs.writeFileSync(this.at(file), text);
  }

  writeLock(packages: Readonly<Record<string, { version: string }>>): void {
    this.write('package-lock.json', JSON.stringify({ packages: { '': {}, ...packages } }));
  }

  /** Puts a command in front of the PATH. */
  writeCommand(name: string, script: string): void {
    fs.writeFileSync(path.join(this.outside, 'bin', name), script, { mode: 0o755 });
  }

  npmCalls(): string[] {
    const calls = path.join(this.outside, 'npm-calls');
    return fs.existsSync(calls) ? fs.readFileSync(calls, 'utf8').trim().split('\n') : [];
  }

  /** When the two stamps and the built program were last written. */
  marks(): number[] {
    return ['node_modules/.ecomsim-installed', 'dist/.ecomsim-built', 'dist/cli.js'].map(
      (file) => fs.statSync(this.at(file)).mtimeMs,
    );
  }

  run(args: readonly string[] = [], options: RunOptions = {}): Promise<Outcome> {
    const launcher = options.launcher ?? this.at('ecomsim');
    const child = spawn(launcher, args, {
      cwd: options.cwd ?? this.outside,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        PATH: `${path.join(this.outside, 'bin')}:${path.dirname(process.execPath)}:${process.env['PATH']}`,
        FAKE_NPM_CALLS: path.join(this.outside, 'npm-calls'),
        ...options.env,
      },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status) => resolve({ status, stdout, stderr }));
    });
  }

  remove(): void {
    fs.rmSync(this.#top, { recursive: true, force: true });
  }
}
