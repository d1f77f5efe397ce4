// The page at the end of a run: its order, its last line, and that it can be read without colour.
import { describe, expect, test } from 'vitest';
import { renderAudit } from '../../../src/reporters/audit-page.ts';
import { createTerminalReporter } from '../../../src/reporters/terminal.ts';
import { sampleAudit } from '../../support/sample-parts.ts';
import { SAMPLE_NAMES, SAMPLES, type SampleName } from '../../support/sample-results.ts';

const page = (name: SampleName, columns = 80): string =>
  createTerminalReporter({ columns, color: false }).render(SAMPLES[name]()) as string;

describe('the page', () => {
  test('answers in the promised order', () => {
    const text = page('violation');
    const order = [
      '✗ FAIL  37 units oversold.',
      'Audit        ✗ 37 oversold',
      'Violations',
      'P99 orders',
      'P99 all',
      'Throughput',
      'Goodput',
      'Capacity',
      'Thresholds',
      'Operations',
      'Sale',
      'Warnings',
      'Files',
      'Next: ',
      'Exit 80 (also 99): ',
    ].map((piece) => text.indexOf(piece));
    expect(order).not.toContain(-1);
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  test.each([
    ['pass', /^✓ PASS {2}Nothing was oversold/],
    ['violation', /^✗ FAIL {2}37 units oversold/],
    ['threshold failed', /^✗ FAIL {2}Only 1 of 4 thresholds was met/],
    ['generator invalid', /^\? INVALID {2}The load generator could not keep/],
    ['inconclusive', /^\? INCONCLUSIVE {2}The audit could not be completed/],
    ['interrupted', /^\? INTERRUPTED {2}Interrupted after 31\.4s/],
    ['target died', /^✗ ERROR {2}The target ended during the run/],
    ['empty', /^\? INCONCLUSIVE {2}Nothing was measured/],
  ] as const)('of "%s" begins with the verdict in words', (name, first) => {
    expect(page(name)).toMatch(first);
  });

  test.each(SAMPLE_NAMES)('of "%s" ends with the reason for its exit code', (name) => {
    const lines = page(name, 120).trimEnd().split('\n\n').at(-1) ?? '';
    expect(lines).toMatch(/^Exit \d+/);
    expect(lines).toMatch(/[.…]$/);
  });

  test('shows every column of the table at 80 columns and gives up some at 40', () => {
    const header = page('pass')
      .split('\n')
      .find((line) => line.startsWith('operation '));
    expect(header?.split(/ +/)).toEqual([
      ...['operation', 'count', 'ok', 'refused', 'failed', 'unknown', 'P50', 'P90', 'P99', 'max'],
    ]);
    const narrow = page('pass', 40);
    expect(narrow.split('\n').find((line) => line.startsWith('operation '))).toMatch(/P99$/);
    expect(narrow.replace(/\s+/g, ' ')).toMatch(/Too narrow to show .*max\./);
  });

  test('says where the files are', () => {
    const options = { columns: 80, color: false, folder: 'reports/a\u001bb' };
    const text = createTerminalReporter(options).render(SAMPLES.pass());
    expect(text).toContain(
      'Files\nreports/a\\x1bb\n  result.json · audit-input.json · histograms.hlog\n',
    );
    expect(page('pass')).toContain('in the folder of run 20260302-101112-flash-sale-42\n');
  });

  test('uses colour only when asked', () => {
    expect(page('violation')).not.toContain('\u001b');
    const colored = createTerminalReporter({ columns: 80, color: true });
    expect(colored.render(SAMPLES.violation())).toContain('\u001b[31m');
  });
});

describe('the page of an audit', () => {
  const options = { columns: 80, color: false };

  test('lists every invariant with its verdict and how much was checked', () => {
    const text = renderAudit(sampleAudit(), options);
    expect(text).toMatch(/^✓ PASS {2}Every invariant held\./);
    expect(text).toContain('✓ Every acknowledged order is kept (391 checks)');
    expect(text).toContain('  sold-out: 2,480');
  });

  test('shows the witness of a violation', () => {
    const text = renderAudit(SAMPLES.violation().audit, options);
    expect(text).toMatch(/^✗ FAIL/);
    expect(text).toContain('✗ no-oversell: SKU-0001 had 110 units');
    expect(text).toContain('- at 8.012 s customer c-311');
  });

  test('says why nothing could be concluded', () => {
    const text = renderAudit(SAMPLES['target died']().audit, options);
    expect(text).toMatch(/^\? INCONCLUSIVE/);
    expect(text).toContain('the ledger could not be read.');
  });

  test('obeys nothing that a result file says', () => {
    expect(renderAudit(SAMPLES.hostile().audit, options)).not.toContain('\u001b');
  });
});
