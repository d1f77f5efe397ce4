// What a search comes to: figures at the claim, the exit code of each ending, and the page.
import { describe, expect, it } from 'vitest';
import { parseCapacity } from '../../../src/analysis/parse-result.ts';
import { capacityReportOf, type SearchedCapacity } from '../../../src/capacity/capacity-report.ts';
import type { SearchFindings } from '../../../src/capacity/search/capacity-search.ts';
import type { CapacityReport, MeasuredWindow } from '../../../src/contract/capacity.ts';
import { renderCapacity } from '../../../src/reporters/capacity-page.ts';
import { HOSTILE_TEXT, SAMPLES } from '../../support/sample-results.ts';

function window(ratePerSec: number, change: Partial<MeasuredWindow> = {}): MeasuredWindow {
  return {
    kind: 'search',
    ratePerSec,
    lengthMs: 15_000,
    verdict: 'pass',
    constraints: [{ name: 'p(99)<250ms', ok: true, observed: 90 }],
    machineSpeed: 1,
    reason: '',
    requestsPerSec: ratePerSec * 6,
    ordersPerSec: ratePerSec / 10,
    p50Ms: 1.25,
    p99Ms: 90,
    limitingResource: 'event loop of the shop process',
    folder: 'reports/w',
    command: 'ecomsim run flash-sale',
    ...change,
  };
}

const FOUND: SearchFindings = {
  q50PerSec: 210,
  intervalPerSec: [200, 220],
  claimPerSec: 196,
  bindingConstraint: 'p(99)<250ms',
  isLowerBound: false,
  constraints: [
    {
      name: 'p(99)<250ms',
      q50PerSec: 210,
      intervalPerSec: [200, 220],
      claimPerSec: 196,
      judged: 24,
      failed: 9,
    },
  ],
  monotoneP: 0.6,
};
const NOTHING: SearchFindings = {
  ...{ q50PerSec: null, intervalPerSec: null, claimPerSec: null, bindingConstraint: null },
  ...{ isLowerBound: false, constraints: [], monotoneP: null },
};
const FAILED = { verdict: 'fail', reason: 'p(99)<250ms' } as const;
const WINDOWS = [
  window(60),
  window(200),
  window(240, FAILED),
  window(196, { kind: 'soak', lengthMs: 60_000 }),
];

function report(change: Partial<SearchedCapacity> = {}): CapacityReport {
  const { id, scenario, profile, seed, startedAt, tool, machine } = SAMPLES.pass().run;
  const command = 'ecomsim capacity flash-sale';
  const run = { id, scenario, profile, seed, startedAt, command, tool, machine };
  return capacityReportOf({
    run: {
      ...run,
      ...{ settingsDigest: 'ab', startPerSec: 60, highestPerSec: 4000, targetWidth: 0.1 },
      ...{ windowMs: 15_000, soakMs: 60_000, budgetMs: 720_000, durationMs: 700_000 },
    },
    windows: WINDOWS,
    findings: FOUND,
    ending: 'found',
    ...change,
  });
}

const page = (one: CapacityReport, columns = 80): string =>
  renderCapacity(one, { columns, color: false, folder: 'reports/c' });

