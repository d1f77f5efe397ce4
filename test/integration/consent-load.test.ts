// The load on a public host ends when its owner takes the consent back: real worker threads, a real
// server that counts what still arrives. Which addresses are public is said by the test alone.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSystemClock } from '../../src/base/clock.ts';
import { CLIENT_DEFAULTS } from '../../src/contract/call.ts';
import type { TargetFile } from '../../src/contract/target-file.ts';
import { consentLine, WELL_KNOWN_PATH } from '../../src/targets/live/consent.ts';
import { WellKnownConsent } from '../../src/targets/live/consent-sources.ts';
import { JsonClient } from '../../src/targets/live/json-client.ts';
import { LiveTarget } from '../../src/targets/live/live-target.ts';
import { phase, smallScenario, step } from '../support/small-scenario.ts';

const LOAD_PHASE = new URL('../../dist/commands/run/load-phase.js', import.meta.url);
type LoadPhase = typeof import('../../src/commands/run/load-phase.ts');

const RUN_KEY = 'our-own-run-key-1';
/** A removal is to be followed by silence after this long. */
const PROMISED_US = 5_000_000;

const clock = createSystemClock();
const arrivedUs: number[] = [];
let consent = true;
let folder = '';
let origin = '';

const server = http.createServer((request, response) => {
  request.resume();
  if (request.url === WELL_KNOWN_PATH) {
    response.statusCode = consent ? 200 : 404;
    response.end(consent ? consentLine('127.0.0.1', RUN_KEY) : '');
    return;
  }
  arrivedUs.push(clock.nowUs());
  response.setHeader('content-type', 'application/json');
  response.end('{}');
});

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'ecomsim-consent-'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

function fileOf(): TargetFile {
  const mapping: TargetFile['mapping'] = {
    name: 'public',
    baseUrl: origin,
    headers: {},
    setup: [],
    session: [],
    operations: {
      home: { request: { method: 'GET', path: '/home', headers: {} }, extract: {}, outcomes: [] },
    },
    skip: [],
    products: { kind: 'list', skus: ['a'] },
    users: null,
    ledger: {},
    probes: 'none',
    serverDeadlineMs: 1000,
  };
  const rest = { secrets: [], runKey: RUN_KEY, exclusive: false, holdTtlMs: null };
  return { mapping, shownUrl: origin, ...rest };
}

describe.skipIf(!existsSync(LOAD_PHASE))('the load on a public host', () => {
  it('stops within five seconds after its owner took the consent back', async () => {
    const { runLoadPhase } = (await import(LOAD_PHASE.href)) as LoadPhase;
    const page = new JsonClient({
      origin,
      egress: CLIENT_DEFAULTS.egress,
      tls: CLIENT_DEFAULTS.tls,
      clock,
      shown: (text) => text,
    });
    const target = new LiveTarget({
      file: fileOf(),
      clock,
      allowHosts: [],
      insecure: false,
      hosts: { classify: () => 'public' },
      consentSources: () => [new WellKnownConsent(page, origin)],
    });
    await target.open();
    const catalogue = await target.products(1);
    const scenario = smallScenario({
      catalogue,
      phases: [phase('steady', 60_000, 40)],
      journeys: [
        { name: 'buy', start: 'home', maxSteps: 500, steps: { home: step('home', 'home', 200) } },
      ],
    });
    const client = await target.prepare({
      catalogue,
      currency: 'EUR',
      hotItems: [0],
      perCustomer: 1,
      customers: 1,
    });
    let goneUs = 0;
    clock.after(2500, () => {
      consent = false;
      goneUs = clock.nowUs();
    });
    const { load, targetDeath } = await runLoadPhase({
      scenario,
      faults: [],
      target,
      client,
      workers: 1,
      drainMs: 1000,
      history: 'off',
      historyDir: folder,
      keyPrefix: 'c',
      tightestThresholdMs: null,
      clock,
      interrupts: {
        interrupted: false,
        onFirst: () => {},
        second: new Promise<never>(() => {}),
        dispose: () => {},
      },
      onProgress: () => {},
    });
    await target.close();
    expect(targetDeath).toContain('withdrawn');
    expect(load.stopped).toBe('target-died');
    const before = arrivedUs.filter((atUs) => atUs < goneUs).length;
    const after = arrivedUs.filter((atUs) => atUs > goneUs + PROMISED_US).length;
    expect(before).toBeGreaterThan(20);
    expect(after).toBe(0);
  });
});
