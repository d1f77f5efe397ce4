// Load over real HTTP from real worker threads, and everything that can end a run early. The
// threads run what was built: dist/ is made by the test command before the tests start.

import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSystemClock } from '../../src/base/clock.ts';
import { EcomsimError } from '../../src/base/errors.ts';
import { CLIENT_DEFAULTS } from '../../src/contract/call.ts';
import type { LoadReport, TimelineSample } from '../../src/contract/load.ts';
import type { Scenario } from '../../src/contract/scenario.ts';
import type { LoadHandle, StartLoadOptions } from '../../src/engine/load-handle.ts';
import { startLoad } from '../../src/engine/load-run.ts';
import { summarisePlan } from '../../src/engine/plan-summary.ts';
import { openHistory } from '../../src/history/history-reader.ts';
import { phase, smallScenario } from '../support/small-scenario.ts';

const WORKER = new URL('../../dist/load-worker.js', import.meta.url);
const FAILING_WORKER = new URL('../support/failing-worker.mjs', import.meta.url);
const LEAD_US = 150_000;

const clock = createSystemClock();
const requests = new Map<string, number>();
/** Requests to paths that start with this are never answered. */
let silent = '';
let origin = '';
let folder = '';

const server = http.createServer((request, response) => {
  request.resume();
  const url = request.url ?? '';
  if (url !== '/healthz') requests.set(url, (requests.get(url) ?? 0) + 1);
  if (silent !== '' && url.startsWith(silent)) return;
  request.on('end', () => {
    response.setHeader('content-type', 'application/json');
    response.end('{"fine":true}');
  });
});

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'ecomsim-engine-'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

interface Setting extends Partial<StartLoadOptions> {
  readonly scenario?: Scenario;
  readonly keyPrefix?: string;
  readonly drainMs?: number;
  readonly history?: 'off' | 'writes';
  readonly target?: string;
  readonly silentPath?: string;
}

async function start(setting: Setting = {}): Promise<LoadHandle> {
  const { scenario = brief(), target = origin, keyPrefix = 'it', drainMs = 1000 } = setting;
  requests.clear();
  silent = setting.silentPath ?? '';
  const handle = await startLoad({
    order: {
      scenario,
      client: {
        ...CLIENT_DEFAULTS,
        kind: 'null',
        origin: target,
        skus: scenario.catalogue.map(({ sku }) => sku),
        tokens: Array.from({ length: summarisePlan(scenario).customers }, (_, i) => `t-${i}`),
        maxConnections: 256,
        timeoutMs: 5000,
      },
      drainMs,
      history: setting.history ?? 'off',
      historyDir: folder,
      keyPrefix,
    },
    clock,
    workers: 2,
    tightestThresholdMs: null,
    workerUrl: WORKER,
    ...setting,
  });
  return handle;
}

function begun(handle: LoadHandle): LoadHandle {
  handle.begin(clock.nowUs() + LEAD_US);
  return handle;
}

const brief = (durationMs = 1000): Scenario =>
  smallScenario({ phases: [phase('warmup', 300, 80, false), phase('steady', durationMs, 80)] });
const answered = (): number => [...requests.values()].reduce((sum, count) => sum + count, 0);

/** On a busy machine the server may not have read what was sent when the connection goes. */
function expectAllCutOffUnknown(report: LoadReport): void {
  expect(report.cutOff).toBeGreaterThan(0);
  const unknown = report.timeline.reduce((sum, { counts }) => sum + counts.unknown, 0);
  expect(report.cutOff).toBe(unknown);
}

