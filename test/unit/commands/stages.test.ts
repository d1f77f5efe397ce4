// `--stage`: what is understood, and every mistake at once.
import { describe, expect, it } from 'vitest';
import { readLoadModel } from '../../../src/commands/run/load-model.ts';
import { readStages } from '../../../src/commands/run/stages.ts';
import { checkScenario } from '../../../src/scenarios/check-scenario.ts';
import { expectedArrivals } from '../../../src/scenarios/demand.ts';
import { buildScenario, scenarioNames } from '../../../src/scenarios/registry.ts';
import { profileNamed } from '../scenarios/profiles.ts';

function messagesOf(given: readonly string[], options = {}): string[] {
  return readStages(given, options).problems.map(({ source, message }) => `${source} ${message}`);
}

describe('stages', () => {
  it('are read in order, with the highest rate and the sum of the lengths', () => {
    expect(readStages(['30s:100/s', '1m30s:24k/min', '250ms:0/s'], {})).toEqual({
      stages: [
        { durationMs: 30_000, perSec: 100 },
        { durationMs: 90_000, perSec: 400 },
        { durationMs: 250, perSec: 0 },
      ],
      users: undefined,
      overrides: { stagePeak: '400/s', stageTotal: '120250ms' },
      problems: [],
    });
  });

  it('are none when none are given', () => {
    expect(readStages([], { rate: '5/s' })).toEqual({ overrides: {}, problems: [] });
  });

  it.each<[string, RegExp]>([
    ['30s', /is not <duration>:<rate>/],
    ['30s:1.5', /1\.5 is not a whole number of virtual users from 0 to 200,000/],
    ['30s:-5', /-5 is not a whole number of virtual users/],
    ['30s:200001', /200001 is not a whole number of virtual users/],
    ['30s:0', /no stage has a virtual user/],
    ['30s:1000000000000/s', /"1000000000000\/s" is more than 1,000,000\/s/],
    ['30s:NaN', /"NaN" is not a rate like 100\/s or 6k\/min, nor a number of virtual users/],
    ['30:100/s', /"30" is not a duration/],
    ['0s:100/s', /lasts no time/],
    ['30s:-5/s', /"-5\/s" is not a rate/],
    ['30s:NaN/s', /"NaN\/s" is not a rate/],
    ['30s:', /"" is not a rate/],
    ['x:y', /"x" is not a duration.*; "y" is not a rate/],
    ['30s:0/s', /nobody would ever come/],
  ])('%s is told what is wrong with it', (text, expected) => {
    const { stages } = readStages([text], {});
    expect(stages).toBeUndefined();
    expect(messagesOf([text])).toEqual([expect.stringMatching(expected)]);
  });

  it('get every problem at once, and exclude a rate and a duration', () => {
    const messages = messagesOf(['30s:-1', '5s:1/s', '0s:1/s'], { rate: '5/s', duration: '9s' });
    expect(messages).toHaveLength(4);
    expect(messages.map((message) => message.split(' ')[0])).toEqual([
      '--stage',
      '--stage',
      '--rate',
      '--duration',
    ]);
  });
});

describe('stages without a unit', () => {
  it('are virtual users, in straight lines from the number before', () => {
    const { users, stages, overrides, problems } = readStages(['2s:10', '3s:10', '1s:0'], {});
    expect(problems).toEqual([]);
    expect(stages).toBeUndefined();
    expect(users?.map(({ fromUsers, toUsers }) => [fromUsers, toUsers])).toEqual([
      [0, 10],
      [10, 10],
      [10, 0],
    ]);
    expect(overrides.stageTotal).toBe('6000ms');
  });

  it('cannot be mixed with rates', () => {
    expect(messagesOf(['1s:10', '1s:5/s'])).toEqual([
      expect.stringMatching(/"1s:10" means virtual users and "1s:5\/s" arrivals/),
    ]);
  });
});

describe('the load model', () => {
  const messages = (options: Record<string, unknown>): string[] =>
    readLoadModel(options).problems.map(({ source, message }) => `${source} ${message}`);

  it('with --vus is so many users for the duration of the profile', async () => {
    const profile = await profileNamed('laptop', 'load.duration=8s');
    const model = readLoadModel({ vus: '25' });
    expect(model.problems).toEqual([]);
    expect(model.inputsFor(profile)).toEqual({
      users: [{ name: 'steady', durationMs: 8000, fromUsers: 25, toUsers: 25 }],
    });
  });

  it.each(['0', '-1', 'NaN', '1.5', '1e3', '200001', '1000000000000', ''])(
    'has no use for %j users',
    (vus) => {
      expect(messages({ vus })).toEqual([expect.stringMatching(/^--vus .* from 1 to 200,000$/)]);
    },
  );

  it('tells every conflict at once', () => {
    const options = { vus: '5', rate: '5/s', stage: ['5s:5'], set: ['load.rate=3/s'] };
    expect(messages(options).map((message) => message.split(' ').slice(0, 2).join(' '))).toEqual([
      '--rate the',
      '--set load.rate=3/s',
      '--vus the',
      '--rate virtual',
    ]);
  });
});

describe.each(scenarioNames)('%s in stages', (name) => {
  it('is sane and has the stages in place of its measured phases', async () => {
    const profile = await profileNamed('laptop', 'load.rate=60/s', 'load.duration=8s');
    const stages = [
      { durationMs: 2000, perSec: 60 },
      { durationMs: 6000, perSec: 0 },
    ];
    const scenario = await buildScenario(name, { profile, seed: 1, stages });
    expect(checkScenario(scenario)).toEqual([]);
    const measured = scenario.phases.filter((phase) => phase.measured);
    expect(measured.map((phase) => [phase.name, phase.durationMs, phase.shape])).toEqual([
      ['stage-1', 2000, { kind: 'ramp', fromPerSec: 0, toPerSec: 60 }],
      ['stage-2', 6000, { kind: 'ramp', fromPerSec: 60, toPerSec: 0 }],
    ]);
    const arrivals = measured.map((phase) => expectedArrivals(phase.shape, phase.durationMs));
    expect(arrivals).toEqual([60, 180]);
    // Sales that people wait for open after the warm-up, the others are open from the start.
    const waitedFor = ['flash-sale', 'restock', 'bot-attack', 'sold-out-tail'].includes(name);
    expect(scenario.sale.opensAtMs).toBe(waitedFor ? 3000 : 0);
  });
});
