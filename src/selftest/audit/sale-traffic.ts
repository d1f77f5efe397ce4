/** What shoppers and bad luck do in a simulated sale; shares are probabilities. */
import type { CrashPoint } from '../../reference-system/crash-points.ts';

export interface SaleTraffic {
  readonly shoppers: number;
  /** So many customers come back; whoever is not among them buys once. */
  readonly returning: number;
  readonly returningShare: number;
  /** Seeded units per item; item 0 is in the sale and has a purchase limit. */
  readonly units: readonly number[];
  readonly pricesMinor: readonly number[];
  readonly currency: string;
  readonly perCustomer: number;
  readonly opensAtMs: number;
  readonly closesAtMs: number | null;
  /** Shoppers arrive in [0, arriveForMs). */
  readonly arriveForMs: number;
  /** Of shoppers who want the item that is in the sale. */
  readonly hotShare: number;
  readonly maxUnits: number;
  /** Of shoppers who buy with a cart, most of them two items. */
  readonly cartShare: number;
  /** How often a shopper looks at the stock before the first checkout. */
  readonly looks: number;
  readonly abandonShare: number;
  /** Of shoppers who pay about when their hold runs out. */
  readonly lateShare: number;
  readonly cancelShare: number;
  readonly duplicateShare: number;
  readonly replayShare: number;
  readonly changedShare: number;
  /** Of shoppers whose second click sends the same checkout under a key of its own. */
  readonly secondKeyShare: number;
  /** Of shoppers who click "buy" twice: two checkouts at the same time. */
  readonly secondCheckoutShare: number;
  /** Of shoppers who ask for their order from the moment on that they sent it. */
  readonly pollShare: number;
  /** Of requests, and of answers, that are lost between shopper and shop. */
  readonly lossShare: number;
  /** Each customer counts keys alone, so that many use the same ones. */
  readonly sharedKeys: boolean;
  readonly declinedShare: number;
  /** Of answers of the payment gateway that are lost after it captured. */
  readonly lostAnswers: number;
  /** Of requests that never reach the payment gateway. */
  readonly gatewayLossShare: number;
  readonly paymentP99Ms: number;
  /** Of batches of events that are delivered twice. */
  readonly redeliveryShare: number;
  /** How long a completed order rests before it is archived; null: for ever. */
  readonly archiveAfterMs: number | null;
  readonly restockShare: number;
  /** The shop dies so often in the sale, each time at a point drawn from `crashPoints`. */
  readonly crashes: number;
  /** They come within so long; null: for as long as shoppers arrive, and a little longer. */
  readonly crashWithinMs: number | null;
  /** They are declared as faults of the run, which then must recover from them. */
  readonly crashesDeclared: boolean;
  /** Empty: any. */
  readonly crashPoints: readonly CrashPoint[];
}

export const USUAL_TRAFFIC: SaleTraffic = {
  shoppers: 45,
  returning: 6,
  returningShare: 0.4,
  units: [8, 16],
  pricesMinor: [1999, 2450],
  currency: 'EUR',
  perCustomer: 2,
  opensAtMs: 200,
  closesAtMs: null,
  arriveForMs: 3000,
  hotShare: 0.7,
  maxUnits: 2,
  cartShare: 0,
  looks: 1,
  abandonShare: 0.15,
  lateShare: 0.1,
  cancelShare: 0.12,
  duplicateShare: 0.15,
  replayShare: 0.2,
  changedShare: 0.15,
  secondKeyShare: 0.1,
  secondCheckoutShare: 0.08,
  pollShare: 0.25,
  lossShare: 0.04,
  sharedKeys: false,
  declinedShare: 0.1,
  lostAnswers: 0.08,
  gatewayLossShare: 0.04,
  paymentP99Ms: 250,
  redeliveryShare: 0.05,
  archiveAfterMs: 900,
  restockShare: 0.4,
  crashes: 0,
  crashWithinMs: null,
  crashesDeclared: false,
  crashPoints: [],
};
