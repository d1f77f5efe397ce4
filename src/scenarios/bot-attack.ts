/** A flash sale that is mostly bots: scalpers, cart hoarders, scrapers, and some people. */
import type { Scenario } from '../contract/scenario.ts';
import { compose } from './compose.ts';
import { hoarderJourney, scraperJourney } from './crowd-journeys.ts';
import type { ScenarioInputs } from './inputs.ts';
import type { Mix } from './measured-phases.ts';
import { crowd, crowdJourneys, crowdMix, dropTo, planSale, REFRESHERS } from './sale-crowd.ts';

/**
 * Share of arrivals at least. Observed: bots are two fifths of retail traffic (Imperva), half of
 * cart requests (Deduce, 2020) and up to 97 % of a sneaker drop (Queue-it, 2022).
 */
const BOT_SHARE = 0.8;
/** Among the bots. */
const HOARDERS = 0.2;
const SCRAPERS = 0.08;
const PRESALE_SHARE = 0.18;
const DROP_SHARE = 0.7;
const TAIL_RATE = 0.2;
/** Accounts of hoarders: enough to hold a tenth more than all units of an item at once. */
const HOARDED_SHARE = 1.1;
const SCRAPER_ACCOUNTS = 50;

export function buildBotAttack(inputs: ScenarioInputs): Scenario {
  const { profile } = inputs;
  const { ratePerSec } = profile.load;
  const { demandToStock } = profile.sale;
  const { holdTtlMs, sweepEveryMs } = profile.system.inventory;
  const { perCustomer } = profile.system.limits;
  const tail = ratePerSec * TAIL_RATE;
  const share = Math.max(BOT_SHARE, profile.sale.botShare);
  const mixOf = (refreshers: number): Mix => attackMix(share, refreshers);
  const { phases, opensAtMs, times } = planSale(
    {
      presaleShare: PRESALE_SHARE,
      waitingMix: mixOf(REFRESHERS.waiting),
      parts: [
        {
          name: 'drop',
          share: DROP_SHARE,
          shape: dropTo(tail, ratePerSec),
          mix: mixOf(REFRESHERS.drop),
        },
        {
          name: 'tail',
          share: 1 - DROP_SHARE,
          shape: () => ({ kind: 'constant', perSec: tail }),
          mix: mixOf(REFRESHERS.tail),
        },
      ],
      stagesMix: mixOf(REFRESHERS.drop),
    },
    inputs,
  );
  const goals = ['order_confirmed', 'drain_probe_done'];
  const scarce = ['sold_out_seen', 'sold_out_while_held', 'limit_refused', 'hold_expired'];
  const holdMs = holdTtlMs + sweepEveryMs;
  return compose(
    {
      name: 'bot-attack',
      title: 'Bot attack: four of five arrivals are programs',
      phases,
      journeys: [
        ...crowdJourneys(times),
        hoarderJourney({ times, holdMs, units: perCustomer }),
        scraperJourney(),
      ],
      populations: (units) => [
        ...crowd(units, perCustomer),
        {
          name: 'hoarder',
          journey: 'hoard',
          hotShare: 1,
          accounts: { kind: 'pool', size: Math.ceil((units * HOARDED_SHARE) / perCustomer) },
          bot: true,
        },
        {
          name: 'scraper',
          journey: 'scrape',
          hotShare: 0,
          accounts: { kind: 'pool', size: SCRAPER_ACCOUNTS },
          bot: true,
        },
      ],
      opensAtMs,
      stock: { kind: 'scarce', demandToStock },
      goals: demandToStock < 2 ? goals : [...goals, ...scarce],
    },
    inputs,
  );
}

function attackMix(share: number, refreshers: number): Mix {
  const scalpers = share * (1 - HOARDERS - SCRAPERS);
  const people = crowdMix(0, refreshers);
  return {
    shopper: (people['shopper'] ?? 0) * (1 - share),
    refresher: (people['refresher'] ?? 0) * (1 - share),
    bot: scalpers,
    hoarder: share * HOARDERS,
    scraper: share * SCRAPERS,
  };
}
