import { describe, expect, it } from 'vitest';
import { createSystemClock, createVirtualClock } from '../../../src/base/clock.ts';

describe('the virtual clock', () => {
  it('runs tasks in the order of their time, ties in the order of arrival', () => {
    const clock = createVirtualClock();
    const seen: string[] = [];
    clock.after(20, () => seen.push('late'));
    clock.after(10, () => seen.push('first of two'));
    clock.after(10, () => seen.push('second of two'));
    clock.soon(() => seen.push('at once'));
    clock.advance(30);
    expect(seen).toEqual(['at once', 'first of two', 'second of two', 'late']);
  });

  it('shows each task the time it was due at, and ends where it was told to', () => {
    const clock = createVirtualClock(1_000_000, 5000);
    const seen: number[] = [];
    clock.after(7, () => seen.push(clock.nowUs()));
    clock.after(3, () => clock.after(2, () => seen.push(clock.nowUs())));
    clock.advance(10);
    expect(seen).toEqual([1_005_000, 1_007_000]);
    expect(clock.nowUs()).toBe(1_010_000);
    expect(clock.wallMs()).toBe(5010);
  });

  it('does not run what lies beyond the time it was moved to', () => {
    const clock = createVirtualClock();
    let runs = 0;
    clock.after(10, () => runs++);
    clock.advance(9.999);
    expect(runs).toBe(0);
    clock.advance(0.001);
    expect(runs).toBe(1);
  });

  it('repeats an interval until it is cancelled, also from within', () => {
    const clock = createVirtualClock();
    const seen: number[] = [];
    const handle = clock.every(10, () => {
      seen.push(clock.nowUs() / 1000);
      if (seen.length === 3) clock.cancel(handle);
    });
    clock.advance(100);
    expect(seen).toEqual([10, 20, 30]);
  });

  it('does not run a cancelled task', () => {
    const clock = createVirtualClock();
    let runs = 0;
    const handle = clock.after(5, () => runs++);
    clock.cancel(handle);
    clock.advance(10);
    expect(runs).toBe(0);
  });

  it('treats a negative delay as none', () => {
    const clock = createVirtualClock();
    const seen: number[] = [];
    clock.after(-5, () => seen.push(clock.nowUs()));
    clock.advance(0);
    expect(seen).toEqual([0]);
  });

  it('wakes a sleeper when its time has come', async () => {
    const clock = createVirtualClock();
    const nap = clock.sleep(50).then(() => clock.nowUs());
    clock.advance(60);
    expect(await nap).toBe(60_000);
  });
});

describe('the system clock', () => {
  it('never goes backwards and agrees with the clock of the host', () => {
    const clock = createSystemClock();
    const hostBefore = Number(process.hrtime.bigint() / 1000n);
    const readings = Array.from({ length: 1000 }, () => clock.nowUs());
    const hostAfter = Number(process.hrtime.bigint() / 1000n);
    expect(readings).toEqual([...readings].sort((a, b) => a - b));
    // The offset is taken between two readings that lie microseconds apart.
    expect(readings[0]).toBeGreaterThan(hostBefore - 50_000);
    expect(readings.at(-1)).toBeLessThan(hostAfter + 50_000);
  });

  it('runs a task later, and not when cancelled', async () => {
    const clock = createSystemClock();
    const seen: string[] = [];
    const cancelled = clock.after(1, () => seen.push('cancelled'));
    clock.cancel(cancelled);
    clock.soon(() => seen.push('soon'));
    await clock.sleep(5);
    expect(seen).toEqual(['soon']);
  });
});