describe('a run to its end', () => {
  test('sends the whole plan, counts every answer and keeps a readable history', async () => {
    const samples: TimelineSample[] = [];
    const scenario = brief();
    const handle = await start({
      scenario,
      history: 'writes',
      onSample: (sample) => samples.push(sample),
    });
    const report = await begun(handle).finished;
    expect(report.stopped).toBe('finished');
    expect(report.journeysDue).toBe(summarisePlan(scenario).journeys);
    expect(report.journeysStarted).toBe(report.journeysDue);
    expect(report.journeysDropped).toBe(0);
    const done = report.timeline.reduce((sum, { counts }) => sum + counts.ok, 0);
    expect(done).toBe(answered());
    expect(report.metrics.counts({}).ok).toBeLessThan(done);
    expect(report.metrics.counts({}).ok).toBeGreaterThan(0);
    expect(report.client.connectionsOpened).toBeGreaterThan(0);
    expect(report.workers).toBe(2);
    expect(report.historyFiles).toHaveLength(2);
    const history = openHistory(report.historyFiles);
    const operations = new Map<string, number>();
    history.forEach(({ operation }) => {
      operations.set(operation, (operations.get(operation) ?? 0) + 1);
    });
    expect(operations.get('checkout')).toBe(requests.get('/api/checkouts'));
    expect(operations.get('order')).toBe(requests.get('/api/orders'));
    expect(history.lost + report.historyLost).toBe(0);
    expect(samples.map(({ atMs }) => atMs)).toEqual([0, 1000]);
    expect(report.histogramLog).toMatch(/^Tag=home\.ok@shopper#steady,/m);
    expect(report.health.cpuUtilisation).toBeGreaterThan(0);
  });

  test('what the target never answers is cut off after the drain', async () => {
    const handle = await start({ silentPath: '/api/orders', drainMs: 300 });
    const report = await begun(handle).finished;
    expectAllCutOffUnknown(report);
    expect(report.stopped).toBe('finished');
  });
});

describe('a run that ends early', () => {
  test('stopped once: arrivals end and answers are awaited', async () => {
    const handle = begun(await start({ scenario: brief(60_000) }));
    await clock.sleep(900);
    handle.stop();
    const report = await handle.finished;
    expect(report.stopped).toBe('interrupted');
    expect(report.cutOff).toBe(0);
    expect(report.journeysStarted).toBe(report.journeysDue);
    expect(report.journeysDue).toBeGreaterThan(20);
    expect(report.measuredMs).toBeLessThan(5000);
    expect(report.measuredMs).toBeGreaterThan(100);
  });

  test('aborted: what is in flight is cut off at once', async () => {
    const handle = begun(
      await start({ scenario: brief(60_000), silentPath: '/api/home', drainMs: 60_000 }),
    );
    await clock.sleep(700);
    handle.stop();
    handle.abort();
    const report = await handle.finished;
    expect(report.stopped).toBe('interrupted');
    expectAllCutOffUnknown(report);
  });

  test('the target died: arrivals stop and the drain is short', async () => {
    const handle = begun(
      await start({ scenario: brief(60_000), silentPath: '/api/home', drainMs: 60_000 }),
    );
    await clock.sleep(700);
    handle.targetDied('killed');
    handle.stop();
    const report = await handle.finished;
    expect(report.stopped).toBe('target-died');
    expectAllCutOffUnknown(report);
  });

  test('stopped before it began: an empty report', async () => {
    const handle = await start();
    handle.stop();
    handle.begin(clock.nowUs() + LEAD_US);
    const report = await handle.finished;
    expect(report.journeysDue).toBe(0);
    expect(report.measuredMs).toBe(0);
    expect(report.stopped).toBe('interrupted');
    expect(answered()).toBe(0);
  });
});

describe('a target that cannot be reached', () => {
  test('is an operating error with the code of the client', async () => {
    const error = await start({ target: 'http://127.0.0.1:1' }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(EcomsimError);
    expect((error as EcomsimError).code).toBe('TARGET_UNREACHABLE');
  });
});

describe('a load worker that dies', () => {
  test.each([
    ['throws', 'throw', /the client broke/],
    ['exits', 'exit', /ended with code 7/],
  ])('%s: what it had in flight is unknown and the run is invalid', async (_, how, reason) => {
    const handle = await start({ workerUrl: FAILING_WORKER, keyPrefix: how });
    const report = await begun(handle).finished;
    expect(report.stopped).toBe('finished');
    expect(report.health.verdict).toBe('invalid');
    expect(report.health.reasons[0]).toMatch(/load worker 0/);
    expect(report.health.reasons[0]).toMatch(reason);
    const { ok, unknown } = report.metrics.counts({});
    expect(unknown).toBeGreaterThan(0);
    expect(unknown).toBeLessThanOrEqual(41);
    expect(ok).toBeGreaterThan(0);
    expect(report.journeysDue).toBe(summarisePlan(brief()).journeys);
    expect(report.journeysStarted).toBeLessThan(report.journeysDue);
  });

  test('hangs: it is ended and counted as lost', async () => {
    const handle = begun(
      await start({ workerUrl: FAILING_WORKER, keyPrefix: 'hang', scenario: brief(60_000) }),
    );
    await clock.sleep(900);
    handle.abort();
    const report = await handle.finished;
    expect(report.health.reasons.join()).toMatch(/load worker 0 did not answer any more/);
    expect(report.metrics.counts({}).unknown).toBeGreaterThan(0);
  });

  test('before the load began: an operating error', async () => {
    await expect(
      start({ workerUrl: FAILING_WORKER, keyPrefix: 'exit-early' }),
    ).rejects.toMatchObject({ code: 'WORKER_DIED' });
  });
});
