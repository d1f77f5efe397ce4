/**
 * The three mixes of TPC-W, the transactional web benchmark of an online bookshop: its fourteen
 * pages, the links between them, and the operations of a shop that they stand for.
 */
import type { Distribution } from '../../base/distributions.ts';
import type { OperationName } from '../../contract/operation.ts';
import type { Journey, JourneyStep, Transition } from '../../contract/scenario.ts';
import { lookAgain } from '../flash-sale-journeys.ts';
import { waitingForOutcome } from '../status-polling.ts';
import { fitTransitions } from './fit-transitions.ts';
import type { Funnel } from './funnel.ts';

interface Page {
  readonly operation: OperationName;
  /** Pages that its links lead to. */
  readonly links: readonly string[];
  /** Percent of all pages in the browsing, shopping and ordering mix. */
  readonly percent: readonly [browsing: number, shopping: number, ordering: number];
}

/**
 * Links: the web page diagram of the TPC-W specification 1.8 as its public implementations carry
 * it out. Percentages: the stationary mix of the transition matrices of java-tpcw (University of
 * Wisconsin), which keep the browse : order ratios of the specification (95:5, 80:20, 50:50).
 * Form pages, an account page and administration have no counterpart in a shop's public interface:
 * they are read requests of the same kind.
 */
const PAGES: Readonly<Record<string, Page>> = {
  home: {
    operation: 'home',
    links: ['new-products', 'best-sellers', 'search-form', 'shopping-cart', 'order-inquiry'],
    percent: [29.0, 16.2, 9.12],
  },
  'new-products': {
    operation: 'search',
    links: ['home', 'product', 'search-form', 'shopping-cart'],
    percent: [11.0, 5.06, 0.46],
  },
  'best-sellers': {
    operation: 'home',
    links: ['home', 'product', 'search-form', 'shopping-cart'],
    percent: [11.0, 5.06, 0.46],
  },
  product: {
    operation: 'viewProduct',
    links: ['home', 'product', 'search-form', 'shopping-cart', 'admin-request'],
    percent: [21.01, 17.14, 12.35],
  },
  'search-form': {
    operation: 'home',
    links: ['home', 'search-results', 'shopping-cart'],
    percent: [12.0, 20.12, 14.54],
  },
  'search-results': {
    operation: 'search',
    links: ['home', 'product', 'search-form', 'shopping-cart'],
    percent: [11.0, 17.1, 13.08],
  },
  'shopping-cart': {
    operation: 'addToCart',
    links: ['home', 'shopping-cart', 'registration'],
    percent: [2.0, 11.15, 13.53],
  },
  registration: {
    operation: 'viewCart',
    links: ['home', 'search-form', 'buy-request'],
    percent: [0.82, 2.88, 12.86],
  },
  'buy-request': {
    operation: 'checkout',
    links: ['home', 'shopping-cart', 'buy-confirm'],
    percent: [0.75, 2.5, 12.73],
  },
  'buy-confirm': {
    operation: 'order',
    links: ['home', 'search-form'],
    percent: [0.69, 1.15, 10.18],
  },
  'order-inquiry': {
    operation: 'viewCart',
    links: ['home', 'search-form', 'order-display'],
    percent: [0.3, 0.76, 0.25],
  },
  'order-display': {
    operation: 'viewCart',
    links: ['home', 'search-form'],
    percent: [0.25, 0.67, 0.22],
  },
  'admin-request': {
    operation: 'viewProduct',
    links: ['home', 'admin-confirm'],
    percent: [0.1, 0.1, 0.12],
  },
  'admin-confirm': {
    operation: 'viewStock',
    links: ['home', 'search-form'],
    percent: [0.09, 0.09, 0.11],
  },
};

const MIXES = ['browsing', 'shopping', 'ordering'] as const;
const START = 'home';
/** Steps of a session that has something in its cart. */
const WITH_CART = '-with-cart';
const STATUS = 'order-status';
/** P(longer) < 1e-9 even in the browsing mix with its long walks along products. */
const MAX_STEPS = 600;

/** As TPC-W has it: negative exponential with a mean of 7 s, cut off at ten times that. */
const THINK_MS = 7000;
const MIN_THINK_MS = 100;
/** A short run thinks faster: a session of a dozen pages takes about an eighth of it. */
const THINKS_PER_RUN = 100;

function thinkTime(durationMs: number): Distribution {
  const paced = Math.max(MIN_THINK_MS, durationMs / THINKS_PER_RUN);
  const meanMs = Math.round(Math.min(THINK_MS, paced));
  return { kind: 'exponential', meanMs, capMs: meanMs * 10 };
}

function pageOf(step: string): string {
  return step.endsWith(WITH_CART) ? step.slice(0, -WITH_CART.length) : step;
}

/**
 * The chain over pages, unfolded by whether the cart holds something: the first visit to the cart
 * puts it there, later ones show it, and an order empties it. Both copies of a page have the same
 * chances, so the mix of pages is that of the chain. Going home ends a session instead: somebody
 * else comes in by the same door, and to the mix that is the same.
 */
