import { describe, expect, it } from 'vitest';
import { CRASH_POINTS } from '../../../../src/reference-system/crash-points.ts';
import { ArmedCrashPoints } from '../../../../src/selftest/crash/armed-crash-points.ts';
import { NAMED_CYCLES, planCycles } from '../../../../src/selftest/crash/cycles.ts';

describe('the cycles of a crash selftest', () => {
  it('begin with every point, both passes and both layouts, once each', () => {
    const named = planCycles(NAMED_CYCLES, 1).flatMap(({ layout, cycles }) =>
      cycles.map((cycle) =>
        cycle.kind === 'point' ? `${layout} ${cycle.point} ${cycle.pass}` : 'random',
      ),
    );
    expect(named).toHaveLength(CRASH_POINTS.length * 4);
    expect(new Set(named).size).toBe(named.length);
    expect(named).not.toContain('random');
  });

  it('are as many as asked for, the rest at random instants that the seed decides', () => {
    for (const count of [1, 31, NAMED_CYCLES + 77]) {
      const cycles = planCycles(count, 5).flatMap((batch) => batch.cycles);
      expect(cycles).toHaveLength(count);
      const random = cycles.filter(({ kind }) => kind === 'random');
      expect(random).toHaveLength(Math.max(0, count - NAMED_CYCLES));
    }
    expect(planCycles(300, 5)).toEqual(planCycles(300, 5));
    expect(planCycles(300, 5)).not.toEqual(planCycles(300, 6));
  });
});

describe('armed crash points', () => {
  function armed(message: unknown) {
    let deaths = 0;
    const points = new ArmedCrashPoints(() => {
      deaths++;
    });
    points.take(message);
    return { points, deaths: () => deaths };
  }

  it('strike at the named point only, and at the wanted pass only', () => {
    const { points, deaths } = armed({ kind: 'arm', point: 'order: charged', pass: 2 });
    points.reach('order: claimed');
    points.reach('order: charged');
    expect(deaths()).toBe(0);
    points.reach('order: charged');
    points.reach('order: charged');
    expect(deaths()).toBe(1);
  });

  it('are not armed by anything else', () => {
    const messages = [
      ...[undefined, null, 'arm', { kind: 'start' }, { kind: 'arm' }],
      ...[
        { kind: 'arm', point: 'no such point', pass: 1 },
        { kind: 'arm', point: 'order: charged', pass: 'first' },
      ],
    ];
    for (const message of messages) {
      const { points, deaths } = armed(message);
      for (const point of CRASH_POINTS) points.reach(point);
      expect(deaths(), JSON.stringify(message)).toBe(0);
    }
  });
});
