// What a scenario asks for at its peak, known before it is run.
import { expect, it } from 'vitest';
import { plannedRequestsPerSec } from '../../../src/scenarios/planned-requests.ts';
import { phase, smallScenario } from '../../support/small-scenario.ts';

const steps = 4;
const thinkMs = 170;

it('is the peak rate times the operations of a journey', () => {
  const ramp = { kind: 'ramp', fromPerSec: 0, toPerSec: 300 } as const;
  const phases = [phase('low', 1000, 50), { ...phase('high', 5000, 0), shape: ramp }];
  expect(plannedRequestsPerSec(smallScenario({ phases }))).toBeCloseTo(300 * steps, 6);
});

it('with virtual users is what they ask for when every answer comes at once', () => {
  const pauseBetween = { kind: 'constant', ms: 830 } as const;
  const scenario = smallScenario({
    model: { kind: 'closed', pauseBetween },
    phases: [phase('steady', 5000, 100)],
  });
  const cyclesPerSec = 1000 / (thinkMs + 830);
  expect(plannedRequestsPerSec(scenario) / (100 * steps * cyclesPerSec)).toBeCloseTo(1, 2);
});
