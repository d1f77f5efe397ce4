// A scenario written out as a file means the same when it is read back.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Distribution } from '../../src/base/distributions.ts';
import { EcomsimError } from '../../src/base/errors.ts';
import { readOwnScenario } from '../../src/commands/run/own-scenario.ts';
import { starterScenario } from '../../src/config/scenario/starter-scenario.ts';
import { scenarioToYaml } from '../../src/config/scenario/write-scenario.ts';
import type { Profile } from '../../src/contract/profile.ts';
import type { Journey, RateShape, Scenario, Surge } from '../../src/contract/scenario.ts';
import { checkScenario } from '../../src/scenarios/check-scenario.ts';
import { buildScenario, scenarioNames } from '../../src/scenarios/registry.ts';
import { profileNamed, SHIPPED_PROFILES } from '../unit/scenarios/profiles.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'ecomsim-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function readBack(scenario: Scenario, profile: Profile): Promise<Scenario> {
  writeFileSync(path.join(folder, 'written.yaml'), scenarioToYaml(scenario));
  const { scenario: read } = await readOwnScenario({
    file: 'written.yaml',
    cwd: folder,
    inputs: { profile, seed: scenario.seed },
    isRateAsked: false,
    isDurationAsked: false,
    usersAsked: null,
  });
  return read;
}

describe('a built-in scenario written as a file', () => {
  const cases = scenarioNames.flatMap((name) => SHIPPED_PROFILES.map((sizing) => [name, sizing]));

  it.each(cases)('%s for the profile %s is read back as the same', async (name, sizing) => {
    const profile = await profileNamed(sizing as string);
    const scenario = await buildScenario(name as string, { profile, seed: 3 });
    expect(await readBack(scenario, profile)).toEqual(scenario);
  });

  it('moves to another rate and length as the built-in one does', async () => {
    const [at250, at80] = await Promise.all([
      profileNamed('laptop', 'load.rate=250/s', 'load.duration=20s'),
      profileNamed('laptop', 'load.rate=80/s', 'load.duration=40s'),
    ]);
    const [plain, built] = await Promise.all(
      [at250, at80].map((profile) => buildScenario('spike', { profile, seed: 3 })),
    );
    writeFileSync(path.join(folder, 'moved.yaml'), scenarioToYaml(plain as Scenario));
    const { scenario, profile } = await readOwnScenario({
      file: 'moved.yaml',
      cwd: folder,
      inputs: { profile: at80, seed: 3 },
      isRateAsked: true,
      isDurationAsked: true,
      usersAsked: null,
    });
    expect(scenario.phases).toEqual(built?.phases);
    expect(profile.load).toMatchObject({ ratePerSec: 80, durationMs: 40_000, warmupMs: 3000 });
  });
});

const rate = fc.double({ min: 0, max: 1000, noNaN: true });
const some = fc.double({ min: 0.001, max: 1000, noNaN: true });
const lengthMs = fc.oneof(fc.integer({ min: 1, max: 5000 }), some);
const shareOf1 = fc.double({ min: 0, max: 1, noNaN: true });
const surge: fc.Arbitrary<Surge> = fc.record({
  atMs: lengthMs,
  surplusPerSec: rate,
  decayMs: some,
});
const peak = { basePerSec: rate, peakPerSec: rate };

const shape: fc.Arbitrary<RateShape> = fc.oneof(
  fc.record({ kind: fc.constant('constant' as const), perSec: some }),
  fc.record({ kind: fc.constant('ramp' as const), fromPerSec: rate, toPerSec: some }),
  fc.record({
    kind: fc.constant('steps' as const),
    steps: fc.array(fc.record({ durationMs: lengthMs, perSec: rate }), {
      minLength: 1,
      maxLength: 3,
    }),
  }),
  fc.record({ kind: fc.constant('drop' as const), ...peak, decayMs: some }),
  fc.record(
    { kind: fc.constant('peak-after-start' as const), ...peak, modeMs: some },
    { requiredKeys: ['kind', 'basePerSec', 'peakPerSec'] },
  ),
  fc.record({
    kind: fc.constant('plateau' as const),
    ...peak,
    surgeMs: lengthMs,
    sustainMs: lengthMs,
    fallMs: lengthMs,
  }),
  fc.record({
    kind: fc.constant('double-hump' as const),
    basePerSec: rate,
    humps: fc.tuple(surge, surge),
  }),
  fc.record({
    kind: fc.constant('diurnal' as const),
    lowPerSec: fc.double({ min: 0, max: 10, noNaN: true }),
    highPerSec: fc.double({ min: 10, max: 20, noNaN: true }),
    periodMs: lengthMs,
    highAtMs: lengthMs,
    spikes: fc.array(surge, { maxLength: 2 }),
  }),
  fc.record({
    kind: fc.constant('replay' as const),
    points: fc
      .array(fc.tuple(lengthMs, rate), { maxLength: 4 })
      .map((pairs) => [[0, 1] as const, ...pairs.sort(([a], [b]) => a - b)])
      .map((pairs) => pairs.map(([atMs, perSec]) => ({ atMs, perSec }))),
  }),
);

