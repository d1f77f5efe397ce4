import { describe, expect, it } from 'vitest';
import { EcomsimError } from '../../../src/base/errors.ts';
import { buildScenario, describeScenario, scenarioNames } from '../../../src/scenarios/registry.ts';
import { profileNamed } from './profiles.ts';

describe('the registry of scenarios', () => {
  it('describes and builds every name it lists', async () => {
    const profile = await profileNamed('ci');
    expect(scenarioNames).toContain('flash-sale');
    for (const name of scenarioNames) {
      expect(describeScenario(name)).toEqual({ name, description: expect.stringMatching(/\w{4}/) });
      expect(await buildScenario(name, { profile, seed: 3 })).toMatchObject({ name, seed: 3 });
    }
  });

  it('offers the nearest name for one it does not know', async () => {
    const profile = await profileNamed('ci');
    const attempt = buildScenario('flash-sal', { profile, seed: 1 });
    await expect(attempt).rejects.toThrow(
      /no scenario "flash-sal" \(did you mean "flash-sale"\?\)/,
    );
    await expect(attempt).rejects.toMatchObject({ code: 'UNKNOWN_NAME', exitCode: 104 });
    expect(() => describeScenario('toString')).toThrow(EcomsimError);
  });
});
