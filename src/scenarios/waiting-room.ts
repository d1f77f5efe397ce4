/**
 * What people do where a waiting room stands in front of the checkout: take a place, look at it
 * from time to time, and check out when their turn has come. Added to the journeys of any scenario
 * when the profile has such a room.
 */
import type { Distribution } from '../base/distributions.ts';
import type { Profile } from '../contract/profile.ts';
import type { Journey, JourneyStep, Scenario, Transition } from '../contract/scenario.ts';
import { around, paceOf } from './think-times.ts';

/** Between two looks; people look when the page says so, bots as often as they dare. */
const POLL_MS = 1000;
const BOT_POLL_MS = 300;
/** Chance to look once more: fifty looks on average before somebody goes home. */
const PATIENCE = 0.98;
/** Looks beyond the steps that a journey has by itself. */
const EXTRA_STEPS = 600;
const MAX_STEPS = 100_000;

/** The same scenario where there is no waiting room, or where its journeys know of it. */
export function withWaitingRoom(scenario: Scenario, profile: Profile): Scenario {
  if (profile.target !== 'reference' || profile.system.admission?.waitingRoom !== true) {
    return scenario;
  }
  const pace = paceOf(profile.load.durationMs);
  const bots = new Set(
    scenario.populations.filter(({ bot }) => bot === true).map(({ journey }) => journey),
  );
  const journeys = scenario.journeys.map((journey) => {
    const pollMs = bots.has(journey.name) ? BOT_POLL_MS : Math.round(POLL_MS * pace);
    return queueing(journey, around(pollMs));
  });
  return { ...scenario, journeys };
}

function queueing(journey: Journey, poll: Distribution): Journey {
  const entries = Object.entries(journey.steps);
  const checkouts = entries.filter(([, { operation }]) => operation === 'checkout');
  const knows = entries.some(([, { operation }]) => operation === 'joinQueue');
  if (checkouts.length === 0 || knows) return journey;
  const taken = new Set(Object.keys(journey.steps));
  const steps: Record<string, JourneyStep> = { ...journey.steps };
  for (const [name, step] of checkouts) {
    const queue = freeName(`${name}-queue`, taken);
    const wait = freeName(`${name}-wait`, taken);
    const toQueue: Transition = {
      outcomes: ['refused'],
      reasons: ['admission_required'],
      to: queue,
      think: around(poll.kind === 'uniform' ? poll.minMs / 2 : POLL_MS / 4),
    };
    steps[name] = { ...step, next: [toQueue, ...step.next] };
    const rules = placeRules({ wait, queue, checkout: name, poll });
    steps[queue] = { operation: 'joinQueue', item: 'wanted', quantity: 1, next: rules.queue };
    steps[wait] = { operation: 'queueStatus', item: 'wanted', quantity: 1, next: rules.wait };
  }
  return { ...journey, maxSteps: Math.min(MAX_STEPS, journey.maxSteps + EXTRA_STEPS), steps };
}

function placeRules(step: {
  readonly queue: string;
  readonly wait: string;
  readonly checkout: string;
  readonly poll: Distribution;
}): { readonly queue: Transition[]; readonly wait: Transition[] } {
  const { poll: think } = step;
  const toCheckout: Transition = { outcomes: ['ok'], to: step.checkout, think: around(100) };
  const again = (to: string): Transition[] => [
    { outcomes: ['refused'], reasons: ['shed', 'rate_limited'], probability: 0.9, to, think },
    { outcomes: ['failed', 'unknown'], probability: 0.5, to, think },
  ];
  return {
    queue: [
      { outcomes: ['ok'], reasons: ['waiting'], to: step.wait, think },
      toCheckout,
      ...again(step.queue),
    ],
    wait: [
      { outcomes: ['ok'], reasons: ['waiting'], probability: PATIENCE, to: step.wait, think },
      { outcomes: ['ok'], reasons: ['waiting'], to: 'end', think },
      toCheckout,
      // The place was lost, or its token expired before its owner looked.
      { outcomes: ['refused'], reasons: ['not_found'], to: step.queue, think },
      ...again(step.wait),
    ],
  };
}

function freeName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let n = 2; taken.has(name); n++) name = `${wanted}-${n}`;
  taken.add(name);
  return name;
}
