// The flags of a capacity search: defaults from the profile, every problem at once.
import { describe, expect, it } from 'vitest';
import { EcomsimError } from '../../../src/base/errors.ts';
import { type CapacityPlan, readPlan } from '../../../src/commands/capacity/plan.ts';
import { windowOptions } from '../../../src/commands/capacity/window-options.ts';
import type { OptionValues } from '../../../src/commands/command.ts';
import { runArgv } from '../../../src/commands/compare/arms.ts';

const LOAD = {
  ...{ ratePerSec: 200, warmupMs: 3000, durationMs: 20_000, drainMs: 10_000 },
  ...{ workers: 1, maxConnections: 100, timeoutMs: 10_000 },
};

const plan = (options: OptionValues = {}): CapacityPlan => readPlan(options, { load: LOAD });

function problemsOf(options: OptionValues): readonly string[] {
  try {
    plan(options);
  } catch (error) {
    if (error instanceof EcomsimError) return error.details;
    throw error;
  }
  return [];
}

describe('the plan of a capacity search', () => {
  it('begins well below the rate of the profile and may go far above it', () => {
    expect(plan()).toMatchObject({
      ...{ startPerSec: 50, highestPerSec: 3200, targetWidth: 0.1 },
      ...{ windowMs: 15_000, soakMs: 60_000, budgetMs: 720_000 },
    });
  });

  it('takes every flag', () => {
    const asked = { rate: '80/s', highest: '90/s', width: '5%', window: '20s', budget: '1h' };
    expect(plan(asked)).toMatchObject({
      ...{ startPerSec: 80, highestPerSec: 90, targetWidth: 0.05 },
      ...{ windowMs: 20_000, budgetMs: 3_600_000 },
    });
  });

  it('soaks no shorter than it measures', () => {
    expect(plan({ window: '2m', budget: '1h' }).soakMs).toBe(120_000);
    expect(plan({ window: '8s' }).soakMs).toBe(32_000);
  });

  it('says every problem at once, with what would be right', () => {
    expect(
      problemsOf({ rate: 'many', width: '0%', highest: '10', window: '1s', budget: '2s' }),
    ).toEqual([
      '--rate "many" is not a rate like 50/s',
      '--highest "10" is not a rate like 4000/s',
      '--width "0%" is not a share like 10%',
      '--window must be from 8s to 10m: shorter ones do not settle',
      expect.stringMatching(/^--budget is too small for one window/),
    ]);
  });

  it('refuses a highest rate below the first, and what no generator could offer', () => {
    expect(problemsOf({ highest: '40/s' })).toEqual([
      '--highest 40/s is below the first rate, 50/s (--rate)',
    ]);
    expect(problemsOf({ highest: '2000000/s' })).toEqual(['--highest is above 1000000/s']);
  });
});

describe('a window of a capacity search', () => {
  it('is a run that a person can type: one rate, a seed of its own, none of the search’s flags', () => {
    const asked = {
      ...{ budget: '1h', window: '20s', width: '5%', highest: '9/s', rate: '4/s' },
      ...{ profile: 'ci', set: ['sale.skus=10'], out: ['json=x'], seed: '7' },
    };
    const options = windowOptions(asked, { ratePerSec: 62.5, lengthMs: 20_000, seed: 9 });
    expect(runArgv('spike', options)).toEqual([
      ...['run', 'spike', '--profile', 'ci', '--set', 'sale.skus=10'],
      ...['--seed', '9', '--stage', '1ms:62.5/s', '--stage', '20s:62.5/s'],
    ]);
  });
});