const think: fc.Arbitrary<Distribution> = fc.oneof(
  fc.record({ kind: fc.constant('constant' as const), ms: fc.oneof(fc.constant(0), lengthMs) }),
  fc
    .tuple(lengthMs, lengthMs)
    .map(([a, b]) => ({ kind: 'uniform' as const, minMs: Math.min(a, b), maxMs: Math.max(a, b) })),
  fc.record(
    { kind: fc.constant('exponential' as const), meanMs: lengthMs, capMs: lengthMs },
    { requiredKeys: ['kind', 'meanMs'] },
  ),
  fc.tuple(some, some).map(([a, b]) => ({
    kind: 'lognormal' as const,
    p50Ms: Math.min(a, b),
    p99Ms: Math.max(a, b),
  })),
);

/** Steps in a row with a way back, so that every one is reached and every session ends. */
const journey: fc.Arbitrary<Journey> = fc
  .array(fc.tuple(think, think, fc.integer({ min: 1, max: 3 }), fc.boolean()), {
    minLength: 1,
    maxLength: 4,
  })
  .map((rows) => ({
    name: 'look',
    start: 'step-0',
    maxSteps: 30,
    steps: Object.fromEntries(
      rows.map(([first, second, quantity, isBrowsed], index) => [
        `step-${index}`,
        {
          operation: 'viewStock' as const,
          item: isBrowsed ? ('browsed' as const) : ('wanted' as const),
          quantity,
          next: [
            {
              reasons: ['sold_out', 'shed'] as const,
              probability: 0.3,
              to: 'step-0',
              think: first,
            },
            {
              outcomes: ['ok'] as const,
              probability: 0.9,
              to: index + 1 < rows.length ? `step-${index + 1}` : 'end',
              think: second,
            },
          ],
        },
      ]),
    ),
  }));

const retry = fc.record(
  {
    attempts: fc.integer({ min: 1, max: 5 }),
    timeoutMs: fc.integer({ min: 0, max: 5000 }),
    backoff: fc.record({
      kind: fc.constantFrom('constant' as const, 'exponential' as const),
      baseMs: fc.integer({ min: 0, max: 100 }),
      maxMs: fc.integer({ min: 100, max: 5000 }),
      jitter: fc.constantFrom('none' as const, 'full' as const, 'equal' as const),
    }),
    outcomes: fc.constant(['failed', 'unknown'] as const),
    reasons: fc.constant(['timeout'] as const),
    key: fc.constantFrom('same' as const, 'new' as const),
    budget: fc.oneof(fc.constant(null), fc.constant({ ratio: 0.1, burst: 3 })),
  },
  { requiredKeys: ['attempts', 'timeoutMs', 'backoff', 'outcomes', 'key', 'budget'] },
);

describe('any scenario', () => {
  it('is the same after it was written and read', async () => {
    const profile = await profileNamed('ci');
    const base = await buildScenario('spike', { profile, seed: 3 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(shape, shareOf1), { minLength: 1, maxLength: 3 }),
        journey,
        fc.option(retry, { nil: undefined }),
        async (shapes, look, policy) => {
          const scenario: Scenario = {
            ...base,
            phases: shapes.map(([curve, weight], index) => ({
              name: `phase-${index}`,
              // Longer than any curve above.
              durationMs: 20_000 + weight,
              shape: curve,
              measured: index === 0,
              mix: { visitor: 0.1 + weight },
            })),
            populations: [
              {
                name: 'visitor',
                journey: 'look',
                hotShare: 0.25,
                accounts: { kind: 'own' },
                ...(policy && { retry: policy }),
              },
            ],
            journeys: [look],
          };
          const hasArrivals = scenario.phases.some(({ shape: curve }) => levelsOf(curve) > 0);
          fc.pre(hasArrivals);
          expect(await readBack(scenario, profile)).toEqual(scenario);
        },
      ),
      { numRuns: 60 },
    );
  });
});

function levelsOf(curve: RateShape): number {
  return 'perSec' in curve ? curve.perSec : 'toPerSec' in curve ? curve.toPerSec : 1;
}

describe('a scenario file with a slip of the pen', () => {
  /** What people and merges leave behind in place of a word. */
  const slips = [
    '',
    '-1',
    '0',
    '1e400',
    '.nan',
    'null',
    '[]',
    '{}',
    '{ a: 1 }',
    '[1, 2]',
    'x y',
    '50%',
  ];

  it('is read, or refused with its problems, whatever word was changed', async () => {
    const profile = await profileNamed('ci');
    const words = starterScenario().split(/(?<=[\s,:{}[\]])|(?=[\s,:{}[\]])/);
    const changeable = words.flatMap((word, index) => (/[\w%]/.test(word) ? [index] : []));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(...changeable), fc.constantFrom(...slips)), {
          minLength: 1,
          maxLength: 3,
        }),
        async (changes) => {
          const changed = [...words];
          for (const [index, slip] of changes) changed[index] = slip;
          writeFileSync(path.join(folder, 'slip.yaml'), changed.join(''));
          const read = readOwnScenario({
            file: 'slip.yaml',
            cwd: folder,
            inputs: { profile, seed: 1 },
            isRateAsked: false,
            isDurationAsked: false,
            usersAsked: null,
          });
          const outcome = await read.catch((error: unknown) => error);
          if (outcome instanceof Error) {
            expect(outcome).toBeInstanceOf(EcomsimError);
            expect((outcome as EcomsimError).details.length).toBeGreaterThan(0);
          } else {
            const { scenario } = outcome as { scenario: Scenario };
            expect(checkScenario(scenario)).toEqual([]);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
