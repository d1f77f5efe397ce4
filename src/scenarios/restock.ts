/** A sale that sells out and gets units again: the double hump of a restock. */
import type { Scenario } from '../contract/scenario.ts';
import { compose } from './compose.ts';
import type { ScenarioInputs } from './inputs.ts';
import {
  crowd,
  crowdJourneys,
  crowdMix,
  dropTo,
  planSale,
  REFRESHERS,
  startOf,
} from './sale-crowd.ts';

const PRESALE_SHARE = 0.15;
/** Of the time after T0. */
const DROP_SHARE = 0.4;
const RESTOCK_SHARE = 0.35;
/** Of the peak: fewer come back than came at first. */
const SECOND_PEAK = 0.7;
const TAIL_RATE = 0.2;
/** Of all units. */
const LATER_SHARE = 1 / 3;
/** With stages, the share of their duration after which the units come in. */
const STAGED_AT = 0.5;

export function buildRestock(inputs: ScenarioInputs): Scenario {
  const { profile } = inputs;
  const { ratePerSec } = profile.load;
  const { botShare, demandToStock } = profile.sale;
  const tail = ratePerSec * TAIL_RATE;
  const dropMix = crowdMix(botShare, REFRESHERS.drop);
  const { phases, opensAtMs, times } = planSale(
    {
      presaleShare: PRESALE_SHARE,
      waitingMix: crowdMix(botShare, REFRESHERS.waiting),
      parts: [
        { name: 'drop', share: DROP_SHARE, shape: dropTo(tail, ratePerSec), mix: dropMix },
        {
          name: 'restock',
          share: RESTOCK_SHARE,
          shape: dropTo(tail, ratePerSec * SECOND_PEAK),
          mix: dropMix,
        },
        {
          name: 'tail',
          share: 1 - DROP_SHARE - RESTOCK_SHARE,
          shape: () => ({ kind: 'constant', perSec: tail }),
          mix: crowdMix(botShare, REFRESHERS.tail),
        },
      ],
      stagesMix: dropMix,
    },
    inputs,
  );
  const second = phases.find(({ name }) => name === 'restock');
  const endMs = startOf(phases, undefined);
  const atMs =
    second === undefined
      ? Math.round(opensAtMs + (endMs - opensAtMs) * STAGED_AT)
      : startOf(phases, second);
  const goals = ['order_confirmed', 'restock_sold', 'drain_probe_done'];
  return compose(
    {
      name: 'restock',
      title: 'Restock: sold out, then units come back',
      phases,
      journeys: crowdJourneys(times),
      populations: (units) => crowd(units, profile.system.limits.perCustomer),
      opensAtMs,
      stock: { kind: 'scarce', demandToStock, later: { atMs, share: LATER_SHARE } },
      goals: demandToStock < 2 ? goals : [...goals, 'sold_out_seen'],
    },
    inputs,
  );
}
