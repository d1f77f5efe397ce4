/** Which invariants a target lets nobody judge, and why, in words that say what would help. */
import type { EvidenceKind } from '../contract/evidence-kind.ts';
import type { TargetPromises } from '../contract/target.ts';
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

/** '' when everything it needs is there. */
export function whyNotJudged({ evidence }: TargetPromises, id: InvariantId): string {
  if (evidence === undefined) return '';
  const missing = EVIDENCE_NEEDED[id].filter((kind) => !evidence.includes(kind));
  return missing.map((kind) => WHY[kind]).join('; ');
}
