// A scenario of one's own on the built command: written, checked, driven, and refused.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readOnlyResult, runCli, scratchDir } from '../support/cli.ts';

let scratch: ReturnType<typeof scratchDir>;

beforeEach(() => {
  scratch = scratchDir();
});

afterEach(() => {
  scratch.dispose();
});

const cli = (args: readonly string[]): ReturnType<typeof runCli> =>
  runCli(args, { cwd: scratch.path, env: { TMPDIR: scratch.path } });

const write = (name: string, lines: readonly string[]): void =>
  writeFileSync(path.join(scratch.path, name), `${lines.join('\n')}\n`);

/** The generator may be late on a busy machine; what is audited counts all the same. */
const JUDGED = [0, 81, 82, 99];

describe('a scenario file', () => {
  it('is written, validated and driven, smaller than it says', async () => {
    expect((await cli(['init', 'scenario', 'mine.yaml'])).code).toBe(0);
    const checked = await cli(['validate', 'mine.yaml']);
    expect(checked.stderr).toBe('');
    expect(checked.stdout).toMatch(/mine\.yaml is a valid scenario/);
    expect(checked.stdout).toMatch(/drop +10s +.*shopper 50%, visitor 10%, bot 40%/);
    expect(checked.stdout).toMatch(/Peak +100\/s/);
    const run = await cli(['run', 'mine.yaml', '-r', '40/s', '-d', '5s']);
    expect(JUDGED, run.stderr + run.stdout).toContain(run.code);
    const { result } = readOnlyResult(scratch.path);
    expect(result.run.scenario).toBe('mine');
    expect(result.load.measuredMs).toBe(5000);
    expect(result.load.journeysDue).toBeGreaterThan(50);
    expect(result.audit.oversoldUnits).toBe(0);
    expect(result.audit.verdict).not.toBe('fail');
    const again = await cli(['init', 'scenario', 'mine.yaml']);
    expect(again.code).toBe(104);
    expect(again.stderr).toContain('not overwritten');
  });

  it('replays a CSV file beside it', async () => {
    write('folder.yaml', ['# read as a profile, and valid as one']);
    write('traffic.csv', ['time,rate', '0,10', '1,40', '2,10']);
    write('mine.yaml', [
      'phases: [{ name: replayed, shape: { kind: replay, file: traffic.csv } }]',
      'populations: { visitor: { journey: browse } }',
    ]);
    const checked = await cli(['validate', 'mine.yaml']);
    expect(checked.stderr).toBe('');
    expect(checked.stdout).toMatch(/replayed +2s +10\/s to 40\/s +replay/);
    expect(checked.stdout).toMatch(/Journeys +about 50/);
  });

  it('is written from a built-in one', async () => {
    expect((await cli(['init', 'scenario', 'mine.yaml', '--from', 'spike'])).code).toBe(0);
    expect(readFileSync(path.join(scratch.path, 'mine.yaml'), 'utf8')).toContain('name: spike');
    const checked = await cli(['validate', 'mine.yaml']);
    expect(checked.stderr).toBe('');
    const wrong = await cli(['init', 'scenario', 'x.yaml', '--from', 'spkie']);
    expect(wrong.code).toBe(104);
    expect(wrong.stderr).toContain('did you mean "spike"');
  });

  it('with mistakes is refused together with those of the profile, and nothing is started', async () => {
    write('mine.yaml', [
      'phases: [{ name: main, duration: 10s, shape: fast }]',
      'populations: { visitor: { journey: brwose } }',
    ]);
    write('p.yaml', ['load: { rate: slow }']);
    const before = readdirSync(scratch.path);
    const { code, stderr, stdout } = await cli(['run', 'mine.yaml', '-p', 'p.yaml']);
    expect(code).toBe(104);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/p\.yaml:1:15 {2}load\.rate {2}"slow" is not a rate/);
    expect(stderr).toMatch(/mine\.yaml:1:46 {2}phases\.0\.shape {2}"fast" is not a rate/);
    expect(stderr).toMatch(/mine\.yaml:2:36 .*no journey "brwose" \(did you mean "browse"\?\)/);
    expect(readdirSync(scratch.path)).toEqual(before);
  });

  it('that is another kind of file, or none, says so', async () => {
    write('p.yaml', ['load: { rate: 5/s }']);
    write('s.yaml', ['phases: []', 'populations: {}']);
    expect((await cli(['run', 'p.yaml'])).stderr).toContain(
      'this is a profile file, not a scenario',
    );
    expect((await cli(['run', 'soak', '-p', 's.yaml'])).stderr).toContain(
      'this is a scenario file, not a profile',
    );
    expect((await cli(['run', 'gone.yaml'])).stderr).toContain('there is no such file');
  });

  it('that no machine can carry is refused before anything is started', async () => {
    write('mine.yaml', [
      'phases: [{ name: main, duration: 1h, shape: 1000000/s }]',
      'populations: { visitor: { journey: look } }',
      'journeys: { look: { think: 10m, steps: { a: { operation: home, next: b }, b: { operation: home } } } }',
    ]);
    const { code, stderr } = await cli(['run', 'mine.yaml']);
    expect(code).toBe(104);
    expect(stderr).toMatch(/about 3,600,000,000 journeys; at most 10,000,000 are supported/);
    expect(stderr).toMatch(/about 600,000,000 sessions would be thinking at once; at most 200,000/);
    expect(stderr).toMatch(/customers and .* need .* GiB of memory; this machine may give/);
    expect(readdirSync(scratch.path)).toEqual(['mine.yaml']);
  });
});

describe('a rate beyond every machine', () => {
  it('ends as generator invalid, with the reason and what to do, in bounded time', async () => {
    const asked = ['-r', '100k/s', '-d', '1s', '--set', 'load.warmup=0s', '--set', 'load.drain=1s'];
    const { code, stdout, stderr } = await cli(['run', 'steady-browse', ...asked, '-q']);
    expect(code, stderr).toBe(82);
    expect(stdout).toMatch(/could not keep its own schedule/);
    expect(stdout).toMatch(/lower --rate/);
    const { result } = readOnlyResult(scratch.path);
    expect(result.load.generator.verdict).toBe('invalid');
    expect(result.load.journeysDue).toBeGreaterThan(95_000);
  }, 240_000);
});
