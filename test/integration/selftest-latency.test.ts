// The latency selftest from end to end on what was built: real worker threads, the truth server in
// a process of its own. Only facts that hold on a busy machine: counts and order, never times.
import { afterEach, describe, expect, test } from 'vitest';
import { createSystemClock } from '../../src/base/clock.ts';
import { createPaint } from '../../src/reporters/terminal-paint.ts';
import { LATENCY_CASES, type LatencyCase, measuredFromMs } from '../../src/selftest/cases.ts';
import { latencyPage } from '../../src/selftest/latency-page.ts';
import { type CaseResult, LatencySelftest } from '../../src/selftest/latency-selftest.ts';
import { TruthServerChild } from '../../src/selftest/truth-server-child.ts';
import { descendantsOf, isAlive, runCli } from '../support/cli.ts';

const WORKER = new URL('../../dist/load-worker.js', import.meta.url);
const SERVER = new URL('../../dist/selftest/truth-server-process.js', import.meta.url);

const clock = createSystemClock();

function brief(name: string): LatencyCase {
  const found = LATENCY_CASES.find((latency) => latency.name === name);
  if (found === undefined) throw new Error(`no case ${name}`);
  const freeze = found.freeze === null ? null : { atMs: measuredFromMs(found) + 200, forMs: 500 };
  return { ...found, ratePerSec: 100, measuredMs: 1200, freeze };
}

async function run(...names: string[]): Promise<CaseResult[]> {
  const selftest = new LatencySelftest({
    cases: names.map(brief),
    clock,
    onCase: () => {},
    workerUrl: WORKER,
    serverUrl: SERVER,
  });
  return selftest.run();
}

describe('the latency selftest', () => {
  test('resets are counted as the server counted them, never as answers', async () => {
    const [result] = await run('resets');
    const reported = Object.fromEntries(
      (result?.counts ?? []).map((cell) => [cell.outcome, cell.reported]),
    );
    expect(result?.counts.filter(({ ok }) => !ok)).toEqual([]);
    expect(result?.truth.unplanned).toBe(0);
    expect(reported['ok']).toBe(result?.truth.responseMs.length);
    expect(reported['failed']).toBeGreaterThan(0);
    expect(reported['unknown']).toBeGreaterThan(0);
  });

  test('pieces and a freeze lose no request, and the page shows both kinds of time', async () => {
    const results = await run('slow drip', 'freeze');
    for (const { counts, truth, latency } of results) {
      expect(
        counts.every(({ ok }) => ok),
        latency.name,
      ).toBe(true);
      expect(truth.counts.ok).toBeGreaterThan(0);
      expect(truth.unplanned).toBe(0);
    }
    const freeze = results[1]?.truth;
    const total = (samples: Iterable<number> = []): number =>
      [...samples].reduce((sum, ms) => sum + ms, 0);
    // Who waited for a connection was served quickly afterwards.
    expect(total(freeze?.responseMs)).toBeGreaterThan(total(freeze?.serviceMs));
    const machine = { load1m: 1, cores: 2 };
    const page = latencyPage(results, { paint: createPaint(false), machine, interrupted: false });
    expect(page).toMatch(/freeze: .*\n {2}\d+ ok: as the server counted\n/);
    expect(page).toMatch(/response reported .*\n {2}response true .*\n {2}service reported /);
    expect(page).toMatch(/\nExit (0|82|99)( \(also 99\))?: .*\.\n$/);
  });

  test('virtual users are counted as the server counted them, each one’s requests in turn', async () => {
    const results = await run('resets, virtual users', 'freeze, virtual users');
    for (const { counts, truth, latency } of results) {
      expect(
        counts.every(({ ok }) => ok),
        latency.name,
      ).toBe(true);
      expect(truth.unplanned).toBe(0);
      expect(truth.responseMs.length).toBeGreaterThan(latency.users);
    }
    expect(results[0]?.truth.counts.failed).toBeGreaterThan(0);
    const machine = { load1m: 1, cores: 2 };
    const page = latencyPage(results, { paint: createPaint(false), machine, interrupted: false });
    expect(page).toMatch(/freeze, virtual users: .*\n {2}\d+ ok: as the server counted\n/);
    expect(page).toContain('ms, 40 users');
  });

  test('what is stopped gives up the case under way', async () => {
    const selftest: LatencySelftest = new LatencySelftest({
      cases: [brief('constant'), brief('bimodal')],
      clock,
      onCase: (_, index) => {
        if (index === 1) selftest.stop();
      },
      workerUrl: WORKER,
      serverUrl: SERVER,
    });
    const results = await selftest.run();
    expect(results.map(({ latency }) => latency.name)).toEqual(['constant']);
  });
});

describe('the truth server', () => {
  const started: TruthServerChild[] = [];

  afterEach(() => {
    for (const child of started.splice(0)) child.close();
  });

  test('whose end nobody asked for ends the wait for it with a reason', async () => {
    const child = await TruthServerChild.start(SERVER);
    started.push(child);
    process.kill(child.pid, 'SIGKILL');
    await expect(child.collect()).rejects.toThrow(/truth server ended \(SIGKILL\)/);
  });

  test('ends with its parent, whatever ends that', async () => {
    let seen: number[] = [];
    const { signal } = await runCli(['selftest', 'latency', '--quick'], {
      onProgress: (parent, stderr) => {
        if (seen.length > 0 || !stderr.includes('1 of')) return;
        void clock.sleep(1000).then(() => {
          seen = descendantsOf(parent.pid ?? 0);
          parent.kill('SIGKILL');
        });
      },
    });
    expect(signal).toBe('SIGKILL');
    expect(seen.length).toBeGreaterThan(0);
    for (let waits = 0; waits < 100 && seen.some(isAlive); waits++) await clock.sleep(50);
    expect(seen.filter(isAlive)).toEqual([]);
  });
});
