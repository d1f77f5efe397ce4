/** What an audit may rest on. A target that is not ours offers only what its file declares. */

/**
 * `sales` orders are placed · `supply` units at the start are known · `stock` what is available ·
 * `holds` `orders` `charges` `events` `notifications` lists of the ledger · `hold-times` how long a
 * checkout holds its units · `exclusive` nobody else buys meanwhile · `prices` what items cost ·
 * `purchase-limit` units per customer · `sale-window` the sale opens when we say.
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
] as const;

export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];
