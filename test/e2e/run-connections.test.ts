// How the load client connects, on the built command: what is asked for is done and reported.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readOnlyResult, runCli, scratchDir, shopDataFolders } from '../support/cli.ts';
import { SHORT } from './run-options.ts';

let scratch: ReturnType<typeof scratchDir>;

beforeEach(() => {
  scratch = scratchDir();
});

afterEach(() => {
  scratch.dispose();
});

it('a shop with a limit per address serves shoppers who each have a connection and an address', async () => {
  const args = [
    ...['run', 'steady-browse', ...SHORT, '-d', '3s', '-r', '30/s', '--connection-per-shopper'],
    // From one address it would be about forty times too much.
    ...['--set', 'system.limits.perAddress=5/s'],
  ];
  const { code, stdout, stderr } = await runCli(args, {
    cwd: scratch.path,
    env: { TMPDIR: scratch.path },
  });
  const { result } = readOnlyResult(scratch.path);
  expect([0, 81, 82, 99], `${stdout}\n${stderr}`).toContain(code);
  const { load, totals } = result;
  expect(totals.ok / totals.count).toBeGreaterThan(0.9);
  // The client's warm-up is done on connections of nobody's.
  expect(load.connectionsOpened).toBeGreaterThanOrEqual(load.journeysStarted);
  expect(load.connectTimeMs?.count).toBeGreaterThan(load.journeysStarted / 2);
  expect(load.bytesReceived).toBeGreaterThan(totals.count * 100);
  expect(load.bytesSent).toBeGreaterThan(totals.count * 100);
  expect([load.slowAnswers, load.egressRefused]).toEqual([0, 0]);
  const firstByte = result.operations['home']?.timeToFirstByteMs;
  expect(firstByte?.count).toBe(result.operations['home']?.ok);
  expect(firstByte?.max).toBeLessThanOrEqual(
    result.operations['home']?.serviceTimeMs.max ?? Number.NaN,
  );
  expect(stdout).toMatch(/\d+ connections; [\d.]+ [kM]B received, [\d.]+ [kM]B sent/);
  expect(shopDataFolders(scratch.path)).toEqual([]);
});
