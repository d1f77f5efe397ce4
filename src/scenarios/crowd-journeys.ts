/** Journeys beside those that buy: cart hoarders, scrapers, and those who come when all is gone. */
import type { Journey } from '../contract/scenario.ts';
import type { JourneyTimes } from './flash-sale-journeys.ts';
import { waitingForOutcome } from './status-polling.ts';
import { around, NO_THINK } from './think-times.ts';

/** Sessions last as long as the run; this only bounds them. */
const MAX_HOLDS = 400;
/** Pages of one scraping session; the next one goes on elsewhere. */
const SCRAPED_PAGES = 25;
const MAX_SCRAPED_PAGES = 400;

export interface HoarderOptions {
  readonly times: JourneyTimes;
  /** When an unpaid hold ends, the sweep included. */
  readonly holdMs: number;
  /** Units it may hold at once: the purchase limit. */
  readonly units: number;
}

/**
 * Takes as much as it may, never pays, and takes it again when it has expired, until it is refused:
 * the "denial of inventory" of the OWASP Automated Threats (OAT-021).
 */
export function hoarderJourney({ times, holdMs, units }: HoarderOptions): Journey {
  return {
    name: 'hoard',
    start: 'watch',
    maxSteps: Math.ceil(times.presaleMs / (times.pollMs * 0.6)) + MAX_HOLDS,
    steps: {
      watch: {
        operation: 'viewStock',
        item: 'wanted',
        quantity: 1,
        next: [
          { reasons: ['sale_upcoming'], to: 'watch', think: around(times.pollMs) },
          { reasons: ['in_stock'], to: 'hold', think: NO_THINK },
          { probability: 0.8, to: 'watch', think: around(1000) },
        ],
      },
      hold: {
        operation: 'checkout',
        item: 'wanted',
        quantity: units,
        direct: true,
        next: [
          { outcomes: ['ok'], to: 'hold', think: around(holdMs, 1.02, 1.2) },
          { reasons: ['sale_closed'], to: 'watch', think: around(times.pollMs) },
          { outcomes: ['unknown'], probability: 0.8, to: 'hold', think: around(250) },
        ],
      },
    },
  };
}

/**
 * Reads the catalogue from search and product pages with hardly a pause (OAT-011, scraping). Who is
 * told to slow down goes on all the same.
 */
export function scraperJourney(): Journey {
  const pause = around(20);
  const goOn = 1 - 1 / SCRAPED_PAGES;
  return {
    name: 'scrape',
    start: 'search',
    maxSteps: MAX_SCRAPED_PAGES,
    steps: {
      search: {
        operation: 'search',
        item: 'browsed',
        quantity: 1,
        next: [{ probability: goOn, to: 'product', think: pause }],
      },
      product: {
        operation: 'viewProduct',
        item: 'browsed',
        quantity: 1,
        next: [
          { probability: 0.1, to: 'search', think: pause },
          { probability: goOn, to: 'product', think: pause },
        ],
      },
    },
  };
}

/**
 * Comes when everything is gone and keeps pressing "buy", in the hope of somebody's expired hold.
 */
export function checkerJourney(times: JourneyTimes): Journey {
  const { pace } = times;
  return {
    name: 'check-again',
    start: 'try',
    maxSteps: 60,
    steps: {
      try: {
        operation: 'checkout',
        item: 'wanted',
        quantity: 1,
        direct: true,
        next: [
          { outcomes: ['ok'], to: 'order', think: around(600 * pace) },
          { reasons: ['sold_out'], probability: 0.6, to: 'try', think: around(1200 * pace) },
          { reasons: ['sold_out'], probability: 0.5, to: 'look', think: around(1200 * pace) },
          { reasons: ['sale_closed'], to: 'look', think: around(times.pollMs) },
        ],
      },
      look: {
        operation: 'viewStock',
        item: 'wanted',
        quantity: 1,
        next: [
          { reasons: ['sale_upcoming'], to: 'look', think: around(times.pollMs) },
          { reasons: ['in_stock'], to: 'try', think: around(300 * pace) },
          { reasons: ['out_of_stock'], probability: 0.6, to: 'look', think: around(1500 * pace) },
        ],
      },
      order: {
        operation: 'order',
        item: 'wanted',
        quantity: 1,
        next: [
          { outcomes: ['ok'], reasons: ['accepted'], to: 'status', think: around(800 * pace) },
          { outcomes: ['unknown'], to: 'status', think: around(800 * pace) },
        ],
      },
      status: waitingForOutcome({ step: 'status', poll: around(800 * pace), order: 'order' }),
    },
  };
}
