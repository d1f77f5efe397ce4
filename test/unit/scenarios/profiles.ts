/** The shipped profiles and variations of them, loaded the way the product loads them. */
import { fileURLToPath } from 'node:url';
import { formatProblems } from '../../../src/config/problem.ts';
import { loadProfile } from '../../../src/config/profile-file.ts';
import type { Profile } from '../../../src/contract/profile.ts';

const PROFILES = fileURLToPath(new URL('../../../profiles', import.meta.url));

export const SHIPPED_PROFILES = ['laptop', 'ci', 'large-embedded'];

export async function profileNamed(name: string, ...set: string[]): Promise<Profile> {
  const loaded = await loadProfile({
    nameOrPath: name,
    profilesDir: PROFILES,
    overrides: { set },
    env: {},
    knownStrategies: ['guarded-update', 'unsafe'],
    knownTargets: ['reference'],
  });
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems).join('\n'));
  return loaded.profile;
}
