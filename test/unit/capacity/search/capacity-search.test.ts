import { describe, expect, it } from 'vitest';
import { sampleNormal } from '../../../../src/base/distributions.ts';
import { Prng } from '../../../../src/base/prng.ts';
import {
  CapacitySearch,
  type SearchOptions,
  type SearchStep,
} from '../../../../src/capacity/search/capacity-search.ts';
import type { CapacityWindow } from '../../../../src/contract/capacity.ts';

const OPTIONS: SearchOptions = {
  startPerSec: 100,
  highestPerSec: 100_000,
  targetWidth: 0.1,
  soakWindows: 4,
};

interface Made {
  readonly search: CapacitySearch;
  readonly windows: readonly CapacityWindow[];
  readonly last: SearchStep;
}

type Judge = (ratePerSec: number, kind: CapacityWindow['kind'], index: number) => CapacityWindow;

function windowAt(
  ratePerSec: number,
  verdict: CapacityWindow['verdict'],
  constraints: CapacityWindow['constraints'] = [
    { name: 'p(99)<250ms', ok: verdict === 'pass', observed: null },
  ],
): CapacityWindow {
  return { kind: 'search', ratePerSec, verdict, machineSpeed: 1, constraints };
}

/** Runs a search to its end, or to the end of a budget of windows. */
function run(judge: Judge, options: Partial<SearchOptions> = {}, budget = 40): Made {
  const all = { ...OPTIONS, ...options };
  const search = new CapacitySearch(all);
  const windows: CapacityWindow[] = [];
  let left = budget;
  for (;;) {
    const step = search.next(left);
    if (step.kind === 'done') return { search, windows, last: step };
    left -= step.windowKind === 'soak' ? all.soakWindows : 1;
    const { ratePerSec, windowKind } = step;
    const window = { ...judge(ratePerSec, windowKind, windows.length), kind: windowKind };
    windows.push(window);
    search.record(window);
  }
}

const failsFrom =
  (limit: number): Judge =>
  (ratePerSec) =>
    windowAt(ratePerSec, ratePerSec < limit ? 'pass' : 'fail');

