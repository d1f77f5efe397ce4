/** A sale that is over almost at once, and everybody who still comes and asks. */
import type { Scenario } from '../contract/scenario.ts';
import { compose } from './compose.ts';
import { checkerJourney } from './crowd-journeys.ts';
import type { ScenarioInputs } from './inputs.ts';
import type { Mix } from './measured-phases.ts';
import { crowd, crowdJourneys, crowdMix, dropTo, planSale, REFRESHERS } from './sale-crowd.ts';

const PRESALE_SHARE = 0.1;
const DROP_SHARE = 0.15;
/** Of the peak. */
const TAIL_RATE = 0.5;
/** How much scarcer than the profile says: the last unit goes within the first second or two. */
const SCARCER = 4;
/** Of those who come in the tail: they press "buy" again and again. */
const CHECKERS = 0.7;

export function buildSoldOutTail(inputs: ScenarioInputs): Scenario {
  const { profile } = inputs;
  const { ratePerSec } = profile.load;
  const { botShare } = profile.sale;
  const tail = ratePerSec * TAIL_RATE;
  const mix = tailMix(botShare);
  const { phases, opensAtMs, times } = planSale(
    {
      presaleShare: PRESALE_SHARE,
      waitingMix: crowdMix(botShare, REFRESHERS.waiting),
      parts: [
        {
          name: 'drop',
          share: DROP_SHARE,
          shape: dropTo(tail, ratePerSec),
          mix: crowdMix(botShare, REFRESHERS.drop),
        },
        {
          name: 'tail',
          share: 1 - DROP_SHARE,
          shape: () => ({ kind: 'constant', perSec: tail }),
          mix,
        },
      ],
      stagesMix: mix,
    },
    inputs,
  );
  return compose(
    {
      name: 'sold-out-tail',
      title: 'Sold-out tail: gone at once, and they keep asking',
      phases,
      journeys: [...crowdJourneys(times), checkerJourney(times)],
      populations: (units) => [
        ...crowd(units, profile.system.limits.perCustomer),
        { name: 'checker', journey: 'check-again', hotShare: 1, accounts: { kind: 'own' } },
      ],
      opensAtMs,
      stock: { kind: 'scarce', demandToStock: profile.sale.demandToStock * SCARCER },
      goals: ['order_confirmed', 'sold_out_seen', 'drain_probe_done'],
    },
    inputs,
  );
}

function tailMix(botShare: number): Mix {
  const others = Object.entries(crowdMix(botShare, REFRESHERS.tail));
  const rest = others.map(([name, weight]) => [name, weight * (1 - CHECKERS)] as const);
  return { ...Object.fromEntries(rest), checker: CHECKERS };
}
