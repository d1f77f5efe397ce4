// A system that is not ours, driven through its mapping by a real load worker: other paths, a login
// in two steps, ids that are numbers, odd SKUs, and the same behind GraphQL.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createSystemClock } from '../../src/base/clock.ts';
import { CLIENT_DEFAULTS } from '../../src/contract/call.ts';
import type { LoadReport } from '../../src/contract/load.ts';
import type { OperationName } from '../../src/contract/operation.ts';
import type { OutcomeCounts } from '../../src/contract/outcome.ts';
import type { Scenario } from '../../src/contract/scenario.ts';
import { mappingProblems } from '../../src/contract/target-mapping/mapping-problems.ts';
import { startLoad } from '../../src/engine/load-run.ts';
import { openHistory } from '../../src/history/history-reader.ts';
import {
  type ForeignShop,
  foreignMapping,
  KEPT_OUT,
  startForeignShop,
} from '../support/foreign-shop.ts';
import { phase, smallScenario, step } from '../support/small-scenario.ts';

const WORKER = new URL('../../dist/load-worker.js', import.meta.url);
const LEAD_US = 150_000;
const HOT_UNITS = 6;
const clock = createSystemClock();
const opened: ForeignShop[] = [];
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'ecomsim-foreign-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  for (const shop of opened.splice(0)) await shop.close();
});

const SCENARIO: Scenario = smallScenario({
  phases: [phase('steady', 1500, 30)],
  journeys: [
    {
      name: 'buy',
      start: 'look',
      maxSteps: 9,
      steps: {
        look: step('viewStock', 'checkout', 5),
        checkout: step('checkout', 'order', 5),
        order: step('order', 'end'),
      },
    },
  ],
  probes: { duplicate: 0.3, replay: 0.3, changed: 0 },
});

async function shopWith(hotUnits: number): Promise<ForeignShop> {
  const units = SCENARIO.catalogue.map((_, i): [string, number] => [
    `art ${i}/"ü"?#`,
    i === 0 ? hotUnits : 1000,
  ]);
  const shop = await startForeignShop(Object.fromEntries(units));
  opened.push(shop);
  return shop;
}

async function drive(
  shop: ForeignShop,
  kind: 'REST' | 'GraphQL',
  users?: string[],
): Promise<LoadReport> {
  const mapping = foreignMapping(shop, kind, users);
  expect(mappingProblems(mapping, ['viewStock', 'checkout', 'order'])).toEqual([]);
  const handle = await startLoad({
    order: {
      scenario: SCENARIO,
      client: {
        ...CLIENT_DEFAULTS,
        kind: 'live',
        origin: shop.origin,
        skus: [...shop.stock.keys()],
        tokens: [],
        mapping,
      },
      drainMs: 5000,
      history: 'writes',
      historyDir: folder,
      keyPrefix: kind,
    },
    workers: 1,
    maxSessions: 1000,
    workerUrl: WORKER,
    clock,
    tightestThresholdMs: null,
  });
  handle.begin(clock.nowUs() + LEAD_US);
  return handle.finished;
}

const countsOf = (report: LoadReport, operation: OperationName): OutcomeCounts =>
  report.metrics.counts({ operation });

const sum = ({ ok, refused, failed, unknown }: OutcomeCounts): number =>
  ok + refused + failed + unknown;

describe.each(['REST', 'GraphQL'] as const)('a foreign shop over %s', (kind) => {
  it('sells what it has, once per key, to shoppers that have logged in', async () => {
    const shop = await shopWith(HOT_UNITS);
    const report = await drive(shop, kind);
    expect(shop.strange).toEqual([]);
    expect([...shop.users]).toEqual([
      ['ann@x', 's0'],
      ['b"ö@x', 's1'],
    ]);
    const orders = countsOf(report, 'order');
    expect(report.journeysStarted).toBeGreaterThan(20);
    const login = countsOf(report, 'login');
    expect(sum(login)).toBe(login.ok);
    // The last arrivals may find no time for all of their steps.
    expect(login.ok).toBeGreaterThan(report.journeysStarted);
    expect(login.ok).toBeLessThanOrEqual(report.journeysStarted * 2);
    expect([orders.ok, orders.failed, orders.unknown]).toEqual([shop.orders.size, 0, 0]);
    expect(orders.refused).toBeGreaterThan(0);
    expect([...shop.stock.values()][0]).toBe(0);
    expect(report.unitsByPopulation).toEqual({ shopper: HOT_UNITS });
    const probes = sum(countsOf(report, 'orderDuplicate')) + sum(countsOf(report, 'orderReplay'));
    expect(probes).toBeGreaterThan(0);
    const history = await openHistory(report.historyFiles);
    const ids = new Set<string>();
    history.forEach(({ operation, outcome, orderId }) => {
      if (operation === 'order' && outcome === 'ok') ids.add(orderId);
    });
    expect(ids.size).toBe(shop.orders.size);
  });
});

describe('a shopper whom a foreign shop keeps out', () => {
  it('is counted at the login and goes no further', async () => {
    const shop = await shopWith(1000);
    const report = await drive(shop, 'REST', ['ann@x', KEPT_OUT]);
    const login = countsOf(report, 'login');
    expect(login.failed).toBeGreaterThan(5);
    const wentOn = sum(countsOf(report, 'viewStock'));
    expect(wentOn).toBeGreaterThan(5);
    expect(wentOn).toBeLessThanOrEqual(report.journeysStarted - login.failed);
    expect(report.journeysCompleted).toBeGreaterThanOrEqual(login.failed);
    expect([...shop.users.keys()]).toEqual(['ann@x']);
  });
});
