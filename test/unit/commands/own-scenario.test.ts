import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EcomsimError } from '../../../src/base/errors.ts';
import { readOwnScenario } from '../../../src/commands/run/own-scenario.ts';
import { starterScenario } from '../../../src/config/scenario/starter-scenario.ts';
import type { Profile } from '../../../src/contract/profile.ts';
import type { Scenario } from '../../../src/contract/scenario.ts';
import type { Stage } from '../../../src/scenarios/inputs.ts';
import { scratchDir } from '../../support/cli.ts';
import { profileNamed } from '../scenarios/profiles.ts';

let scratch: ReturnType<typeof scratchDir>;
let profile: Profile;

beforeAll(async () => {
  scratch = scratchDir();
  profile = await profileNamed('laptop');
});
afterAll(() => scratch.dispose());

interface Asked {
  readonly ratePerSec?: number;
  readonly durationMs?: number;
  readonly stages?: readonly Stage[];
  readonly users?: number;
}

async function read(text: string, asked: Asked = {}): Promise<Scenario> {
  writeFileSync(path.join(scratch.path, 'mine.yaml'), text);
  const { ratePerSec, durationMs, stages, users } = asked;
  const load = {
    ...profile.load,
    ...(ratePerSec !== undefined && { ratePerSec }),
    ...(durationMs !== undefined && { durationMs }),
  };
  const inputs = { profile: { ...profile, load }, seed: 7, ...(stages && { stages }) };
  const own = await readOwnScenario({
    file: 'mine.yaml',
    cwd: scratch.path,
    inputs,
    isRateAsked: ratePerSec !== undefined,
    isDurationAsked: durationMs !== undefined,
    usersAsked: users ?? null,
  });
  return own.scenario;
}

async function problemsOf(text: string, asked: Asked = {}): Promise<readonly string[]> {
  const thrown: unknown = await read(text, asked).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(EcomsimError);
  const error = thrown as EcomsimError;
  expect(error.exitCode).toBe(104);
  return error.details;
}

/** A sound scenario whose parts a test may replace. */
function scenarioText(parts: Partial<Record<'top' | 'phases' | 'populations' | 'steps', string>>) {
  return `title: Test
${parts.top ?? ''}
phases:
${parts.phases ?? '  - { name: main, duration: 10s, shape: 20/s }'}
populations:
${parts.populations ?? '  visitor: { journey: look }'}
journeys:
  look:
    steps:
${parts.steps ?? '      home: { operation: home, next: page }\n      page: { operation: viewProduct }'}
`;
}

const step = (name: string, rest: string): string => `      ${name}: { ${rest} }`;