function tpcwJourney(name: string, mix: number, durationMs: number): Journey {
  const entries = Object.entries(PAGES);
  const chances = fitTransitions({
    shares: Object.fromEntries(entries.map(([page, { percent }]) => [page, percent[mix] ?? 0])),
    links: Object.fromEntries(entries.map(([page, { links }]) => [page, links])),
  });
  const think = thinkTime(durationMs);
  const steps: Record<string, JourneyStep> = {};
  const pending = [START];
  for (let step = pending.pop(); step !== undefined; step = pending.pop()) {
    if (Object.hasOwn(steps, step)) continue;
    const built = pageStep(step, chances.get(pageOf(step)) ?? new Map(), think);
    steps[step] = built;
    for (const { to } of built.next) if (to !== 'end' && to !== STATUS) pending.push(to);
  }
  const after = (steps[`buy-confirm${WITH_CART}`]?.next ?? []).filter(isPlainSuccess);
  steps[STATUS] = waitingForOutcome({ step: STATUS, poll: think, after });
  return { name, start: START, maxSteps: MAX_STEPS, steps };
}

function isPlainSuccess({ outcomes, reasons }: Transition): boolean {
  return reasons === undefined && outcomes?.includes('ok') === true;
}

function pageStep(
  step: string,
  chances: ReadonlyMap<string, number>,
  think: Distribution,
): JourneyStep {
  const page = pageOf(step);
  const hasCart = step !== page;
  const willHaveCart = page === 'shopping-cart' || (hasCart && page !== 'buy-confirm');
  const operation = page === 'shopping-cart' && hasCart ? 'viewCart' : PAGES[page]?.operation;
  const nameOf = (to: string): string => (willHaveCart ? `${to}${WITH_CART}` : to);
  const buys = operation === 'addToCart' || operation === 'checkout' || operation === 'order';
  const success = rulesOf(chances, nameOf, think);
  return {
    operation: operation ?? 'home',
    item: buys ? 'wanted' : 'browsed',
    quantity: 1,
    next: [...unsettled(operation, think), ...success, ...failure(step, operation, think)],
  };
}

/** Chances one after the other: each rule sees what the ones before it have left. */
function rulesOf(
  chances: ReadonlyMap<string, number>,
  nameOf: (page: string) => string,
  think: Distribution,
): Transition[] {
  const rules: Transition[] = [];
  let left = 1;
  for (const [page, chance] of chances) {
    if (page === START) continue;
    const probability = Math.min(1, chance / left);
    rules.push({ outcomes: ['ok'], probability, to: nameOf(page), think });
    left -= chance;
  }
  return rules;
}

function unsettled(operation: OperationName | undefined, think: Distribution): Transition[] {
  if (operation !== 'order') return [];
  return [
    { outcomes: ['ok'], reasons: ['accepted'], to: STATUS, think },
    { outcomes: ['unknown'], to: STATUS, think },
  ];
}

/** Pages are looked at again; who cannot buy looks for something else, or leaves. */
function failure(
  step: string,
  operation: OperationName | undefined,
  think: Distribution,
): Transition[] {
  if (operation === 'addToCart') return [];
  if (operation === 'checkout' || operation === 'order') {
    const to = `product${WITH_CART}`;
    return [{ outcomes: ['refused', 'failed', 'unknown'], probability: 0.5, to, think }];
  }
  return [lookAgain(step, think)];
}

function pageMix(visits: ReadonlyMap<string, number>): Map<string, number> {
  const percent = new Map(Object.keys(PAGES).map((page) => [page, 0]));
  let all = 0;
  for (const [step, count] of visits) if (step !== STATUS) all += count;
  for (const [step, count] of visits) {
    const page = pageOf(step);
    if (step !== STATUS) percent.set(page, (percent.get(page) ?? 0) + (count / all) * 100);
  }
  return percent;
}

const DESCRIPTIONS = {
  browsing: 'Online bookshop, 95 % looking and 5 % ordering pages (TPC-W WIPSb)',
  shopping: 'Online bookshop, 80 % looking and 20 % ordering pages (TPC-W WIPS)',
  ordering: 'Online bookshop, half of the pages on the way to an order (TPC-W WIPSo)',
};

export const TPCW_FUNNELS: readonly Funnel[] = MIXES.map((mix, index) => ({
  name: `tpcw-${mix}`,
  description: DESCRIPTIONS[mix],
  source: 'TPC-W 1.8; stationary mix of the transition matrices of java-tpcw',
  unit: 'of pages',
  published: Object.fromEntries(
    Object.entries(PAGES).map(([page, { percent }]) => [page, percent[index] ?? 0]),
  ),
  journey: (durationMs) => tpcwJourney(`tpcw-${mix}`, index, durationMs),
  figures: pageMix,
}));
