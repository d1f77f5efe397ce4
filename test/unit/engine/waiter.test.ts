// Waiting is exact on virtual time, and wakes early enough to poll on real time.
import { describe, expect, test } from 'vitest';
import { type Clock, createVirtualClock } from '../../../src/base/clock.ts';
import { BusyMeter } from '../../../src/engine/busy-meter.ts';
import { Waiter } from '../../../src/engine/waiter.ts';

describe('without polling', () => {
  test('wakes at the due instant, once', () => {
    const clock = createVirtualClock();
    const wakes: number[] = [];
    const waiter = new Waiter(clock, { spinUs: 0, napUs: 0 }, () => wakes.push(clock.nowUs()));
    waiter.until(7500);
    clock.advance(100);
    expect(wakes).toEqual([7500]);
  });

  test('an earlier instant moves the wake-up forward, a later one does not move it', () => {
    const clock = createVirtualClock();
    const wakes: number[] = [];
    const waiter = new Waiter(clock, { spinUs: 0, napUs: 0 }, () => wakes.push(clock.nowUs()));
    waiter.until(9000);
    waiter.until(50_000);
    waiter.until(4000);
    clock.advance(100);
    expect(wakes).toEqual([4000]);
  });

  test('what is overdue is served at once', () => {
    const clock = createVirtualClock(1_000_000);
    let wakes = 0;
    const waiter = new Waiter(clock, { spinUs: 0, napUs: 0 }, () => wakes++);
    waiter.until(10);
    clock.advance(0.01);
    expect(wakes).toBe(1);
  });

  test('stopping forgets the wake-up', () => {
    const clock = createVirtualClock();
    let wakes = 0;
    const waiter = new Waiter(clock, { spinUs: 0, napUs: 0 }, () => wakes++);
    waiter.until(4000);
    waiter.stop();
    clock.advance(100);
    expect(wakes).toBe(0);
  });
});

/** A clock whose polls take a fixed time each and whose timers are one late, as real ones are. */
function pollingClock(pollUs: number) {
  const virtual = createVirtualClock();
  let polls = 0;
  const clock: Clock = {
    ...virtual,
    after: (delayMs, task) => virtual.after(delayMs + 1, task),
    soon: (task) => {
      polls++;
      virtual.after(pollUs / 1000, task);
    },
  };
  return { clock, advance: virtual.advance, polls: () => polls };
}

describe('with polling', () => {
  test('sleeps to the polling window and polls only within it', () => {
    const { clock, advance, polls } = pollingClock(10);
    const dueUs = 50_000;
    let servedUs = 0;
    let firstPollUs = 0;
    const waiter = new Waiter(clock, { spinUs: 2000, napUs: 0 }, () => {
      if (firstPollUs === 0) firstPollUs = clock.nowUs();
      if (clock.nowUs() >= dueUs) servedUs = clock.nowUs();
      else waiter.until(dueUs);
    });
    waiter.until(dueUs);
    advance(100);
    expect(servedUs - dueUs).toBeLessThanOrEqual(10);
    expect(firstPollUs).toBeGreaterThanOrEqual(dueUs - 3100);
    expect(polls()).toBeLessThan(320);
    expect(polls()).toBeGreaterThan(10);
  });

  test('empty polls are told from those in which something happened', () => {
    const { clock, advance } = pollingClock(10);
    let turns = 0;
    const waiter = new Waiter(clock, { spinUs: 2000, napUs: 0 }, () => {
      turns++;
      if (turns > 100) return;
      if (turns % 2 === 0) waiter.events++;
      waiter.until(clock.nowUs() + 1000);
    });
    waiter.until(clock.nowUs() + 1000);
    advance(10);
    expect(turns).toBe(101);
    expect(waiter.emptyPollUs).toBeGreaterThan(400);
    expect(waiter.emptyPollUs).toBeLessThanOrEqual(1010);
  });

  test('the thread pauses only after several polls in a row found nothing', () => {
    const { clock, advance } = pollingClock(10);
    let pauses = 0;
    const pausing: Clock = { ...clock, pause: () => pauses++ };
    const waiter = new Waiter(pausing, { spinUs: 2000, napUs: 50 }, () => {
      waiter.until(clock.nowUs() + 1000);
    });
    waiter.until(clock.nowUs() + 1000);
    for (let answer = 0; answer < 10; answer++) {
      advance(0.06);
      waiter.events++;
    }
    expect(pauses).toBe(0);
    advance(0.2);
    expect(pauses).toBeGreaterThan(10);
  });

  test('a long gap is a pause of the process, not an empty poll', () => {
    const { clock, advance } = pollingClock(20_000);
    const waiter = new Waiter(clock, { spinUs: 2000, napUs: 0 }, () => {});
    waiter.until(clock.nowUs() + 100);
    advance(100);
    expect(waiter.emptyPollUs).toBe(0);
  });
});

describe('how busy a loop is', () => {
  test('neither waiting nor empty polls count', () => {
    let idleMs = 100;
    const meter = new BusyMeter(() => idleMs, 0);
    idleMs = 400;
    expect(meter.lap(1_000_000, 200_000)).toEqual({
      fromUs: 0,
      untilUs: 1_000_000,
      busyRatio: 0.5,
    });
    expect(meter.lap(2_000_000, 1_200_000).busyRatio).toBe(0);
    expect(meter.lap(3_000_000, 1_200_000).busyRatio).toBe(1);
  });
});
