/** What an audit may rest on. A target that is not ours offers only what its file declares. */

/**
 * `sales` orders are placed · `supply` units at the start are known · `stock` what is available ·
 * `holds` `orders` `charges` `events` `notifications` lists of the ledger · `hold-times` how long a
 * checkout holds its units · `exclusive` nobody else buys meanwhile · `prices` what items cost ·
 * `purchase-limit` units per customer · `sale-window` the sale opens when we say ·
 * `archive` completed orders moved out of the live list · `callbacks` messages of the payment gateway
 * and what came of them · `admission` the waiting room's book · `rate-limits` what one user or
 * address may ask per second · `event-versions` events numbered per order · `foreign-probes` requests
 * for what belongs to another customer · `card-scan` all that is stored was searched for card
 * numbers · `carts` what is in a cart · `tickets` a number that rises with every hold of an item.
 */
export const EVIDENCE_KINDS = [
  'sales',
  'supply',
  'stock',
  'holds',
  'orders',
  'charges',
  'events',
  'notifications',
  'hold-times',
  'exclusive',
  'prices',
  'purchase-limit',
  'sale-window',
  'archive',
  'callbacks',
  'admission',
  'rate-limits',
  'event-versions',
  'foreign-probes',
  'card-scan',
  'carts',
  'tickets',
] as const;

export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];