describe('the search for the highest sustainable rate', () => {
  it('rises by half until something fails, then stays around it, and soaks its claim', () => {
    const { search, windows, last } = run(failsFrom(1000), { targetWidth: 0.2 });
    const ramp = windows.filter(({ kind }) => kind === 'ramp').map(({ ratePerSec }) => ratePerSec);
    expect(ramp.slice(0, 3)).toEqual([100, 150, 225]);
    expect(ramp.at(-1)).toBeGreaterThanOrEqual(1000);
    expect(windows.at(-1)?.kind).toBe('soak');
    expect(last).toEqual({ kind: 'done', ending: 'found' });
    const { q50PerSec, intervalPerSec, claimPerSec, bindingConstraint } = search.findings();
    expect(q50PerSec).toBeGreaterThan(930);
    expect(q50PerSec).toBeLessThan(1070);
    expect(intervalPerSec?.[0]).toBeLessThan(1000);
    expect(intervalPerSec?.[1]).toBeGreaterThan(1000);
    expect(claimPerSec).toBeLessThan(1000);
    expect(bindingConstraint).toBe('p(99)<250ms');
  });

  it('goes down when its start fails, and says so when the lowest rate does', () => {
    const { search } = run(failsFrom(30));
    expect(search.findings().claimPerSec).toBeLessThan(30);
    const hopeless = run(failsFrom(0));
    expect(hopeless.last).toEqual({ kind: 'done', ending: 'fails-at-lowest' });
    expect(hopeless.search.findings().claimPerSec).toBeNull();
  });

  it('claims nothing from a budget that nothing fits into', () => {
    const { last, windows } = run(failsFrom(1000), {}, 0);
    expect(windows).toEqual([]);
    expect(last).toEqual({ kind: 'done', ending: 'nothing-judged' });
  });

  it('blames nobody when the generator could not keep any rate', () => {
    const judge: Judge = (ratePerSec) =>
      windowAt(ratePerSec, 'invalid', [{ name: 'generator', ok: false, observed: null }]);
    expect(run(judge).last).toEqual({ kind: 'done', ending: 'nothing-judged' });
  });

  it('does not call the lowest rate failed when its budget ended before that was tried', () => {
    expect(run(failsFrom(0), {}, 1).last).toEqual({ kind: 'done', ending: 'budget' });
  });

  it('claims the highest rate allowed as a lower bound once enough windows passed there', () => {
    const { search, windows, last } = run(failsFrom(1e9), { highestPerSec: 300 });
    expect(last).toEqual({ kind: 'done', ending: 'highest-allowed' });
    expect(windows.filter(({ ratePerSec }) => ratePerSec === 300)).toHaveLength(14);
    expect(search.findings()).toMatchObject({ claimPerSec: 300, isLowerBound: true });
    const short = run(failsFrom(1e9), { highestPerSec: 300 }, 6);
    expect(short.last).toEqual({ kind: 'done', ending: 'budget' });
    expect(short.search.findings()).toMatchObject({ claimPerSec: null, isLowerBound: true });
  });

  it('ends with its budget, with a wide interval and a low claim', () => {
    const { search, last } = run(failsFrom(1000), { targetWidth: 0.01 }, 10);
    expect(last).toEqual({ kind: 'done', ending: 'budget' });
    const { intervalPerSec, claimPerSec } = search.findings();
    const [low, high] = intervalPerSec ?? [0, 0];
    expect(high / low).toBeGreaterThan(1.1);
    expect(claimPerSec).toBeLessThan(950);
  });

  it('feeds a soak that failed in as a failure and goes on with a lower claim', () => {
    const judge: Judge = (ratePerSec, kind) =>
      windowAt(ratePerSec, ratePerSec < (kind === 'soak' ? 600 : 1000) ? 'pass' : 'fail');
    const { search, windows } = run(judge, { targetWidth: 0.2 }, 60);
    const soaks = windows.filter(({ kind }) => kind === 'soak');
    expect(soaks.length).toBeGreaterThan(1);
    expect(soaks[1]?.ratePerSec).toBeLessThan(soaks[0]?.ratePerSec ?? 0);
    expect(search.findings().claimPerSec).toBeLessThan(soaks[0]?.ratePerSec ?? 0);
  });

  it('takes the lowest of several constraints and names it', () => {
    const judge: Judge = (ratePerSec) =>
      windowAt(ratePerSec, ratePerSec < 700 ? 'pass' : 'fail', [
        { name: 'p(99)<250ms', ok: ratePerSec < 740, observed: null },
        {
          name: 'order:p(90)<600ms',
          ok: ratePerSec < 150 ? null : ratePerSec < 700,
          observed: null,
        },
        { name: 'failed_rate<0.1%', ok: true, observed: null },
      ]);
    const found = run(judge).search.findings();
    expect(found.bindingConstraint).toBe('order:p(90)<600ms');
    expect(found.claimPerSec).toBeLessThan(700);
    const order = found.constraints.find(({ name }) => name === 'order:p(90)<600ms');
    const all = found.constraints.find(({ name }) => name === 'p(99)<250ms');
    expect(order?.judged).toBeLessThan(all?.judged ?? 0);
    expect(found.constraints.some(({ name }) => name === 'failed_rate<0.1%')).toBe(false);
  });

  it('gives a lower bound where the generator gives out first', () => {
    const judge: Judge = (ratePerSec) =>
      ratePerSec < 800
        ? windowAt(ratePerSec, 'pass')
        : windowAt(ratePerSec, 'invalid', [{ name: 'generator', ok: false, observed: null }]);
    const { search, last } = run(judge, { targetWidth: 0.2 });
    expect(last).toEqual({ kind: 'done', ending: 'generator-limited' });
    expect(search.findings().isLowerBound).toBe(true);
    expect(search.findings().bindingConstraint).toBe('generator');
    expect(search.findings().claimPerSec).toBeLessThan(800);
  });

  it('gives up on a machine that spoils rates which it has carried before', () => {
    const judge: Judge = (ratePerSec, _kind, index) =>
      windowAt(ratePerSec, index > 6 && index % 2 === 0 ? 'invalid' : 'pass');
    const noisy: Judge = (ratePerSec, kind, index) => {
      if (ratePerSec >= 1000) return windowAt(ratePerSec, 'fail');
      return judge(ratePerSec, kind, index);
    };
    expect(run(noisy).last).toEqual({ kind: 'done', ending: 'machine-too-noisy' });
  });

  it('stops at the first violated invariant, whatever the latency', () => {
    const judge: Judge = (ratePerSec) =>
      windowAt(ratePerSec, ratePerSec < 200 ? 'pass' : 'fail', [
        { name: 'correct', ok: ratePerSec < 200, observed: null },
      ]);
    const { last, windows } = run(judge);
    expect(last).toEqual({ kind: 'done', ending: 'incorrect' });
    expect(windows).toHaveLength(3);
  });

  it('takes a rate for higher where the machine was slow at that time', () => {
    const slow: Judge = (ratePerSec) => ({
      ...windowAt(ratePerSec, ratePerSec < 500 ? 'pass' : 'fail'),
      machineSpeed: 0.5,
    });
    const { q50PerSec } = run(slow).search.findings();
    expect(q50PerSec).toBeGreaterThan(900);
    expect(q50PerSec).toBeLessThan(1100);
  });

  it('goes on from recorded windows as if it had never stopped', () => {
    const { windows } = run(failsFrom(1000));
    const again = new CapacitySearch(OPTIONS);
    const other = new CapacitySearch(OPTIONS);
    for (const window of windows.slice(0, 9)) again.record(window);
    for (const window of windows.slice(0, 9)) {
      other.next(20);
      other.record(window);
    }
    expect(again.next(20)).toEqual(other.next(20));
    expect(again.findings()).toEqual(other.findings());
  });

  it('finds verdicts uneven that fall and rise, and noise around one limit not', () => {
    const uneven = new CapacitySearch(OPTIONS);
    for (const ratePerSec of [100, 150, 225, 340]) uneven.record(windowAt(ratePerSec, 'pass'));
    for (const ratePerSec of [110, 120, 130, 140, 145]) {
      uneven.record(windowAt(ratePerSec, 'fail'));
      uneven.record(windowAt(ratePerSec * 2, 'pass'));
    }
    expect(uneven.findings().monotoneP).toBeLessThan(0.01);
    const even = run(failsFrom(1000)).search.findings();
    expect(even.monotoneP).toBeGreaterThan(0.01);
  });

  it('covers the limit of a noisy target and does not claim above it, seed by seed', () => {
    let covered = 0;
    let over = 0;
    const seeds = 30;
    for (let seed = 0; seed < seeds; seed++) {
      const prng = new Prng(seed, 'noisy target');
      const judge: Judge = (ratePerSec) =>
        windowAt(ratePerSec, ratePerSec < 1000 * (1 + 0.05 * sampleNormal(prng)) ? 'pass' : 'fail');
      const { intervalPerSec, claimPerSec } = run(judge, { targetWidth: 0 }, 30).search.findings();
      const [low, high] = intervalPerSec ?? [0, 0];
      if (low <= 1000 && 1000 <= high) covered++;
      // Four fifths of its windows pass at 1,000 · (1 − 0.8416 · 0.05).
      if ((claimPerSec ?? 0) > 958) over++;
    }
    expect(covered).toBeGreaterThanOrEqual(25);
    expect(over).toBeLessThanOrEqual(4);
  });
});
