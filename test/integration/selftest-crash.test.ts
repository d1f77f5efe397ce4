// The crash selftest on real processes: a few kills of the right shop, and one that forgets.
import { describe, expect, it } from 'vitest';
import { createSystemClock } from '../../src/base/clock.ts';
import type { Cycle } from '../../src/selftest/crash/cycles.ts';

// Child processes only start from compiled files.
const DIST = new URL('../../dist/selftest/crash/', import.meta.url);
type SelftestModule = typeof import('../../src/selftest/crash/crash-selftest.ts');
type PageModule = typeof import('../../src/selftest/crash/crash-page.ts');
const selftest = (await import(new URL('crash-selftest.js', DIST).href)) as SelftestModule;
const page = (await import(new URL('crash-page.js', DIST).href)) as PageModule;

const paint = Object.fromEntries(
  ['pass', 'fail', 'unknown', 'title', 'bold', 'dim'].map((name) => [name, (text: string) => text]),
) as unknown as Parameters<typeof page.crashPage>[1]['paint'];

async function run(layout: 'shared' | 'per-service', cycles: readonly Cycle[], shopEntry?: URL) {
  const results = await new selftest.CrashSelftest({
    batches: [{ layout, cycles }],
    seed: 1,
    strategy: 'guarded-update',
    clock: createSystemClock(),
    replayCommand: 'npm test',
    onCycle: () => {},
    ...(shopEntry !== undefined && { shopEntry }),
  }).run();
  const text = page.crashPage(results, { paint, interrupted: false });
  return { results, text, code: page.crashExitCodes(results, false).code };
}

const CYCLES = {
  shared: [
    { kind: 'point', point: 'order: charged', pass: 'first' },
    { kind: 'random', afterMs: 150, againAfterMs: 50 },
  ],
  'per-service': [
    { kind: 'point', point: 'callback: heard', pass: 'first' },
    { kind: 'point', point: 'void: barred', pass: 'second' },
  ],
} as const satisfies Record<string, readonly Cycle[]>;

describe('kill -9 of the shop on real processes', { timeout: 240_000 }, () => {
  it.each(['shared', 'per-service'] as const)('%s: every audit after it passes', async (layout) => {
    const cycles = CYCLES[layout];
    const { results, text, code } = await run(layout, cycles);
    expect(code, text).toBe(0);
    expect(results).toHaveLength(cycles.length);
    expect(results.every(({ died }) => died)).toBe(true);
    // What was not settled at the first death is taken up by the recovery, which dies of it as well.
    const again = results.filter(({ cycle }) => cycle.kind === 'point' && cycle.pass === 'second');
    expect(again.every(({ diedRecovering }) => diedRecovering)).toBe(true);
    expect(results.at(-1)?.audit.invariants.find(({ id }) => id === 'O1')?.checked).toBeGreaterThan(
      0,
    );
    expect(text).toContain('0 lost acknowledged orders · 0 oversold · 0 money mismatches');
  });

  it('a shop that forgets orders when it is killed is convicted', async () => {
    const forgetful = new URL('../support/forgetful-shop.mjs', import.meta.url);
    const cycle: Cycle = { kind: 'random', afterMs: 300, againAfterMs: null };
    const { results, text, code } = await run('shared', [cycle], forgetful);
    expect(code, text).toBe(80);
    const broken = results[0]?.audit.invariants.filter(({ verdict }) => verdict === 'fail');
    expect(broken?.map(({ id }) => id)).toContain('O1');
    expect(text).toMatch(/[1-9]\d* lost acknowledged orders/);
  });
});