describe('a scenario file', () => {
  it('means what it says: units, short forms and defaults', async () => {
    const scenario = await read(
      scenarioText({
        phases: [
          '  - { name: warm, duration: 500ms, measured: false, shape: 6k/min..20/s }',
          '  - name: main',
          '    duration: 1m30s',
          '    shape: { kind: drop, base: 10/s, peak: 40/s, decay: 5s }',
        ].join('\n'),
        steps: [
          '      home: { operation: home, item: browsed, think: 1s..3s, next: page }',
          '      page:',
          '        operation: viewProduct',
          '        quantity: 2',
          '        next:',
          '          - { outcomes: ok, choose: { home: 30%, page: 50%, end: 20% }, think: 2s }',
          '          - { outcomes: [failed], probability: 25%, to: page, think: { p50: 1s, p99: 8s } }',
        ].join('\n'),
      }),
    );
    expect(scenario.phases).toEqual([
      {
        name: 'warm',
        durationMs: 500,
        shape: { kind: 'ramp', fromPerSec: 100, toPerSec: 20 },
        measured: false,
        mix: { visitor: 1 },
      },
      {
        name: 'main',
        durationMs: 90_000,
        shape: { kind: 'drop', basePerSec: 10, peakPerSec: 40, decayMs: 5000 },
        measured: true,
        mix: { visitor: 1 },
      },
    ]);
    const think = { kind: 'constant', ms: 2000 };
    const outcomes = ['ok'];
    expect(scenario.journeys).toEqual([
      {
        name: 'look',
        start: 'home',
        maxSteps: 100,
        steps: {
          home: {
            operation: 'home',
            item: 'browsed',
            quantity: 1,
            next: [{ outcomes, to: 'page', think: { kind: 'uniform', minMs: 1000, maxMs: 3000 } }],
          },
          page: {
            operation: 'viewProduct',
            item: 'wanted',
            quantity: 2,
            next: [
              { outcomes, probability: 0.3, to: 'home', think },
              { outcomes, probability: expect.closeTo(5 / 7) as number, to: 'page', think },
              { outcomes, to: 'end', think },
              {
                outcomes: ['failed'],
                probability: 0.25,
                to: 'page',
                think: { kind: 'lognormal', p50Ms: 1000, p99Ms: 8000 },
              },
            ],
          },
        },
      },
    ]);
    expect(scenario.sale).toMatchObject({ opensAtMs: 0, closesAtMs: null, hotItems: [0] });
    expect(scenario.catalogue).toHaveLength(profile.sale.skus);
  });

  it('reads the population’s retries, double clicks, accounts and built-in journeys', async () => {
    const { populations, journeys } = await read(
      scenarioText({
        top: 'mix: { visitor: 1, eager: 1, bot: 2 }',
        populations: [
          '  visitor: { journey: look }',
          '  eager:',
          '    journey: browse-and-buy',
          '    hotShare: 80%',
          '    doubleClick: { share: 5%, gap: 80ms, key: new }',
          '    retry:',
          '      attempts: 3',
          '      timeout: 2s',
          '      backoff: { kind: constant, base: 1s, max: 1s, jitter: none }',
          '      outcomes: unknown',
          '      reasons: [timeout]',
          '      key: new',
          '      budget: { ratio: 10%, burst: 5 }',
          '  bot: { journey: { preset: scalp, poll: 200ms }, accounts: { pool: 9 }, bot: true }',
        ].join('\n'),
      }),
    );
    expect(populations).toEqual([
      { name: 'visitor', journey: 'look', hotShare: 0, accounts: { kind: 'own' } },
      {
        name: 'eager',
        journey: 'browse-and-buy',
        hotShare: 0.8,
        accounts: { kind: 'own' },
        doubleClick: { share: 0.05, gapMs: 80, key: 'new' },
        retry: {
          attempts: 3,
          timeoutMs: 2000,
          backoff: { kind: 'constant', baseMs: 1000, maxMs: 1000, jitter: 'none' },
          outcomes: ['unknown'],
          reasons: ['timeout'],
          key: 'new',
          budget: { ratio: 0.1, burst: 5 },
        },
      },
      {
        name: 'bot',
        journey: 'scalp (bot)',
        hotShare: 0,
        accounts: { kind: 'pool', size: 9 },
        bot: true,
      },
    ]);
    expect(journeys.map(({ name }) => name)).toEqual(['look', 'browse-and-buy', 'scalp (bot)']);
  });

  it('moves its rates with --rate and its measured lengths with --duration', async () => {
    const text = scenarioText({
      top: 'sale: { opensAt: 6s }',
      phases: [
        '  - { name: warm, duration: 2s, measured: false, shape: 10/s }',
        '  - { name: a, duration: 4s, shape: 40/s }',
        '  - { name: b, shape: { kind: steps, steps: [{ duration: 4s, rate: 50% }] } }',
      ].join('\n'),
    });
    const plain = await read(text);
    const moved = await read(text, { ratePerSec: 100, durationMs: 80_000 });
    const levels = ({ phases }: Scenario) =>
      phases.map(({ shape, durationMs }) => [
        durationMs,
        shape.kind === 'constant' ? shape.perSec : shape.kind === 'steps' && shape.steps[0]!.perSec,
      ]);
    expect(levels(plain)).toEqual([
      [2000, 10],
      [4000, 40],
      [4000, 20],
    ]);
    expect(levels(moved)).toEqual([
      [2000, 25],
      [40_000, 100],
      [40_000, 50],
    ]);
    expect([plain.sale.opensAtMs, moved.sale.opensAtMs]).toEqual([6000, 42_000]);
  });

  it('takes shares of the profile’s rate where it states no rate of its own', async () => {
    const phases = '  - { name: main, duration: 10s, shape: 50%..100% }';
    const { phases: read250 } = await read(scenarioText({ phases }));
    expect(read250[0]?.shape).toEqual({ kind: 'ramp', fromPerSec: 125, toPerSec: 250 });
    const { phases: read60 } = await read(scenarioText({ phases, top: 'peak: 60/s' }));
    expect(read60[0]?.shape).toEqual({ kind: 'ramp', fromPerSec: 30, toPerSec: 60 });
  });

  it('gives its measured phases up for stages, with the people of the opening', async () => {
    const scenario = await read(starterScenario(), {
      stages: [
        { durationMs: 1000, perSec: 50 },
        { durationMs: 2000, perSec: 50 },
      ],
    });
    expect(scenario.phases.map(({ name }) => name)).toEqual(['warmup', 'stage-1', 'stage-2']);
    expect(scenario.phases[1]?.mix).toEqual({ shopper: 0.5, visitor: 0.1, bot: 0.4 });
    expect(scenario.sale.opensAtMs).toBe(2000);
  });

  it('counts virtual users in the closed model, and moves them with --vus', async () => {
    const text = scenarioText({
      top: 'model: { closed: { pause: 2s } }',
      phases: [
        '  - { name: warm, duration: 2s, measured: false, shape: 10% }',
        '  - { name: main, duration: 10s, shape: 50 }',
      ].join('\n'),
    });
    const levels = ({ phases }: Scenario) =>
      phases.map(({ shape }) => shape.kind === 'constant' && shape.perSec);
    const plain = await read(text);
    expect(plain.model).toMatchObject({
      kind: 'closed',
      pauseBetween: { kind: 'constant', ms: 2000 },
    });
    expect(levels(plain)).toEqual([5, 50]);
    expect(levels(await read(text, { users: 200 }))).toEqual([20, 200]);
  });

  it('states the stock, derives it from demand, or never runs short', async () => {
    const populations = '  visitor: { journey: browse-and-buy, hotShare: 100% }';
    const stock = async (sale: string): Promise<readonly number[]> => {
      const top = `catalogue: { items: 5 }\nsale: { hotItems: 1${sale} }`;
      const { catalogue } = await read(scenarioText({ top, populations }));
      return catalogue.map(({ units }) => units);
    };
    expect(await stock(', units: [3, 2x10, 7]')).toEqual([3, 10, 10, 7, 7]);
    const [plenty] = await stock('');
    const [short] = await stock(', demandToStock: 10');
    expect(short).toBeGreaterThan(0);
    expect(plenty).toBeGreaterThan(10 * (short ?? 0));
  });
});