describe('the report of a capacity', () => {
  it('says what the claim means in requests and orders of this mix', () => {
    const found = report();
    expect(found).toMatchObject({ exitCode: 0, claimPerSec: 196, isSoaked: true });
    expect(found.requestsPerSec).toBeCloseTo(196 * 6);
    expect(found.ordersPerSec).toBeCloseTo(19.6);
    expect(found.limitingResource).toBe('event loop of the shop process');
  });

  it('is inconclusive when no longer window passed at the claim', () => {
    const short = report({ windows: WINDOWS.slice(0, 3), ending: 'budget' });
    expect(short).toMatchObject({ exitCode: 81, isSoaked: false });
    const failed = [...WINDOWS.slice(0, 3), window(196, { kind: 'soak', ...FAILED })];
    expect(report({ windows: failed, ending: 'budget' }).exitCode).toBe(81);
  });

  it('states a claim that grew after its soak at what the soak has proven', () => {
    const soak = window(180, { kind: 'soak', lengthMs: 60_000 });
    const one = report({ windows: [...WINDOWS.slice(0, 3), soak] });
    expect(one).toMatchObject({ exitCode: 0, isSoaked: true });
    expect(one.claimPerSec).toBeCloseTo(180 * 1.02);
    const lower = [...WINDOWS.slice(0, 3), soak, window(175, { kind: 'soak', ...FAILED })];
    expect(report({ windows: lower }).isSoaked).toBe(false);
  });

  it('is read back from its file as it was written, and not when it was tampered with', () => {
    const one = report();
    expect(parseCapacity(JSON.stringify(one))).toEqual(one);
    const text = JSON.stringify(one).replace('"verdict":"fail"', '"verdict":"fine"');
    expect(() => parseCapacity(text)).toThrow('is no valid capacity (a problem)');
    expect(() => parseCapacity(text.slice(0, -9))).toThrow('is not JSON');
  });

  it('names a threshold that no window could judge, and claims nothing of it', () => {
    const constraints = [{ name: 'order:p(99)<1s', ok: null, observed: null }];
    const found = report({ windows: WINDOWS.map((one) => ({ ...one, constraints })) });
    expect(found).toMatchObject({ exitCode: 81, unjudged: ['order:p(99)<1s'] });
    expect(page(found)).toContain('Never judged: order:p(99)<1s');
  });

  it.each([
    ['incorrect', 80],
    ['nothing-judged', 82],
    ['machine-too-noisy', 82],
    ['fails-at-lowest', 99],
    ['interrupted', 105],
  ] as const)('ends %s with exit code %i and still shows the windows', (ending, code) => {
    const one = report({ ending, findings: NOTHING, windows: [window(4, FAILED)] });
    expect(one.exitCode).toBe(code);
    expect(page(one)).toContain('fail');
    expect(page(one)).toContain(`Exit ${code}: `);
  });

  it('says which rate failed, and by what, when every rate failed', () => {
    const one = report({ ending: 'fails-at-lowest', windows: [window(4, FAILED)] });
    expect(one.reason).toBe('Every rate failed, even at 4/s: p(99)<250ms');
  });

  it('states a lower bound as one', () => {
    const findings = { ...FOUND, isLowerBound: true };
    const one = report({ findings, ending: 'generator-limited', windows: WINDOWS.slice(0, 2) });
    expect(one.exitCode).toBe(0);
    expect(page(one)).toContain('Carries at least 196/s journeys.');
  });

  it('claims nothing when nothing is known', () => {
    const one = report({ findings: NOTHING, windows: [window(60)], ending: 'budget' });
    expect(one).toMatchObject({ exitCode: 81, claimPerSec: null, requestsPerSec: null });
    expect(page(one)).not.toContain('Carries');
  });
});

describe('the page of a capacity', () => {
  it('begins with the claim and ends with the exit code and its meaning', () => {
    const text = page(report());
    expect(text).toMatch(/^✓ Carries 196\/s journeys\./);
    expect(text.replaceAll(/\s+/g, ' ')).toContain('90% interval 200/s to 220/s');
    expect(text).toContain('Next: ecomsim run flash-sale -s 1ms:196/s -s 60s:196/s');
    expect(text.trimEnd().split('\n').at(-1)).toBe('Exit 0: everything judged, everything passed');
  });

  it('shows the windows as a curve, by rate', () => {
    const rows = page(report()).split('\n');
    const order = ['60/s', '196/s soak', '200/s', '240/s'].map((rate) =>
      rows.findIndex((row) => row.startsWith(`${rate} `)),
    );
    expect(order).not.toContain(-1);
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  it('warns when verdicts do not simply get worse with the rate', () => {
    expect(page(report())).not.toContain('do not simply get worse');
    const uneven = report({ findings: { ...FOUND, monotoneP: 0.01 } });
    expect(page(uneven).replaceAll(/\s+/g, ' ')).toContain('do not simply get worse with the rate');
  });

  it('lets nothing that a target said reach the terminal, and keeps to its width', () => {
    const text = page(report({ windows: [window(60, { ...FAILED, reason: HOSTILE_TEXT })] }));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    for (const line of page(report()).split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });
});
