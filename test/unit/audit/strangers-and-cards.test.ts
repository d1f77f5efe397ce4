// A1 and P8: what was tried and searched beside the load.
import { expect, it } from 'vitest';
import { judge } from '../../../src/audit/audit.ts';
import type { AuditReport } from '../../../src/contract/audit.ts';
import type { CardScan, ForeignProbe } from '../../../src/contract/audit-probe.ts';
import { SaleStory } from '../../support/history-builder.ts';
import { resultOf, unjudged, violated } from '../../support/verdicts.ts';

function sale(): SaleStory {
  const story = new SaleStory({ units: [4] });
  story.buy({ customer: 1, atMs: 100 });
  return story;
}

function asked(probe: Partial<ForeignProbe>): AuditReport {
  const refused = { owner: 1, intruder: 9, subject: 'o-1', status: 404, leaked: false } as const;
  const foreignProbes: ForeignProbe[] = [
    { action: 'read', ...refused },
    { action: 'list', ...refused, status: 200 },
    { action: 'read', ...refused, ...probe },
  ];
  return judge(sale().input({ foreignProbes }));
}

it('a stranger who is refused has seen nothing', () => {
  for (const status of [400, 401, 403, 404, 409]) expect(violated(asked({ status }))).toEqual([]);
  expect(resultOf(asked({}), 'A1').checked).toBe(3);
});

it('a stranger without an answer has shown nothing', () => {
  for (const status of [0, 429, 503]) expect(resultOf(asked({ status }), 'A1').checked).toBe(2);
});

it('a stranger who reads, cancels or pays is convicted, and so is one without a token', () => {
  for (const action of ['read', 'readByKey', 'cancel', 'pay'] as const) {
    const report = asked({ action, status: 200 });
    expect(violated(report)).toEqual(['A1']);
    expect(resultOf(report, 'A1').violations[0]?.witness[0]).toContain('HTTP 200');
  }
  const nobody = asked({ intruder: -1, status: 200 });
  expect(resultOf(nobody, 'A1').violations[0]?.summary).toBe(
    'somebody without a token read the order of customer 1',
  );
});

it('a list may be answered, but not with the order of another', () => {
  expect(violated(asked({ action: 'list', status: 200 }))).toEqual([]);
  expect(violated(asked({ action: 'list', status: 200, leaked: true }))).toEqual(['A1']);
});

const CLEAN: CardScan = {
  numbersSent: 2,
  files: 12,
  bytes: 4096,
  findings: [],
  found: 0,
  problem: '',
};

it('a search that finds no card number passes', () => {
  const report = judge(sale().input({ cardScan: CLEAN }));
  expect([violated(report), unjudged(report)]).toEqual([[], []]);
  expect(resultOf(report, 'P8').checked).toBe(12);
});

it('every card number that is found is counted, and none of them is shown', () => {
  const finding = {
    place: 'shop data/orders.sqlite',
    kind: 'sent',
    masked: '424242******4242',
    offsetBytes: 17,
  } as const;
  const report = judge(sale().input({ cardScan: { ...CLEAN, findings: [finding], found: 30 } }));
  expect(violated(report)).toEqual(['P8']);
  expect(resultOf(report, 'P8').violationCount).toBe(30);
  expect(resultOf(report, 'P8').violations[0]?.summary).toBe(
    'shop data/orders.sqlite holds a card number that was paid with: 424242******4242',
  );
});

it('a search that could not read everything is no pass', () => {
  const problem = 'shop data/x: EACCES';
  const report = judge(sale().input({ cardScan: { ...CLEAN, problem } }));
  expect(unjudged(report)).toContain('P8');
});

it('without questions and a search both are beyond judgement, and something is missing', () => {
  const report = judge(sale().input());
  for (const id of ['A1', 'P8']) {
    const result = resultOf(report, id);
    expect([result.judged, result.applies]).toEqual([false, undefined]);
  }
});
