// The coordinator's own acts during a run, on virtual time against a target that writes them down.
import { describe, expect, it } from 'vitest';
import { createVirtualClock, type VirtualClock } from '../../../src/base/clock.ts';
import { EcomsimError } from '../../../src/base/errors.ts';
import { assertCanIntervene, Interventions } from '../../../src/commands/run/interventions.ts';
import { restockedUnits } from '../../../src/commands/run/restocked-units.ts';
import type { Disturbance, Restock, Scenario } from '../../../src/contract/scenario.ts';
import type { Target } from '../../../src/contract/target.ts';
import { smallScenario } from '../../support/small-scenario.ts';

const START_US = 5_000_000;
const payment = { latency: { p50Ms: 500, p99Ms: 900 }, declined: 0.2, lostAnswers: 0 };

function scenarioWith(restocks: Restock[], disturbances: Disturbance[] = []): Scenario {
  const { sale } = smallScenario();
  return smallScenario({ sale: { ...sale, restocks }, disturbances });
}

/** Answers 20 ms after it was asked, or not at all. */
function writtenDown(clock: VirtualClock, fails: (what: string) => boolean = () => false) {
  const acts: string[] = [];
  const act = async (what: string): Promise<void> => {
    acts.push(`${(clock.nowUs() - START_US) / 1000} ${what}`);
    await clock.sleep(20);
    if (fails(what)) throw new EcomsimError('TARGET_UNREACHABLE', 'nobody answered');
  };
  const target = {
    name: 'written down',
    restock: (item: number, units: number) => act(`restock ${item} +${units}`),
    setPayment: (behaviour: unknown) => act(behaviour === null ? 'calm' : 'disturb'),
  } as unknown as Target;
  return { target, acts };
}

async function advance(clock: VirtualClock, totalMs: number): Promise<void> {
  for (let ms = 0; ms < totalMs; ms += 10) {
    clock.advance(10);
    for (let turn = 0; turn < 8; turn++) await Promise.resolve();
  }
}

const NO_FAULTS = { faults: [], onLost: () => {} };

async function stopped(clock: VirtualClock, interventions: Interventions) {
  const record = interventions.stop();
  for (let turn = 0; turn < 8; turn++) await Promise.resolve();
  await advance(clock, 100);
  return record;
}

describe('what the coordinator does during a run', () => {
  it('happens at its instants, and is recorded with when it was sent and answered', async () => {
    const clock = createVirtualClock();
    const { target, acts } = writtenDown(clock);
    const brownout = { name: 'brownout', atMs: 300, untilMs: 700, payment };
    const scenario = scenarioWith([{ atMs: 500, item: 0, units: 3 }], [brownout]);
    const interventions = new Interventions({
      ...NO_FAULTS,
      scenario,
      target,
      clock,
      startUs: START_US,
    });
    await advance(clock, 7000);
    const record = await stopped(clock, interventions);
    expect(acts).toEqual(['300 disturb', '500 restock 0 +3', '700 calm']);
    expect(record.restocks).toEqual([{ item: 0, units: 3, sentUs: 500_000, doneUs: 520_000 }]);
    expect(record.faults).toEqual([{ name: 'brownout', fromMs: 300, toMs: 720 }]);
    expect(record.problems).toEqual([]);
    expect(restockedUnits(scenario.catalogue, record.restocks).restocked).toEqual({ 'sku-0': 3 });
  });

  it('ends with the load: what was to come is left out, what is disturbed is set right', async () => {
    const clock = createVirtualClock();
    const { target, acts } = writtenDown(clock);
    const brownout = { name: 'brownout', atMs: 300, untilMs: 4000, payment };
    const scenario = scenarioWith([{ atMs: 3000, item: 0, units: 3 }], [brownout]);
    const interventions = new Interventions({
      ...NO_FAULTS,
      scenario,
      target,
      clock,
      startUs: START_US,
    });
    await advance(clock, 6000);
    const record = await stopped(clock, interventions);
    await advance(clock, 5000);
    expect(acts).toEqual(['300 disturb', '1000 calm']);
    expect(record.restocks).toEqual([]);
    expect(record.faults).toEqual([{ name: 'brownout', fromMs: 300, toMs: 1020 }]);
  });

  it('leaves open what was never answered, and says so', async () => {
    const clock = createVirtualClock();
    const { target } = writtenDown(clock, (what) => what.startsWith('restock'));
    const scenario = scenarioWith([{ atMs: 100, item: 2, units: 5 }]);
    const interventions = new Interventions({
      ...NO_FAULTS,
      scenario,
      target,
      clock,
      startUs: START_US,
    });
    await advance(clock, 6000);
    const record = await stopped(clock, interventions);
    expect(record.restocks).toEqual([{ item: 2, units: 5, sentUs: 100_000, doneUs: null }]);
    expect(record.problems).toEqual([
      '5 units of item 2 were to be restocked, but nobody answered',
    ]);
  });

  it('sets payments right even when it is not known whether they were disturbed', async () => {
    const clock = createVirtualClock();
    const { target, acts } = writtenDown(clock, (what) => what === 'disturb');
    const scenario = scenarioWith([], [{ name: 'brownout', atMs: 100, untilMs: 400, payment }]);
    const interventions = new Interventions({
      ...NO_FAULTS,
      scenario,
      target,
      clock,
      startUs: START_US,
    });
    await advance(clock, 6000);
    const record = await stopped(clock, interventions);
    expect(acts).toEqual(['100 disturb', '400 calm']);
    expect(record.faults).toEqual([]);
    expect(record.problems).toEqual(['"brownout" was to begin, but nobody answered']);
  });
});

describe('a target that is not ours', () => {
  it('is refused by a scenario that wants more of it than it can do, with everything at once', () => {
    const bare = { name: 'somewhere' } as unknown as Target;
    const brownout = { name: 'brownout', atMs: 0, untilMs: 1, payment };
    const asks = scenarioWith([{ atMs: 0, item: 0, units: 1 }], [brownout]);
    const refusal = (() => {
      try {
        return assertCanIntervene(asks, bare, []);
      } catch (error) {
        return error as EcomsimError;
      }
    })();
    expect(refusal).toMatchObject({ code: 'INVALID_VALUE', exitCode: 104 });
    expect(refusal?.details).toHaveLength(2);
    expect(() => assertCanIntervene(smallScenario(), bare, [])).not.toThrow();
  });
});
