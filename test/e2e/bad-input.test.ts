// Bad input on the built command: every problem at once, the nearest name, code 104, no traces.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli, scratchDir, shopDataFolders } from '../support/cli.ts';
import { SHORT } from './run-options.ts';

let scratch: ReturnType<typeof scratchDir>;

beforeEach(() => {
  scratch = scratchDir();
});

afterEach(() => {
  scratch.dispose();
});

const cli = (args: readonly string[]): ReturnType<typeof runCli> =>
  runCli(args, { cwd: scratch.path, env: { TMPDIR: scratch.path } });

const MISTAKES: readonly [string, readonly string[], RegExp][] = [
  ['an unknown scenario', ['run', 'flash-sael'], /did you mean "flash-sale"/],
  ['an unknown profile', ['run', 'flash-sale', '-p', 'laptp'], /did you mean "laptop"/],
  [
    'an unknown strategy',
    ['run', 'flash-sale', '--strategy', 'guarded-updte'],
    /did you mean "guarded-update"/,
  ],
  ['an unknown target', ['run', 'flash-sale', '-t', 'referense'], /did you mean "reference"/],
  ['HTTP/2 to the bundled shop', ['run', 'flash-sale', '--http2'], /speaks HTTP\/1\.1 only/],
  ['an unknown flag', ['run', 'flash-sale', '--profil', 'ci'], /Did you mean --profile/],
  ['an unknown command', ['rnu', 'flash-sale'], /Did you mean run/],
  ['a missing scenario', ['run'], /missing required argument/],
  ['a negative rate', ['run', 'flash-sale', '--rate', '-5/s'], /--rate/],
  ['a rate that is no number', ['run', 'soak', '--rate', 'NaN'], /"NaN" is not a rate/],
  ['a rate beyond all numbers', ['run', 'soak', '--rate', '1e400'], /"1e400" is not a rate/],
  ['a rate of nobody', ['run', 'soak', '--rate', '0'], /0 is out of range/],
  ['a duration of nothing', ['run', 'soak', '--duration', '0s'], /"0s" is out of range/],
  ['a stage of a million million', ['run', 'soak', '-s', '1s:1000000000000/s'], /is more than/],
  ['an absurd rate', ['run', 'flash-sale', '--rate', '100000M/s'], /--rate/],
  ['no virtual users', ['run', 'soak', '--vus', '0'], /--vus {2}"0" is not a whole number/],
  ['negative users', ['run', 'soak', '-u', '-1'], /"-1" is not a whole number of virtual users/],
  ['users that are no number', ['run', 'soak', '-u', 'NaN'], /"NaN" is not a whole number/],
  ['half a user', ['run', 'soak', '-u', '1.5'], /"1\.5" is not a whole number/],
  ['a trillion users', ['run', 'soak', '-u', '1000000000000'], /from 1 to 200,000/],
  ['users at a rate', ['run', 'soak', '-u', '5', '-r', '5/s'], /either --rate or --vus/],
  [
    'stages of both models',
    ['run', 'soak', '-s', '30s:100', '-s', '5s:9/s'],
    /"30s:100" means virtual users and "5s:9\/s" arrivals per second/,
  ],
  [
    'a stage without end',
    ['run', 'soak', '-s', '90d:1/s'],
    /--stage, all together {2}load\.duration/,
  ],
  ['a seed that is no number', ['run', 'flash-sale', '--seed', 'one'], /--seed "one"/],
  ['an unknown field', ['run', 'flash-sale', '--set', 'load.rat=1/s'], /did you mean "load.rate"/],
  ['a report format of another day', ['run', 'flash-sale', '-o', 'html=x'], /not in this version/],
  [
    'a report file in no folder',
    ['run', 'flash-sale', '-o', 'json=nowhere/x.json'],
    /cannot write .*nowhere/,
  ],
  ['an unknown list', ['list', 'scenario'], /did you mean "scenarios"/],
  ['a result that is not there', ['report', 'nowhere.json'], /cannot read nowhere\.json/],
  ['a folder that is no run', ['audit', '.'], /audit-input\.json/],
  ['an unknown selftest', ['selftest', 'latncy'], /did you mean "latency"/],
  ['a port that is none', ['serve', '--port', '99999'], /1 to 65535/],
];

