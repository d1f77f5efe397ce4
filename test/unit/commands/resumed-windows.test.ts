// Going on with a search: only with one that was alike in everything that decides its windows.
import { describe, expect, it } from 'vitest';
import {
  differencesOf,
  type SearchIdentity,
} from '../../../src/commands/capacity/resumed-windows.ts';
import { SAMPLES } from '../../support/sample-results.ts';

const { tool, machine } = SAMPLES.pass().run;
const IDENTITY: SearchIdentity = {
  ...{ scenario: 'spike', profile: 'ci', seed: 1, tool, machine, settingsDigest: 'ab' },
  ...{ startPerSec: 50, highestPerSec: 800, targetWidth: 0.1, windowMs: 15_000, soakMs: 60_000 },
};

describe('a search that is gone on with', () => {
  it('is the same in whatever order its file names things', () => {
    const turned = Object.fromEntries(Object.entries(machine).reverse()) as typeof machine;
    expect(differencesOf({ ...IDENTITY, machine: turned }, IDENTITY)).toEqual([]);
  });

  it('is refused with every difference', () => {
    const other = { ...IDENTITY, scenario: 'flash-sale', seed: 2, settingsDigest: 'cd' };
    expect(differencesOf(other, IDENTITY)).toEqual([
      'scenario: flash-sale, now spike',
      'seed: 2, now 1',
      'profile fields, thresholds or client flags: differ',
    ]);
  });

  it('shows nothing of a file that a terminal would obey', () => {
    const [line] = differencesOf({ ...IDENTITY, profile: 'a\u001b[2Jb' }, IDENTITY);
    expect(line).toBe('profile: a?[2Jb, now ci');
  });
});
