import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProfileOverrides } from '../../../src/config/overrides.ts';
import { formatProblems } from '../../../src/config/problem.ts';
import { listProfiles, loadProfile, validateFile } from '../../../src/config/profile-file.ts';
import { starterProfile } from '../../../src/config/starter-profile.ts';
import type { Profile } from '../../../src/contract/profile.ts';
import { DEFAULT_STRATEGY_OPTIONS } from '../../../src/reference-system/inventory/strategy-options.ts';

const SHIPPED = fileURLToPath(new URL('../../../profiles', import.meta.url));
const KNOWN = { knownStrategies: ['guarded-update', 'unsafe'], knownTargets: ['reference'] };

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'ecomsim-profiles-'));
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

interface Layers {
  readonly overrides?: ProfileOverrides;
  readonly env?: Record<string, string>;
}

async function load(text: string, layers: Layers = {}) {
  const file = join(dir, 'mine.yaml');
  writeFileSync(file, text);
  return loadProfile({ nameOrPath: file, profilesDir: dir, env: {}, ...KNOWN, ...layers });
}

async function profileFrom(text: string, layers: Layers = {}): Promise<Profile> {
  const loaded = await load(text, layers);
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems).join('\n'));
  return loaded.profile;
}

/** The problem lines without the folder of the test. */
async function problemsFrom(text: string, layers: Layers = {}): Promise<string[]> {
  const loaded = await load(text, layers);
  if (loaded.ok) throw new Error('loaded without a problem');
  return formatProblems(loaded.problems).map((line) => line.replace(`${dir}/`, ''));
}

const LAPTOP: Omit<Profile, 'name' | 'description'> = {
  target: 'reference',
  system: {
    storage: 'embedded',
    layout: 'shared',
    inventory: {
      ...{ strategy: 'guarded-update', holdTtlMs: 8000, sweepEveryMs: 1000 },
      ...DEFAULT_STRATEGY_OPTIONS,
    },
    payment: {
      latency: { p50Ms: 60, p99Ms: 300 },
      timeoutMs: 2000,
      attempts: 3,
      declined: 0.04,
      lostAnswers: 0.005,
    },
    archive: { afterMs: 5000 },
    limits: { perCustomer: 2, perAddressPerSec: 0, perUserPerSec: 0 },
  },
  load: {
    ratePerSec: 250,
    warmupMs: 3000,
    durationMs: 20_000,
    drainMs: 10_000,
    workers: 'auto',
    maxConnections: 256,
    timeoutMs: 10_000,
  },
  sale: { skus: 200, hotSkus: 1, demandToStock: 25, botShare: 0.4 },
  thresholds: ['p(99)<250ms', 'order:p(90)<600ms', 'failed_rate<0.1%', 'oversold_units==0'],
};

describe('the shipped profiles', () => {
  it.each(['laptop', 'ci', 'large-embedded'])('load %s without a problem', async (name) => {
    const loaded = await loadProfile({ nameOrPath: name, profilesDir: SHIPPED, env: {}, ...KNOWN });
    expect(loaded).toMatchObject({
      ok: true,
      profile: { name },
      source: `${SHIPPED}/${name}.yaml`,
    });
  });

  it('are listed by name with their description', async () => {
    const entries = await listProfiles(SHIPPED);
    expect(entries.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['ci', 'laptop', 'large-embedded']),
    );
    expect(entries.every(({ description }) => description.length > 10)).toBe(true);
  });

  it('have laptop spell out the defaults', async () => {
    const loaded = await loadProfile({
      nameOrPath: 'laptop',
      profilesDir: SHIPPED,
      env: {},
      ...KNOWN,
    });
    expect(loaded.ok && loaded.profile).toMatchObject(LAPTOP);
  });
});

describe('defaults', () => {
  it('fill in everything that an empty file leaves out', async () => {
    expect(await profileFrom('')).toEqual({ name: 'mine', description: '', ...LAPTOP });
  });

  it('are what the starter profile spells out', async () => {
    const starter = await profileFrom(starterProfile());
    expect(starter).toEqual({ name: 'mine', description: 'My first profile', ...LAPTOP });
  });

  it('fill in what a group leaves out', async () => {
    const profile = await profileFrom('load: { rate: 24k/min }\nsystem: { payment: {} }');
    expect(profile.load).toEqual({ ...LAPTOP.load, ratePerSec: 400 });
    expect(profile.system).toEqual(LAPTOP.system);
  });

  it('leave no shared value that a caller could change for others', async () => {
    const first = await profileFrom('');
    (first.thresholds as string[]).push('changed');
    expect((await profileFrom('')).thresholds).toEqual(LAPTOP.thresholds);
  });
});

