/** Which invariants a run lets nobody judge, and why, in words that say what would help. */
import type { EvidenceKind } from '../contract/evidence-kind.ts';
import type { AuditContext } from './context.ts';
import { EVIDENCE_NEEDED, type InvariantId } from './invariants.ts';

const WHY: Readonly<Record<EvidenceKind, string>> = {
  sales: 'no orders are placed on this target',
  supply: 'the units at the start are not known (ledger.stock)',
  stock: 'the stock cannot be read (ledger.stock)',
  holds: 'the target does not list its holds',
  orders: 'the orders cannot be read (ledger.orders)',
  charges: 'the payments cannot be read (ledger.payments)',
  events: 'the target does not list its events',
  notifications: 'the target does not list its notifications',
  'hold-times': 'how long a checkout holds units is not declared (holdTtl)',
  exclusive: 'others may buy at the same time (exclusive)',
  prices: 'the prices are not known',
  'purchase-limit': 'the purchase limit is not known',
  'sale-window': 'when the sale opens is not in our hands',
  archive: 'the target does not list its archive',
  callbacks: 'the messages of the payment gateway cannot be read',
  admission: 'the target does not list who was admitted when',
  'rate-limits': 'the limits per user and address are not known',
  'event-versions': 'the events are not numbered per order',
  'foreign-probes': 'nobody asked for what belongs to another customer',
  'card-scan': 'what the target stores cannot be searched for card numbers',
  carts: 'what is in a cart cannot be read',
};

/** What not every run has, even where the target would show it. */
const IS_THERE: Readonly<Partial<Record<EvidenceKind, (context: AuditContext) => boolean>>> = {
  archive: ({ last }) => last?.ledger.archived !== undefined,
  callbacks: ({ last }) =>
    last?.ledger.callbacks !== undefined && last.ledger.callbackEffects !== undefined,
  admission: ({ last }) => last?.ledger.admissions !== undefined,
  'event-versions': ({ last }) =>
    last?.ledger.events.some(({ version }) => version !== undefined) ?? false,
  'rate-limits': ({ input }) => {
    const { perUserPerSec = 0, perAddressPerSec = 0 } = input.promises.rateLimits ?? {};
    return perUserPerSec > 0 || perAddressPerSec > 0;
  },
  carts: ({ carts }) => carts.size > 0,
  'foreign-probes': ({ input }) => input.foreignProbes !== undefined,
  'card-scan': ({ input }) => input.cardScan !== undefined,
};

/** The bundled shop always has something of it: what is not there was left out by accident. */
const ALWAYS_MEANT: ReadonlySet<EvidenceKind> = new Set(['foreign-probes', 'card-scan']);

/** Where the bundled shop was set up without it. */
const WITHOUT: Readonly<Partial<Record<EvidenceKind, string>>> = {
  archive: 'the shop keeps no archive',
  callbacks: 'the payment gateway sends no messages',
  admission: 'there is no waiting room',
  'event-versions': 'the events are not numbered per order',
  'rate-limits': 'there are no limits per user or address',
  carts: 'nobody put anything into a cart',
};

export interface Gap {
  readonly reason: string;
  /** False: the run has nothing that the invariant is about, and nothing is missing. */
  readonly applies: boolean;
}

/** Undefined when everything it needs is there. */
export function gapOf(context: AuditContext, id: InvariantId): Gap | undefined {
  const { evidence } = context.input.promises;
  const needed = EVIDENCE_NEEDED[id];
  const withheld = needed.filter((kind) => evidence?.includes(kind) === false);
  if (withheld.length > 0) {
    return { reason: withheld.map((kind) => WHY[kind]).join('; '), applies: true };
  }
  const absent = needed.filter((kind) => IS_THERE[kind]?.(context) === false);
  if (absent.length > 0) {
    return {
      reason: absent.map((kind) => WITHOUT[kind] ?? WHY[kind]).join('; '),
      applies: absent.some((kind) => ALWAYS_MEANT.has(kind)),
    };
  }
  if (id === 'L1' && (context.input.faults ?? []).length === 0) {
    return { reason: 'the run had no faults to recover from', applies: false };
  }
  return undefined;
}
