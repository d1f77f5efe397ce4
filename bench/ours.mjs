// The project's own engine as a bench drives it: one journey, a chosen client, no sale around it.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { flag } from './flags.mjs';

export { flag };

const ROOT = path.dirname(import.meta.dirname);
const CUSTOMERS = 5000;

const dist = path.resolve(ROOT, flag('dist', 'dist'));
const load = (file) => import(pathToFileURL(path.join(dist, file)).href);
const { startLoad } = await load('engine/load-run.js');
const { createSystemClock } = await load('base/clock.js');
const { CLIENT_DEFAULTS } = await load('contract/call.js');

export const none = { kind: 'constant', ms: 0 };
export const clock = createSystemClock();

/** Steps in turn; with `repeats` the last leads back to the first, so a session never ends. */
export function journeyOf(operations, { thinkAfter = () => none, repeats = false } = {}) {
  const steps = operations.map((operation, index) => {
    const to = operations[index + 1] ?? (repeats ? operations[0] : 'end');
    const next = [{ to, think: thinkAfter(index) }];
    return [operation, { operation, item: 'wanted', quantity: 1, direct: true, next }];
  });
  return {
    name: 'bench',
    start: operations[0],
    maxSteps: 2 ** 31,
    steps: Object.fromEntries(steps),
  };
}

/** `perSec` counts journeys. The warm-up may have a rate of its own. */
export function scenarioOf({ journey, perSec, warmupPerSec = perSec, warmupMs = 2000, seconds }) {
  const mix = { shopper: 1 };
  const phase = (name, durationMs, rate, measured) => ({
    name,
    durationMs,
    shape: { kind: 'constant', perSec: rate },
    measured,
    mix,
  });
  return {
    name: 'bench',
    title: 'bench',
    seed: 1,
    currency: 'EUR',
    catalogue: Array.from({ length: 200 }, (_, i) => ({ sku: `sku-${i}` })),
    zipfExponent: 0.99,
    phases: [
      phase('warmup', warmupMs, warmupPerSec, false),
      phase('steady', seconds * 1000, perSec, true),
    ],
    populations: [
      {
        name: 'shopper',
        journey: journey.name,
        hotShare: 0.5,
        accounts: { kind: 'pool', size: CUSTOMERS },
      },
    ],
    journeys: [journey],
    sale: { opensAtMs: 0, closesAtMs: null, hotItems: [0], demandToStock: 1, perCustomer: 2 },
    probes: { duplicate: 0, replay: 0, changed: 0 },
    requiredGoals: [],
  };
}

/**
 * One run through the real engine, with worker threads, histograms and history. `kind` says how
 * answers are decoded. `onMeasured` is told when the measured part begins (true) and ends (false).
 */
export async function runOurs(options) {
  const { origin, scenario, kind, connections = 64, workers = 1, maxSessions } = options;
  const historyDir = mkdtempSync(path.join(os.tmpdir(), 'ecomsim-bench-'));
  const client = {
    ...CLIENT_DEFAULTS,
    kind,
    origin,
    skus: scenario.catalogue.map(({ sku }) => sku),
    tokens: Array.from({ length: CUSTOMERS }, (_, i) => `token-${i}-${'x'.repeat(100)}`),
    maxConnections: connections,
    timeoutMs: 10_000,
  };
  const order = {
    scenario,
    client,
    drainMs: 5000,
    history: options.history ?? 'writes',
    historyDir,
    keyPrefix: 'bench',
  };
  const run = await startLoad({
    order,
    clock,
    workers,
    tightestThresholdMs: null,
    onSample: options.onSample,
    ...(options.workerUrl !== undefined && { workerUrl: options.workerUrl }),
    ...(maxSessions !== undefined && { maxSessions }),
  });
  const leadMs = 300;
  run.begin(clock.nowUs() + leadMs * 1000);
  const [warmup, steady] = scenario.phases;
  const from = leadMs + warmup.durationMs;
  setTimeout(() => options.onMeasured?.(true), from);
  setTimeout(() => options.onMeasured?.(false), from + steady.durationMs);
  const report = await run.finished;
  rmSync(historyDir, { recursive: true });
  return report;
}
