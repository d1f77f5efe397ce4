/** What shoppers and bad luck do in a simulated sale; shares are probabilities. */
import type { AdmissionOptions, CallbackOptions } from '../../contract/profile.ts';
import type { CrashPoint } from '../../reference-system/crash-points.ts';

/** Customers below it come back, those from it on buy once. */
export const FIRST_NEW_CUSTOMER = 1000;

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
  /** What befalls the messages of the payment gateway; null: it sends none. */
  readonly callbacks: CallbackOptions | null;
  /** Customers pay with the token of a card of their own instead of one to try things out with. */
  readonly paysByCard: boolean;
  /** Of batches of events that are delivered twice. */
  readonly redeliveryShare: number;
  /** How long a completed order rests before it is archived; null: for ever. */
  readonly archiveAfterMs: number | null;
  readonly restockShare: number;
  /** How often the price of the item that is in the sale changes. */
  readonly priceChanges: number;
  /** The waiting room in front of the item that is in the sale; null: there is none. */
  readonly admission: AdmissionOptions | null;
  /** Of shoppers who try the admission token of somebody else. */
  readonly foreignTokenShare: number;
  /** Requests per second of one customer, a second's worth at once; 0: no limit. */
  readonly perUserPerSec: number;
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
  callbacks: null,
  paysByCard: false,
  redeliveryShare: 0.05,
  archiveAfterMs: 900,
  restockShare: 0.4,
  priceChanges: 0,
  admission: null,
  foreignTokenShare: 0,
  perUserPerSec: 0,
  crashes: 0,
  crashWithinMs: null,
  crashesDeclared: false,
  crashPoints: [],
};

/** Messages of the gateway that come as they should, each soon after what it tells of. */
export const PLAIN_CALLBACKS: CallbackOptions = {
  delay: { p50Ms: 40, p99Ms: 400 },
  ...{ lost: 0, late: 0, lateMs: 1500, duplicated: 0, early: 0, replayed: 0, forged: 0 },
};

/** One checkout for each who is admitted, some of them before others. */
export const WAITING_ROOM: AdmissionOptions = {
  waitingRoom: true,
  ...{ ratePerSec: 25, atOnce: 0, tokenTtlMs: 1500, checkouts: 1, placeTtlMs: 2000 },
};