/** What is written, and the beginning of every problem that it must give, in order. */
const MISTAKES: readonly [string, string, readonly RegExp[]][] = [
  ['nothing', '', [/populations {2}is missing/, /phases {2}is missing/]],
  ['no map', '- 1\n', [/^mine\.yaml:1:1 {2}must hold fields/]],
  ['broken YAML', 'phases: [\n', [/not valid YAML/]],
  [
    'a profile',
    'load: { rate: 1/s }\n',
    [/^mine\.yaml:1:1 {2}load {2}this is a profile file, not a scenario: use it with -p/],
  ],
  [
    'an unknown field',
    scenarioText({ top: 'titel: x' }),
    [/^mine\.yaml:2:1 {2}titel {2}is not a field \(did you mean "title"\?\)/],
  ],
  [
    'five mistakes at once',
    scenarioText({
      top: 'peak: fast',
      phases: '  - { name: main, duration: 10, shape: 20/s, colour: red }',
      populations: '  visitor: { journey: lok, hotShare: 140% }',
    }),
    [
      /^mine\.yaml:2:7 {2}peak {2}"fast" is not a rate/,
      /^mine\.yaml:4:29 {2}phases\.0\.duration {2}10 is not a duration; write 10s/,
      /^mine\.yaml:4:46 {2}phases\.0\.colour {2}is not a field/,
      /^mine\.yaml:6:23 {2}populations\.visitor\.journey {2}no journey "lok" \(did you mean "look"/,
      /^mine\.yaml:6:38 {2}populations\.visitor\.hotShare {2}"140%" is out of range/,
    ],
  ],
  ...(
    [
      ['-5/s', /cannot be negative/],
      ['NaN', /"NaN" is not a rate/],
      ['.nan', /NaN is not a rate/],
      ['.inf', /Infinity is not a rate/],
      ['1e12', /out of range; at most 1,000,000\/s/],
      ['1000000000000/s', /out of range; at most 1,000,000\/s/],
      ['1e400', /is not a rate/],
      ['0/s', /every rate is 0, so nobody would ever come/],
      ['10/s..', /is not a ramp/],
      ['', /shape {2}is empty/],
      ['{ rate: 5/s }', /shape\.kind {2}is missing/],
      ['{ kind: rampp, from: 1/s }', /not a kind of shape \(did you mean "ramp"\?\)/],
      ['{ kind: ramp, from: 1/s }', /shape\.to {2}is missing/],
      ['{ kind: drop, base: 1/s, peak: 2/s, decay: 0s }', /decay {2}"0s" is out of range/],
      ['{ kind: plateau, base: 0, peak: 1, surge: 9s, sustain: 9s, fall: 0s }', /ends at 18000 ms/],
      ['{ kind: diurnal, low: 9, high: 1, period: 5s, highAt: 0s }', /low rate 9\/s above high/],
      ['{ kind: double-hump, base: 1/s, humps: [] }', /must list two humps/],
      ['{ kind: replay }', /needs either file: traffic\.csv or points/],
      ['{ kind: replay, points: [[0s, 1/s], [5s, 2/s], [3s, 1/s]] }', /point 3 goes back in time/],
      ['{ kind: replay, file: gone.csv }', /"gone\.csv" there is no such file/],
    ] as const
  ).map(([shape, message]): [string, string, readonly RegExp[]] => [
    `the shape ${shape}`,
    scenarioText({ phases: `  - { name: main, duration: 10s, shape: ${shape} }` }),
    [new RegExp(`^mine\\.yaml:4:\\d+ .*${message.source}`)],
  ]),
  ...(['0s', '-1s', '0', 'NaN', '100h'] as const).map(
    (length): [string, string, readonly RegExp[]] => [
      `the duration ${length}`,
      scenarioText({ phases: `  - { name: main, duration: ${length}, shape: 20/s }` }),
      [/^mine\.yaml:4:29 {2}phases\.0\.duration {2}.*(?:out of range|is not a duration)/],
    ],
  ),
  [
    'phases that share a name, and one without a mix',
    scenarioText({
      phases: [
        '  - { name: main, duration: 10s, shape: 20/s, mix: { visitor: 1 } }',
        '  - { name: main, duration: 10s, shape: 20/s, mix: { vistor: 1 } }',
        '  - { name: last, duration: 10s, shape: 20/s }',
      ].join('\n'),
      populations: '  visitor: { journey: look }\n  other: { journey: look }',
    }),
    [
      /^mine\.yaml:5:13 {2}phases\.1\.name {2}"main" is there twice/,
      /^mine\.yaml:5:\d+ {2}phases\.1\.mix\.vistor {2}no population .*"visitor"/,
      /^mine\.yaml:6:\d+ {2}phases\.2(?:\.mix)? {2}is missing; write mix/,
    ].slice(0, 3),
  ],
  [
    'a step that nothing leads to',
    scenarioText({
      steps: [step('home', 'operation: home'), step('page', 'operation: viewProduct')].join('\n'),
    }),
    [/^mine\.yaml:11:\d+ {2}journeys\.look\.steps\.page {2}can never be reached/],
  ],
  [
    'a journey that goes round for ever',
    scenarioText({
      steps: [
        step('home', 'operation: home, next: [{ to: page }]'),
        step('page', 'operation: viewProduct, next: [{ to: home }]'),
      ].join('\n'),
    }),
    [/steps\.home {2}no way leads to an end/, /steps\.page {2}no way leads to an end/],
  ],
  [
    'a journey that only ends when the shop fails',
    scenarioText({ steps: step('home', 'operation: home, next: home') }),
    [/^mine\.yaml:10:\d+ .*no way leads to an end while all goes well/],
  ],
  [
    'a rule behind one that takes everything',
    scenarioText({
      steps: step('home', 'operation: home, next: [{ to: end }, { outcomes: ok, to: end }]'),
    }),
    [/^mine\.yaml:10:\d+ .*next\.1 {2}is never taken/],
  ],
  [
    'shares that do not add up',
    scenarioText({
      steps: step('home', 'operation: home, next: { choose: { home: 30%, end: 60% } }'),
    }),
    [/^mine\.yaml:10:\d+ .*choose {2}the shares add up to 90\.0%, not to 100%/],
  ],
  [
    'chances that were meant as shares',
    scenarioText({
      steps: step(
        'home',
        'operation: home, next: [{ probability: 60%, to: home }, { probability: 40%, to: end }]',
      ),
    }),
    [/^mine\.yaml:10:\d+ .*next\.0 {2}the chances of this rule and 1 more .* write choose/],
  ],
  [
    'names that are nearly right',
    scenarioText({
      steps: [
        step('home', 'operation: hoem, next: pgae'),
        step('page', 'operation: viewProduct, next: { outcomes: okk, reasons: in_stok, to: end }'),
      ].join('\n'),
    }),
    [
      /^mine\.yaml:10:\d+ .*operation {2}"hoem" is not an operation \(did you mean "home"\?\)/,
      /^mine\.yaml:10:\d+ .*next {2}no step "pgae" \(did you mean "page"\?\)/,
      /^mine\.yaml:11:\d+ .*outcomes {2}"okk" is not an outcome \(did you mean "ok"\?\)/,
      /^mine\.yaml:11:\d+ .*reasons {2}"in_stok" is not a reason \(did you mean "in_stock"\?\)/,
    ],
  ],
  [
    'a probe as a step, and a cart filled again and again',
    scenarioText({
      steps: [
        step('home', 'operation: orderReplay, next: cart'),
        step('cart', 'operation: addToCart, next: { choose: { cart: 50%, end: 50% } }'),
      ].join('\n'),
    }),
    [/"orderReplay" is not an operation/, /^mine\.yaml:11:\d+ .*adds to the cart again and again/],
  ],
  [
    'think times that cannot be',
    scenarioText({
      steps: [
        step('home', 'operation: home, think: 5, next: page'),
        step('page', 'operation: viewProduct, think: 3s..1s, next: a'),
        step('a', 'operation: home, next: { to: b, think: { p50: 2s, p99: 1s } }'),
        step('b', 'operation: home, think: { median: 2s }, next: end'),
      ].join('\n'),
    }),
    [
      /think {2}5 is not a think time; write 5s/,
      /think {2}goes from 3s down to 1s/,
      /p99 {2}is below p50/,
      /think {2}is not a think time; write it like 2s, 1s\.\.3s/,
    ],
  ],
  [
    'a population that cannot be',
    scenarioText({
      populations: [
        '  visitor:',
        '    journey: { preset: sclap }',
        '    hotShare: 50%',
        '    accounts: shared',
        '    retry: { backoff: { base: 9s, max: 1s } }',
      ].join('\n'),
      top: 'sale: { hotItems: 0 }',
    }),
    [
      /"sclap" is not a built-in journey \(did you mean "scalp"\?\)/,
      /hotShare {2}hotShare 0\.5, but the sale has no hot items/,
      /accounts {2}"shared" is not possible; write own or \{ pool: 50 \}/,
      /retry\.attempts {2}is missing/,
      /backoff\.max {2}is below base/,
    ],
  ],
  [
    'a sale that cannot be',
    scenarioText({
      top: 'catalogue: { items: 3, currency: Euro }\nsale: { opensAt: mian, closesAt: 0s, hotItems: [9], units: [1.5] }\ngoals: [order_confirmd]\nprobes: { replay: 2 }',
    }),
    [
      /currency {2}"Euro" is not a currency/,
      /opensAt {2}"mian" is neither a time like 5s nor a phase \(did you mean "main"\?\)/,
      /hotItems {2}there is no item 9; the catalogue has 3/,
      /units\.0 {2}.*is not a number of units/,
      /goals.* "order_confirmd" is not a goal \(did you mean "order_confirmed"\?\)/,
      /replay {2}2 is out of range/,
    ],
  ],
  [
    'groups where words belong',
    scenarioText({
      top: 'catalogue: { currency: { a: 1 } }\nsale: { units: [{ a: 1 }], opensAt: { a: 1 } }',
      phases: '  - { name: main, duration: 10s, shape: [{ a: 1 }] }',
    }),
    [
      /^mine\.yaml:2:24 {2}catalogue\.currency {2}a group of fields is not a currency/,
      /^mine\.yaml:3:17 {2}sale\.units\.0 {2}a group of fields is not a number of units/,
      /^mine\.yaml:3:37 {2}sale\.opensAt {2}a group of fields is not a duration/,
      /^mine\.yaml:5:41 {2}phases\.0\.shape {2}a list is not a rate/,
    ],
  ],
  [
    'names that thresholds could not say',
    scenarioText({
      phases: '  - { name: main phase, duration: 10s, shape: 1/s }',
      populations: '  1st: { journey: look }',
    }),
    [/cannot be the name of a phase/, /cannot be the name of one of the populations/],
  ],
  [
    'a closed model without a number of users',
    scenarioText({
      top: 'model: closed',
      phases: '  - { name: main, duration: 10s, shape: 50% }',
    }),
    [/peak {2}is missing: shares of how many virtual users/],
  ],
  [
    'arrivals in a closed model',
    scenarioText({ top: 'model: { closed: { pause: 1s } }' }),
    [/"20\/s" is not a number of virtual users/],
  ],
];

describe('a mistake in a scenario file', () => {
  it.each(MISTAKES)('%s: told with its place, and nothing else is', async (_, text, expected) => {
    const problems = await problemsOf(text);
    expect(problems).toHaveLength(expected.length);
    for (const [index, pattern] of expected.entries()) expect(problems[index]).toMatch(pattern);
  });

  it('--rate on a closed scenario is told where it was typed', async () => {
    const text = scenarioText({
      top: 'model: closed',
      phases: '  - { name: main, duration: 10s, shape: 50 }',
    });
    expect(await problemsOf(text, { ratePerSec: 5 })).toEqual([
      expect.stringMatching(/^--rate {2}this scenario is closed.*use --vus/),
    ]);
  });
});