describe('ways of writing', () => {
  it.each([
    ['load: { rate: 100 }', { load: { ratePerSec: 100 } }],
    ['load: { rate: 0.5/s }', { load: { ratePerSec: 0.5 } }],
    ['load: { warmup: 0 }', { load: { warmupMs: 0 } }],
    ['load: { duration: 1m30s }', { load: { durationMs: 90_000 } }],
    ['load: { workers: 4 }', { load: { workers: 4 } }],
    ['sale: { botShare: 0.97 }', { sale: { botShare: 0.97 } }],
    ['sale: { demandToStock: 2.5 }', { sale: { demandToStock: 2.5 } }],
    ['system: { payment: { lostAnswers: 0 } }', { system: { payment: { lostAnswers: 0 } } }],
    ['thresholds: []', { thresholds: [] }],
    ['thresholds: [ " p(50) < 1s " ]', { thresholds: ['p(50) < 1s'] }],
    ['system: { archive: { after: never } }', { system: { archive: { afterMs: null } } }],
    ['system: { archive: { after: 1m } }', { system: { archive: { afterMs: 60_000 } } }],
    ['{"system": {"layout": "per-service"}}', { system: { layout: 'per-service' } }],
  ])('%s', async (text, expected) => {
    expect(await profileFrom(text)).toMatchObject(expected);
  });
});

describe('mistakes', () => {
  it.each([
    [
      'load: { rate: fast }',
      'mine.yaml:1:15  load.rate  "fast" is not a rate; write it like 250/s or 24k/min',
    ],
    [
      'load: { rate: -5 }',
      'mine.yaml:1:15  load.rate  -5 is out of range; allowed is from 0.1/s to 1,000,000/s',
    ],
    [
      'load: { rate: 1000000000000 }',
      'mine.yaml:1:15  load.rate  1000000000000 is out of range; allowed is from 0.1/s to 1,000,000/s',
    ],
    [
      'load: { rate: .nan }',
      'mine.yaml:1:15  load.rate  NaN is not a rate; write it like 250/s or 24k/min',
    ],
    ['load: { rate: }', 'mine.yaml:1:15  load.rate  is empty; give a value or leave the field out'],
    [
      'load: { rate: [1] }',
      'mine.yaml:1:15  load.rate  a list is not a rate; write it like 250/s or 24k/min',
    ],
    [
      'load: { duration: 20 }',
      'mine.yaml:1:19  load.duration  20 is not a duration; write 20s for seconds or 20ms for milliseconds',
    ],
    [
      'load: { duration: 0s }',
      'mine.yaml:1:19  load.duration  "0s" is out of range; allowed is from 1s to 24h',
    ],
    [
      'load: { workers: many }',
      'mine.yaml:1:18  load.workers  "many" is not "auto" or a whole number from 1 to 256',
    ],
    [
      'sale: { skus: 1.5 }',
      'mine.yaml:1:15  sale.skus  1.5 is not a whole number from 1 to 100,000',
    ],
    [
      'sale: { botShare: 40 }',
      'mine.yaml:1:19  sale.botShare  40 is out of range; allowed is from 0.0% to 100.0%; for percent write 40%',
    ],
    [
      'sale: { botShare: 140% }',
      'mine.yaml:1:19  sale.botShare  "140%" is out of range; allowed is from 0.0% to 100.0%',
    ],
    [
      'system: { limits: { perCustomer: 0 } }',
      'mine.yaml:1:34  system.limits.perCustomer  0 is out of range; allowed is from 1 to 1,000,000',
    ],
    [
      'system: { archive: { after: soon } }',
      'mine.yaml:1:29  system.archive.after  "soon" is not a duration; write it like 20s, 1m30s or 250ms, or never',
    ],
    [
      'system: { archive: { after: 50ms } }',
      'mine.yaml:1:29  system.archive.after  "50ms" is out of range; allowed is from 100ms to 24h',
    ],
    [
      'system: { inventory: { strategy: gaurded-update } }',
      'mine.yaml:1:34  system.inventory.strategy  "gaurded-update" is not a strategy (did you mean "guarded-update"?); known: guarded-update, unsafe',
    ],
    [
      'target: refrence',
      'mine.yaml:1:9  target  "refrence" is not a target (did you mean "reference"?); known: reference',
    ],
    [
      'lod: {}',
      'mine.yaml:1:1  lod  is not a field (did you mean "load"?); known: description, target, system, load, sale, thresholds',
    ],
    [
      'holdTtl: 8s',
      'mine.yaml:1:1  holdTtl  is not a field (it belongs at system.inventory.holdTtl); known: description, target, system, load, sale, thresholds',
    ],
    [
      'load: 5',
      'mine.yaml:1:7  load  is 5; it holds the fields rate, warmup, duration, drain, workers, maxConnections, timeout',
    ],
    [
      'thresholds: p(99)<1s',
      'mine.yaml:1:13  thresholds  must be a list of expressions: [ "p(99)<250ms" ]',
    ],
    [
      "thresholds:\n  - 'p(99)<fast'",
      'mine.yaml:2:12  thresholds.0  "fast" is not a value here; write a duration like 250ms or 1.5s',
    ],
    [
      'thresholds: [ordr:p(99)<1s]',
      'mine.yaml:1:14  thresholds.0  there is no operation "ordr" (did you mean "order"?)',
    ],
    [
      'thresholds: [7]',
      'mine.yaml:1:14  thresholds.0  7 is not a threshold; write text: "p(99)<250ms"',
    ],
    ['description: 5', 'mine.yaml:1:14  description  5 is not text'],
    [
      'baseUrl: https://shop.example',
      'mine.yaml:1:1  baseUrl  this is a target file, not a profile: use it with -t',
    ],
  ])('in %j are told', async (text, problem) => {
    expect(await problemsFrom(text)).toEqual([problem]);
  });

  it('are told all at once, in the order of the file', async () => {
    const text = [
      'targt: reference',
      'load:',
      '  rate: fast',
      '  duration: 10',
      'sale: { skus: 5, hotSkus: 9 }',
      'thresholds: [ "p99<1s", "p(99)<1s over 5s" ]',
    ].join('\n');
    expect((await problemsFrom(text)).map((line) => line.split('  ').slice(0, 2))).toEqual([
      ['mine.yaml:1:1', 'targt'],
      ['mine.yaml:3:9', 'load.rate'],
      ['mine.yaml:4:13', 'load.duration'],
      ['mine.yaml:5:27', 'sale.hotSkus'],
      ['mine.yaml:6:16', 'thresholds.0'],
      ['mine.yaml:6:35', 'thresholds.1'],
    ]);
  });
});

