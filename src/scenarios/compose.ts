/**
 * Puts a scenario together from who comes when: catalogue, stock, sale, contract probes and goals
 * follow from the profile and from what those people are expected to buy.
 */
import { defined } from '../base/assert.ts';
import type { Profile } from '../contract/profile.ts';
import type {
  CatalogueItem,
  Disturbance,
  Journey,
  Phase,
  Population,
  Restock,
  Scenario,
} from '../contract/scenario.ts';
import { generateCatalogue } from './catalogue.ts';
import { expectedSessions, expectedUnits, plannedDemand } from './demand.ts';
import { unitsByRank } from './flash-sale.ts';
import type { ScenarioInputs } from './inputs.ts';
import { popularityOf, ZIPF_EXPONENT } from './popularity.ts';
import { probeShares } from './probe-shares.ts';

const CURRENCY = 'EUR';
/** Fewer expected replays than the share aims at (rounding apart), and there may be none. */
const SURE_REPLAYS = 11.9;
/** Sessions that buy several times make demand vary more than single purchases would. */
const SPREAD = 3;

/**
 * `ample`: nothing ever runs out. `scarce`: sale items have planned demand ÷ `demandToStock` units
 * in all, of which `later.share` comes in at `later.atMs` of the load.
 */
export type StockPlan =
  | { readonly kind: 'ample' }
  | {
      readonly kind: 'scarce';
      readonly demandToStock: number;
      readonly later?: { readonly atMs: number; readonly share: number };
    };

export interface Composition {
  readonly name: string;
  readonly title: string;
  readonly phases: readonly Phase[];
  readonly journeys: readonly Journey[];
  /** `hotUnitsEach`: units of each sale item: what a pool of bot accounts goes by. */
  readonly populations: (hotUnitsEach: number) => readonly Population[];
  /** Offset of T0 from the start of the load. */
  readonly opensAtMs: number;
  readonly stock: StockPlan;
  readonly disturbances?: readonly Disturbance[];
  /** Beside these a replay is required where one is sure to come. */
  readonly goals: readonly string[];
}

interface Stocked {
  readonly hotUnitsEach: number;
  /** Units that can be expected to be ordered. */
  readonly orders: number;
  readonly demandToStock: number;
  readonly unitsOf: (rank: number) => number;
  readonly restocks: readonly Restock[];
}

export function compose(composition: Composition, { profile, seed }: ScenarioInputs): Scenario {
  const { name, title, phases, journeys, opensAtMs, disturbances, goals } = composition;
  const stocked = stockOf(composition, profile);
  const probes = probeShares(stocked.orders);
  const catalogue: CatalogueItem[] = generateCatalogue({
    size: profile.sale.skus,
    seed,
    unitsOf: stocked.unitsOf,
  });
  return {
    name,
    title,
    seed,
    currency: CURRENCY,
    catalogue,
    zipfExponent: ZIPF_EXPONENT,
    phases,
    populations: composition.populations(stocked.hotUnitsEach),
    journeys,
    sale: {
      opensAtMs,
      closesAtMs: null,
      hotItems: Array.from({ length: profile.sale.hotSkus }, (_, rank) => rank),
      demandToStock: stocked.demandToStock,
      perCustomer: profile.system.limits.perCustomer,
      ...(stocked.restocks.length > 0 && { restocks: stocked.restocks }),
    },
    ...(disturbances !== undefined && { disturbances }),
    probes,
    requiredGoals:
      stocked.orders * probes.replay >= SURE_REPLAYS ? [...goals, 'replay_answered'] : goals,
  };
}

function stockOf(composition: Composition, profile: Profile): Stocked {
  const { stock } = composition;
  return stock.kind === 'ample'
    ? ampleStock(composition, profile)
    : scarceStock(composition, profile, stock);
}

function scarceStock(
  { phases, journeys, populations }: Composition,
  profile: Profile,
  { demandToStock, later }: Extract<StockPlan, { kind: 'scarce' }>,
): Stocked {
  const { hotSkus } = profile.sale;
  const popularity = popularityOf(profile);
  const demand = plannedDemand({
    phases,
    populations: populations(1),
    journeys,
    hotProbability: popularity.hot,
  });
  const each = Math.max(1, Math.round(demand.hotUnits / demandToStock / hotSkus));
  const laterUnits = later === undefined ? 0 : Math.max(1, Math.round(each * later.share));
  const atFirst = Math.max(1, each - laterUnits);
  const restocks = Array.from({ length: later === undefined ? 0 : hotSkus }, (_, item) => ({
    atMs: later?.atMs ?? 0,
    item,
    units: laterUnits,
  }));
  return {
    hotUnitsEach: atFirst + laterUnits,
    orders: Math.min((atFirst + laterUnits) * hotSkus, demand.hotUnits) + demand.otherUnits,
    demandToStock,
    unitsOf: unitsByRank({ popularity, demand, hotUnitsEach: atFirst, hotSkus }),
    restocks,
  };
}

/** What is expected to reach the checkout, five standard deviations more, and a few. */
function ampleStock(composition: Composition, profile: Profile): Stocked {
  const { hotSkus } = profile.sale;
  const { zipf } = popularityOf(profile);
  const sessions = expectedSessions(composition.phases);
  let offered = 0;
  let drawn = 0;
  let orders = 0;
  for (const { name, journey: journeyName, hotShare } of composition.populations(1)) {
    const journey = defined(
      composition.journeys.find((candidate) => candidate.name === journeyName),
      `journey ${journeyName}`,
    );
    const count = sessions.get(name) ?? 0;
    const checkouts = count * expectedUnits(journey, 'checkout', 'all');
    offered += checkouts * hotShare;
    drawn += checkouts * (1 - hotShare);
    orders += count * expectedUnits(journey, 'order', 'all');
  }
  const unitsOf = (rank: number): number => {
    const expected = (rank < hotSkus ? offered / hotSkus : 0) + drawn * zipf.probability(rank);
    return Math.ceil(expected + 5 * Math.sqrt(SPREAD * expected)) + 10;
  };
  return { hotUnitsEach: unitsOf(0), orders, demandToStock: 1, unitsOf, restocks: [] };
}
