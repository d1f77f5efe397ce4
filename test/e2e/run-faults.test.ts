// Runs that are put through faults: the shop comes back, the audit still proves what it proves.
import net from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readOnlyResult, runCli, scratchDir, shopDataFolders } from '../support/cli.ts';
import { SHORT } from './run-options.ts';

let scratch: ReturnType<typeof scratchDir>;

beforeEach(() => {
  scratch = scratchDir();
});

afterEach(() => {
  scratch.dispose();
});

function sale(args: readonly string[], onStderr: (text: string) => void = () => {}) {
  return runCli(['run', 'flash-sale', ...SHORT, '-d', '8s', '-r', '60/s', ...args], {
    cwd: scratch.path,
    env: { TMPDIR: scratch.path },
    onProgress: (_child, stderr) => onStderr(stderr),
  });
}

describe('a run with --fault', () => {
  it('passes its audit when the shop is killed and paused in mid-sale', async () => {
    const outcome = await sale(['--fault', 'kill=at:4s', '--fault', 'pause=at:7s,for:500ms']);
    const { result } = readOnlyResult(scratch.path);
    expect(result.audit.verdict, result.audit.reason).toBe('pass');
    // A fault is seen in latencies and failures, and a busy machine in the schedule.
    expect([0, 82, 99], outcome.stdout).toContain(outcome.code);
    expect(result.audit.lostOrders + result.audit.oversoldUnits).toBe(0);
    expect(result.faults?.map(({ name }) => name)).toEqual(['kill', 'pause']);
    const [kill] = result.faults ?? [];
    expect(kill?.fromMs).toBeGreaterThanOrEqual(4000);
    expect(kill?.toMs).toBeGreaterThan(kill?.fromMs ?? Number.POSITIVE_INFINITY);
    const second = result.timeline.find(({ atMs }) => atMs === 4000);
    expect(second?.faults).toContain('kill');
    expect(outcome.stdout).toMatch(/Faults +2 faults {2}kill at 4\.\d+ s, healed/);
    expect(result.run.command).toContain('--fault kill=at:4s');
    expect(shopDataFolders(scratch.path)).toEqual([]);
  });

  it('exits 83 when the shop does not come back', async () => {
    let squatter: net.Server | undefined;
    const outcome = await sale(['--fault', 'kill=at:3s,down:6s'], (stderr) => {
      const port = /load running against http:\/\/127\.0\.0\.1:(\d+)/.exec(stderr)?.[1];
      if (port === undefined || squatter !== undefined) return;
      const server = net.createServer((socket) => socket.destroy());
      squatter = server;
      // It is taken as soon as the shop has let go of it.
      server.on('error', () => setTimeout(() => server.listen(Number(port), '127.0.0.1'), 50));
      server.listen(Number(port), '127.0.0.1');
    });
    squatter?.close();
    expect(outcome.code, outcome.stdout).toBe(83);
    const { result } = readOnlyResult(scratch.path);
    expect(result.reason).toMatch(/did not recover from the fault "kill".*Port \d+/);
    expect(shopDataFolders(scratch.path)).toEqual([]);
  });
});

describe('a fault that cannot be', () => {
  it('is told with all others before anything starts', async () => {
    const outcome = await sale(['--fault', 'kil', '--fault', 'pause=for:1d,by:2']);
    expect(outcome.code).toBe(104);
    expect(outcome.stderr).toContain('--fault "kil"');
    expect(outcome.stderr).toContain('did you mean "kill"?');
    expect(outcome.stderr).toContain('for: "1d" is out of range');
    expect(outcome.stderr).toContain('pause has no argument "by"');
    expect(shopDataFolders(scratch.path)).toEqual([]);
  });

  it('is told when it does not fit into the load', async () => {
    const { code, stderr } = await sale(['--fault', 'kill=at:1m', '--fault', 'pause=at:8s,for:9s']);
    expect(code).toBe(104);
    expect(stderr).toContain('kill=at:1m: it would last until 1m');
    expect(stderr).toContain('pause=at:8s,for:9s: it would last until 17s');
  });
});