describe('fields that must fit each other', () => {
  it.each([
    [
      'system: { inventory: { holdTtl: 6s } }',
      '1:33',
      'holdTtl',
      /expire during payment: 3 attempts of 2s/,
    ],
    ['system: { payment: { timeout: 5s } }', '1:31', 'timeout', /take up to 15\.2s/],
    ['system: { payment: { attempts: 9 } }', '1:32', 'attempts', /make holdTtl longer/],
    ['system: { inventory: { sweepEvery: 9s } }', '1:36', 'sweepEvery', /must not be rarer/],
    [
      'system: { payment: { latency: { p50: 1s } } }',
      '1:38',
      'p50',
      /p99 \(300ms\) is below p50 \(1s\)/,
    ],
    ['sale: { hotSkus: 201 }', '1:18', 'hotSkus', /only 200/],
    ['load: { rate: 1M/s, duration: 1h }', '1:31', 'duration', /at most 10,000,000/],
  ])('%s', async (text, place, field, message) => {
    const [line, ...others] = await problemsFrom(text);
    expect(others).toEqual([]);
    expect(line).toMatch(message);
    expect(line).toContain(`mine.yaml:${place}  `);
    expect(line).toContain(`.${field}  `);
  });

  it('are not compared with a default that only stands in for a wrong value', async () => {
    const text = 'system: { inventory: { holdTtl: 2s }, payment: { timeout: soon } }';
    const problems = await problemsFrom(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('system.payment.timeout');
  });
});

describe('layers', () => {
  const file = 'load: { rate: 10/s }';
  const env = { ECOMSIM_LOAD_RATE: '20/s' };

  it('let the file win over defaults, variables over the file, flags over all', async () => {
    expect((await profileFrom('')).load.ratePerSec).toBe(250);
    expect((await profileFrom(file)).load.ratePerSec).toBe(10);
    expect((await profileFrom(file, { env })).load.ratePerSec).toBe(20);
    const flags = { env, overrides: { rate: '30/s' } };
    expect((await profileFrom(file, flags)).load.ratePerSec).toBe(30);
    const set = { env, overrides: { rate: '30/s', set: ['load.rate=40/s'] } };
    expect((await profileFrom(file, set)).load.ratePerSec).toBe(40);
  });

  it('set every field that has a flag', async () => {
    const overrides = {
      rate: '9',
      duration: '5s',
      strategy: 'unsafe',
      target: 'reference',
      workers: '2',
      thresholds: ['goodput>1/s'],
      set: ['sale.botShare=10%', 'system.limits.perCustomer=3', 'description=By hand'],
    };
    const profile = await profileFrom('thresholds: ["p(99)<9s"]', { overrides });
    expect(profile).toMatchObject({
      description: 'By hand',
      system: { inventory: { strategy: 'unsafe' }, limits: { perCustomer: 3 } },
      load: { ratePerSec: 9, durationMs: 5000, workers: 2 },
      sale: { botShare: 0.1 },
      thresholds: ['p(99)<9s', 'goodput>1/s'],
    });
  });

  it('add flag thresholds to the defaults, and let --set replace them', async () => {
    const added = await profileFrom('', { overrides: { thresholds: ['goodput>1/s'] } });
    expect(added.thresholds).toEqual([...LAPTOP.thresholds, 'goodput>1/s']);
    const replaced = await profileFrom('', {
      overrides: { set: ["thresholds=[p(99)<9s, 'count>0']"] },
    });
    expect(replaced.thresholds).toEqual(['p(99)<9s', 'count>0']);
    const none = await profileFrom('', { overrides: { set: ['thresholds=[]'] } });
    expect(none.thresholds).toEqual([]);
  });

  it.each([
    [{ rate: 'fast' }, '--rate  load.rate  "fast" is not a rate; write it like 250/s or 24k/min'],
    [
      { strategy: 'unsfe' },
      '--strategy  system.inventory.strategy  "unsfe" is not a strategy (did you mean "unsafe"?); known: guarded-update, unsafe',
    ],
    [
      { set: ['load.rate=-1'] },
      '--set load.rate  load.rate  -1 is out of range; allowed is from 0.1/s to 1,000,000/s',
    ],
    [
      { set: ['load.rat=1'] },
      '--set load.rat  "load.rat" is not a field (did you mean "load.rate"?)',
    ],
    [
      { set: ['holdTtl=9s'] },
      '--set holdTtl  "holdTtl" is not a field (did you mean "system.inventory.holdTtl"?)',
    ],
    [
      { set: ['sale=5'] },
      '--set sale  "sale" is not a field; it holds sale.skus, sale.hotSkus, sale.demandToStock, sale.botShare',
    ],
    [{ set: ['load.rate'] }, '--set load.rate  needs a value: --set load.rate=400/s'],
    [{ set: ['__proto__.x=1'] }, '--set __proto__.x  "__proto__.x" is not a field'],
    [{ thresholds: ['p99<1s'] }, '--threshold "p99<1s"  thresholds.4  write "p99" as p(99)'],
    [{ set: ['thresholds=[p99<1s]'] }, '--set thresholds  thresholds.0  write "p99" as p(99)'],
    [
      { set: ['system.inventory.holdTtl=2s'] },
      '--set system.inventory.holdTtl  system.inventory.holdTtl  holds (2s) would expire during payment: 3 attempts of 2s take up to 6.2s; make holdTtl longer than that',
    ],
  ])('name the flag of a problem: %j', async (overrides, problem) => {
    expect(await problemsFrom('', { overrides })).toEqual([problem]);
  });

  it('name the variable of a problem, and do not ignore one that is misspelt', async () => {
    expect(await problemsFrom('', { env: { ECOMSIM_LOAD_WARMUP: 'x' } })).toEqual([
      'ECOMSIM_LOAD_WARMUP  load.warmup  "x" is not a duration; write it like 20s, 1m30s or 250ms',
    ]);
    expect(await problemsFrom('', { env: { ECOMSIM_LOAD_RAET: '5/s', HOME: '/' } })).toEqual([
      'ECOMSIM_LOAD_RAET  is not a variable that sets a field (did you mean "ECOMSIM_LOAD_RATE"?); use --set instead',
    ]);
  });

  it('do not hide a mistake in the file behind a flag', async () => {
    const problems = await problemsFrom('load: 5', { overrides: { rate: '5/s' } });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('mine.yaml:1:7  load  is 5');
  });

  it('let a flag repair a wrong value of the file', async () => {
    const profile = await profileFrom('load: { rate: fast }', { overrides: { rate: '5/s' } });
    expect(profile.load.ratePerSec).toBe(5);
  });
});

describe('files', () => {
  it('are found by name with each extension', async () => {
    const folder = join(dir, 'named');
    mkdirSync(folder);
    writeFileSync(join(folder, 'a.yml'), 'description: A');
    writeFileSync(join(folder, 'b.json'), '{"description": "B"}');
    writeFileSync(join(folder, 'broken.yaml'), 'a: [');
    writeFileSync(join(folder, 'notes.txt'), 'no profile');
    expect(
      (await listProfiles(folder)).map(({ name, description }) => [name, description]),
    ).toEqual([
      ['a', 'A'],
      ['b', 'B'],
      ['broken', expect.stringContaining('not valid YAML')],
    ]);
    const b = await loadProfile({ nameOrPath: 'b', profilesDir: folder, env: {}, ...KNOWN });
    expect(b).toMatchObject({ ok: true, profile: { name: 'b', description: 'B' } });
  });

  it.each([
    ['labtop', /there is no such profile \(did you mean "laptop"\?\); known: ci/],
    ['', /needs a name/],
    ['/nowhere/x.yaml', /there is no such file/],
    ['/dev/null/x.yaml', /there is no such file/],
    ['/dev/zero.yaml/', /there is no such file/],
    ['./profiles/', /is a directory, not a file/],
    ['/dev/zero', /is not a regular file/],
    [`/tmp/${'x'.repeat(300)}.yaml`, /too long a name/],
    ['a\0b.yaml', /NUL character/],
  ])('named %j are a problem, not a crash', async (nameOrPath, message) => {
    const loaded = await loadProfile({ nameOrPath, profilesDir: SHIPPED, env: {}, ...KNOWN });
    expect(loaded.ok).toBe(false);
    if (!loaded.ok) expect(loaded.problems[0]?.message).toMatch(message);
  });

  it.each([
    ['a NUL byte', Buffer.from('load:\0'), /binary/],
    ['UTF-16', Buffer.from('\ufeffload: {}', 'utf16le'), /binary/],
    ['Latin-1', Buffer.from('description: caf\xe9', 'latin1'), /not UTF-8/],
    ['too many bytes', Buffer.alloc(1024 * 1024 + 1, 'x'), /larger than 1 MiB/],
  ])('with %s are refused', async (_, bytes, message) => {
    const file = join(dir, 'bytes.yaml');
    writeFileSync(file, bytes);
    expect((await validateFile(file, KNOWN))[0]?.message).toMatch(message);
  });

  it('may begin with a byte order mark', async () => {
    const file = join(dir, 'bom.yaml');
    writeFileSync(file, '\ufeffload: { rate: fast }');
    expect(await validateFile(file, KNOWN)).toMatchObject([{ path: 'load.rate', line: 1 }]);
  });

  it('that lead in a circle or wait for a writer are refused', async () => {
    const circle = join(dir, 'circle.yaml');
    symlinkSync(circle, circle);
    expect((await validateFile(circle, KNOWN))[0]?.message).toMatch(/circle/);
    const pipe = join(dir, 'pipe.yaml');
    execFileSync('mkfifo', [pipe]);
    expect((await validateFile(pipe, KNOWN))[0]?.message).toMatch(/not a regular file/);
  });

  // Root may read anything, so there is nothing to see.
  it.skipIf(process.getuid?.() === 0)('that may not be read are told as such', async () => {
    const file = join(dir, 'secret.yaml');
    writeFileSync(file, '');
    chmodSync(file, 0);
    expect((await validateFile(file, KNOWN))[0]?.message).toMatch(/permission denied/);
  });

  it('are validated without variables and flags', async () => {
    const file = join(dir, 'fine.yaml');
    writeFileSync(file, starterProfile());
    expect(await validateFile(file, KNOWN)).toEqual([]);
  });

  it('with a strange name give a profile a plain one', async () => {
    const file = join(dir, '=cmd ().yaml');
    writeFileSync(file, '');
    const loaded = await loadProfile({ nameOrPath: file, profilesDir: dir, env: {}, ...KNOWN });
    expect(loaded.ok && loaded.profile.name).toBe('profile');
  });
});