describe('bad input', () => {
  it.each(MISTAKES)('%s is explained with exit code 104, and leaves no trace', async (...row) => {
    const [, args, expected] = row;
    const { code, stderr, stdout } = await cli(args);
    expect(stderr).toMatch(expected);
    expect(code).toBe(104);
    expect(stdout).toBe('');
    expect(stderr).not.toMatch(/\bat .*\.js:\d+/);
    expect(readdirSync(scratch.path)).toEqual([]);
  });

  it('names three mistakes of a profile at once, each with its line', async () => {
    const profile = ['load:', '  rate: fast', '  duratoin: 20s', 'sale: { botShare: 140% }', ''];
    writeFileSync(path.join(scratch.path, 'bad.yaml'), profile.join('\n'));
    const { code, stderr } = await cli(['run', 'flash-sale', '-p', 'bad.yaml']);
    expect(code).toBe(104);
    expect(stderr).toMatch(/bad\.yaml:2:\d+ {2}load\.rate .*"fast" is not a rate/);
    expect(stderr).toMatch(/bad\.yaml:3:\d+ .*did you mean "duration"/);
    expect(stderr).toMatch(/bad\.yaml:4:\d+ {2}sale\.botShare/);
    const checked = await cli(['validate', 'bad.yaml']);
    expect(checked.code).toBe(104);
    expect(checked.stderr).toContain('3 problems');
  });

  it('refuses a directory, a binary file and a bomb as a profile', async () => {
    mkdirSync(path.join(scratch.path, 'folder.yaml'));
    writeFileSync(path.join(scratch.path, 'binary.yaml'), Buffer.from([0, 1, 2, 255, 254, 0]));
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]'];
    for (let i = 0; i < 9; i++) {
      const name = String.fromCharCode(98 + i);
      const before = `*${String.fromCharCode(97 + i)}`;
      bomb.push(`${name}: &${name} [${Array(9).fill(before).join(',')}]`);
    }
    writeFileSync(path.join(scratch.path, 'bomb.yaml'), bomb.join('\n'));
    writeFileSync(path.join(scratch.path, 'proto.yaml'), '__proto__: { rate: 1 }\n');
    writeFileSync(path.join(scratch.path, 'twice.yaml'), 'load: {}\nload: {}\n');
    for (const name of ['folder', 'binary', 'bomb', 'proto', 'twice']) {
      const { code, stderr } = await cli(['run', 'flash-sale', '-p', `${name}.yaml`]);
      expect(code, stderr).toBe(104);
      expect(stderr, name).toContain(`${name}.yaml`);
    }
  });

  it('writes a starter profile that is valid, and never overwrites one', async () => {
    expect((await cli(['init', 'mine.yaml'])).code).toBe(0);
    expect((await cli(['validate', 'mine.yaml'])).code).toBe(0);
    const before = readFileSync(path.join(scratch.path, 'mine.yaml'), 'utf8');
    const again = await cli(['init', 'mine.yaml']);
    expect(again.code).toBe(104);
    expect(again.stderr).toContain('not overwritten');
    expect(readFileSync(path.join(scratch.path, 'mine.yaml'), 'utf8')).toBe(before);
  });
});

describe('a world that does not cooperate', () => {
  it('says which port is taken, with exit code 83', async () => {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as net.AddressInfo;
    try {
      const { code, stderr } = await cli(['serve', '--port', String(port)]);
      expect(code).toBe(83);
      expect(stderr).toContain(String(port));
      expect(shopDataFolders(scratch.path)).toEqual([]);
    } finally {
      server.close();
    }
  });

  it('still prints its page when the disk is full, and does not claim a pass', async (context) => {
    const disk = path.join(scratch.path, 'disk');
    mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96k', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      context.skip('needs the right to mount a small file system');
    }
    try {
      const args = ['run', 'flash-sale', ...SHORT, '-d', '3s', '--reports-dir', disk];
      const { code, stdout, stderr } = await cli(args);
      expect(stdout).toContain('oversold');
      expect(stderr).toContain('could not be written');
      expect(code).not.toBe(0);
      expect(code).not.toBe(1);
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});

describe('help', () => {
  it('starts with an example and names every command', async () => {
    const { code, stdout } = await cli(['--help']);
    expect(code).toBe(0);
    expect(stdout.split('\n').slice(0, 2).join(' ')).toContain('ecomsim run flash-sale');
    for (const name of [
      'run',
      'serve',
      'audit',
      'report',
      'list',
      'validate',
      'init',
      'selftest',
    ]) {
      expect(stdout).toContain(name);
      const help = await cli([name, '--help']);
      expect(help.code).toBe(0);
      expect(help.stdout.startsWith('Examples:')).toBe(true);
    }
  });
});
