// What is compared with what, read from the command line.
import { describe, expect, it } from 'vitest';
import { EcomsimError } from '../../../src/base/errors.ts';
import type { OptionValues } from '../../../src/commands/command.ts';
import { readArms, runArgv, turns } from '../../../src/commands/compare/arms.ts';

function problemsOf(options: OptionValues): readonly string[] {
  try {
    readArms(options);
  } catch (error) {
    if (error instanceof EcomsimError) return error.details;
    throw error;
  }
  return [];
}

describe('the arms of a comparison', () => {
  it('are one for each value of the varied field, with everything else alike', () => {
    const { varied, arms, rounds } = readArms({
      vary: ['system.inventory.strategy=guarded-update, unsafe'],
      set: ['sale.skus=10'],
      seed: '7',
      runs: '3',
      out: ['json=x.json'],
    });
    expect(varied).toBe('system.inventory.strategy');
    expect(rounds).toBe(3);
    expect(arms.map(({ label }) => label)).toEqual(['guarded-update', 'unsafe']);
    expect(arms[1]?.settings).toEqual({ 'system.inventory.strategy': 'unsafe' });
    expect(arms[1]?.options).toEqual({
      seed: '7',
      set: ['sale.skus=10', 'system.inventory.strategy=unsafe'],
    });
  });

  it('are every combination when more than one thing varies', () => {
    const { varied, arms } = readArms({
      profile: ['laptop', 'ci'],
      vary: ['load.rate=10/s,20/s'],
    });
    expect(varied).toBe('profile · load.rate');
    expect(arms.map(({ label }) => label)).toEqual([
      'laptop · 10/s',
      'laptop · 20/s',
      'ci · 10/s',
      'ci · 20/s',
    ]);
    expect(arms[2]?.options).toEqual({ profile: 'ci', set: ['load.rate=10/s'] });
  });

  it('are the same profile twice for a comparison with itself', () => {
    const { arms } = readArms({ profile: ['ci', 'ci'], repeat: '6', margin: '10%' });
    expect(arms.map(({ label }) => label)).toEqual(['ci', 'ci (again)']);
    expect(arms[0]?.options).toEqual(arms[1]?.options);
  });

  it('take turns, every second round backwards, so that drift costs none of them more', () => {
    expect(turns(2, 4)).toEqual([0, 1, 1, 0, 0, 1, 1, 0]);
    const order = turns(3, 6);
    const places = [0, 1, 2].map((arm) =>
      order.reduce((sum, turn, place) => sum + (turn === arm ? place : 0), 0),
    );
    expect(new Set(places).size).toBe(1);
  });

  it('keep a single profile for all', () => {
    const { varied, arms } = readArms({ profile: ['ci'], vary: ['load.rate=10/s,20/s'] });
    expect(varied).toBe('load.rate');
    expect(arms.map(({ options }) => options['profile'])).toEqual(['ci', 'ci']);
  });

  it('can be run one by one with the command that each names', () => {
    const [, second] = readArms({
      vary: ['load.rate=10/s,20/s'],
      profile: ['ci'],
      connectionPerShopper: true,
      quiet: true,
    }).arms;
    expect(runArgv('spike', second?.options ?? {})).toEqual([
      ...['run', 'spike', '--connection-per-shopper'],
      ...['--profile', 'ci', '--set', 'load.rate=20/s'],
    ]);
  });

  it('are refused with every problem at once', () => {
    expect(
      problemsOf({
        vary: ['load.rate', 'sale.skus=5', 'load.duration=1s,1s', 'load.workers=1,,2', '=1,2'],
        runs: '0',
      }),
    ).toHaveLength(6);
  });

  it.each([
    ['nothing that varies', {}, 'nothing varies'],
    ['one profile alone', { profile: ['ci'] }, 'nothing varies'],
    ['the same profile thrice', { profile: ['ci', 'ci', 'ci'] }, 'named more than twice'],
    ['repeated in two ways', { vary: ['a=1,2'], runs: '2', repeat: '3' }, 'mean the same'],
    ['judged by no margin', { vary: ['a=1,2'], margin: '0' }, '--margin "0" is not a share'],
    ['a field varied twice', { vary: ['a=1,2', 'a=3,4'] }, 'a is varied twice'],
    ['a field varied and set', { vary: ['a=1,2'], set: ['a=3'] }, 'a is both varied and --set'],
    [
      'a field varied that a flag sets',
      { vary: ['load.rate=1,2'], rate: '5' },
      'load.rate is varied; leave out --rate',
    ],
    ['too many arms', { vary: ['a=1,2,3,4,5', 'b=1,2,3,4,5'] }, '25 arms'],
  ])('are not %s', (_what, options, problem) => {
    expect(problemsOf(options).join('\n')).toContain(problem);
  });
});
