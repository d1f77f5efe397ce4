import { describe, expect, it } from 'vitest';
import { createSystemClock } from '../../../src/base/clock.ts';
import { EcomsimError } from '../../../src/base/errors.ts';
import type { SystemOptions } from '../../../src/contract/profile.ts';
import { listStrategies } from '../../../src/targets/reference/strategies.ts';
import { createTarget, targetNames } from '../../../src/targets/target-registry.ts';

const SYSTEM: SystemOptions = {
  storage: 'embedded',
  layout: 'shared',
  inventory: { strategy: 'unsafe', holdTtlMs: 8000, sweepEveryMs: 1000 },
  payment: {
    latency: { p50Ms: 60, p99Ms: 300 },
    timeoutMs: 2000,
    attempts: 2,
    declined: 0,
    lostAnswers: 0,
  },
  limits: { perCustomer: 2 },
};
const OPTIONS = { system: SYSTEM, seed: 1, clock: createSystemClock() };

describe('the registry of targets', () => {
  it('makes every target it names, without starting anything', async () => {
    for (const name of targetNames) {
      const target = await createTarget(name, OPTIONS);
      expect(target.kind).toBe(name);
      expect(target.url).toBe('');
      await target.close();
      await target.close();
    }
  });

  it.each(['refrence', 'constructor', ''])('offers the nearest name for %j', async (name) => {
    const problem = await createTarget(name, OPTIONS).catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(EcomsimError);
    expect((problem as EcomsimError).code).toBe('UNKNOWN_NAME');
    expect((problem as EcomsimError).message).toContain('known: reference');
  });

  it('finds the slip of the finger', async () => {
    await expect(createTarget('refrence', OPTIONS)).rejects.toThrow('did you mean "reference"?');
  });

  it('refuses a strategy that the shop does not have, before anything is started', async () => {
    const inventory = { ...SYSTEM.inventory, strategy: 'guarded-updat' };
    const options = { ...OPTIONS, system: { ...SYSTEM, inventory } };
    await expect(createTarget('reference', options)).rejects.toThrow('guarded-update');
  });
});

describe('what the reference target promises', () => {
  it('follows from the size of the system', async () => {
    const { promises } = await createTarget('reference', OPTIONS);
    expect(promises).toMatchObject({ holdTtlMs: 8000, drainProbe: true });
    expect(promises.serverDeadlineMs).toBeGreaterThan(4000);
    expect(promises.sweepGraceMs).toBeGreaterThan(1000);
    expect(promises.declaredBreaches).toContain('I1');
  });

  it('declares no breach for the default strategy', async () => {
    const inventory = { ...SYSTEM.inventory, strategy: 'guarded-update' };
    const options = { ...OPTIONS, system: { ...SYSTEM, inventory } };
    expect((await createTarget('reference', options)).promises.declaredBreaches).toEqual([]);
  });
});

describe('the list of strategies', () => {
  it('explains each in a line', () => {
    const strategies = listStrategies();
    expect(strategies.map(({ name }) => name)).toContain('unsafe');
    for (const { text } of strategies) expect(text).toMatch(/^\S.{10,200}$/);
  });
});
