/** The invariants that every run is judged by, as data: what each says and what it needs. */
import type { EvidenceKind } from '../contract/evidence-kind.ts';

export interface InvariantInfo {
  readonly id: string;
  readonly title: string;
  readonly explanation: string;
  /** With nothing checked it is unknown, because every real run offers something to check. */
  readonly needsEvidence: boolean;
  /** It concludes from what is absent, so missing history records leave a pass unproven. */
  readonly needsWholeHistory: boolean;
  /** It is incomplete without two equal readings of the ledgers. */
  readonly needsLedger: boolean;
}

/** Without these nothing can be said about it: on a target that lacks one it is not judged. */
export const EVIDENCE_NEEDED: Readonly<Record<InvariantId, readonly EvidenceKind[]>> = {
  I1: ['sales', 'supply'],
  I2: ['sales', 'supply', 'stock', 'exclusive', 'hold-times'],
  I3: ['supply', 'stock', 'holds', 'orders'],
  I4: ['holds'],
  I5: ['holds'],
  I6: ['supply', 'exclusive'],
  I7: ['supply', 'exclusive', 'hold-times'],
  I8: ['supply', 'exclusive', 'hold-times'],
  O1: ['sales', 'orders'],
  O2: ['sales', 'orders'],
  O3: ['sales'],
  O4: ['orders', 'prices'],
  O5: ['sales'],
  O6: ['sales'],
  O7: ['sales', 'purchase-limit'],
  O8: ['carts'],
  O9: ['admission'],
  O10: ['sales', 'sale-window'],
  P1: ['sales', 'charges'],
  P2: ['sales', 'orders', 'charges'],
  P3: ['sales', 'orders', 'charges'],
  P4: ['sales'],
  P5: ['orders', 'charges', 'prices'],
  P6: ['callbacks'],
  P7: ['holds', 'orders'],
  P8: ['card-scan'],
  E1: ['events', 'orders'],
  E2: ['events', 'event-versions'],
  E3: ['notifications', 'orders'],
  E4: ['orders', 'archive'],
  A1: ['foreign-probes'],
  A3: ['rate-limits'],
  L1: ['sales'],
};

type Needs = 'evidence' | 'history' | 'ledger';

function invariant<const Id extends string>(
  id: Id,
  title: string,
  explanation: string,
  ...needs: readonly Needs[]
): InvariantInfo & { readonly id: Id } {
  return {
    id,
    title,
    explanation,
    needsEvidence: needs.includes('evidence'),
    needsWholeHistory: needs.includes('history'),
    needsLedger: needs.includes('ledger'),
  };
}

export const INVARIANTS = [
  invariant(
    'I1',
    'No oversell',
    'Per SKU, units ever confirmed less units returned never exceed units seeded and restocked; nor do units surely held or sold at any instant.',
    'evidence',
    'history',
    'ledger',
  ),
  invariant(
    'I2',
    'No undersell',
    'No unit is stuck: sold-out answers are justified, no hold outlives its time, and a drain probe can buy exactly what is reported available.',
    'evidence',
    'history',
    'ledger',
  ),
  invariant(
    'I3',
    'Stock is conserved',
    'Per SKU and reading, available + held + committed = seeded + restocked, and committed equals the units of confirmed orders.',
    'evidence',
    'ledger',
  ),
  invariant(
    'I4',
    'A hold is resolved at most once',
    'Every hold ends by one of commit, release or expiry, and is never committed after it expired.',
    'evidence',
    'ledger',
  ),
  invariant(
    'I5',
    'Holds expire on time',
    'No hold expires before its time, and none is kept beyond it longer than the sweep may take.',
    'ledger',
  ),
  invariant('I6', 'Stock reads are in bounds', 'Every stock read lies between 0 and the supply.'),
  invariant(
    'I7',
    'Stock reads are possible',
    'Every stock read lies between the least and the most units that can have been free while it was answered.',
    'history',
  ),
  invariant(
    'I8',
    'Stock reads go one way',
    'While no unit can have come back, no shopper is shown more units than a moment before.',
    'history',
  ),
  invariant(
    'O1',
    'No acknowledged order is lost',
    'Every acknowledged order is in every later reading of the ledger, with the same content.',
    'evidence',
    'history',
    'ledger',
  ),
  invariant(
    'O2',
    'No phantom order',
    'Every order of the ledger was placed by that customer under that key, and none under a key declared unused.',
    'evidence',
    'history',
    'ledger',
  ),
  invariant(
    'O3',
    'One order per key and checkout',
    'Order ids are unique; a key and a checkout lead to one order at most.',
    'evidence',
    'ledger',
  ),
  invariant(
    'O4',
    'Prices agree',
    'Catalogue price × units = total of the order = amount charged, in the same currency.',
    'evidence',
    'ledger',
  ),
  invariant(
    'O5',
    'Order states are legal',
    'Every order is in a known state, at rest in a final one, and never seen to leave a final one.',
    'evidence',
    'ledger',
  ),
  invariant(
    'O6',
    'Orders are seen by those who placed them',
    'Whoever placed or cancelled an order finds it so from the answer on: never gone, never as it was before.',
  ),
  invariant(
    'O7',
    'Purchase limit',
    'No customer owns more units of a sale item than allowed, counted over all orders, net of returns.',
    'history',
    'ledger',
  ),
  invariant(
    'O8',
    'Carts keep what is put in',
    'A cart shows no fewer units than were surely put in, and no more than may have been; what was bought has left it.',
    'history',
  ),
  invariant(
    'O9',
    'The queue is fair',
    'Nobody is admitted twice, by a token of somebody else or unqueued; where it is promised, in the order of arrival.',
    'ledger',
  ),
  invariant(
    'O10',
    'Sale window',
    'No sale item is held or sold wholly before the sale opens or after it closes.',
    'history',
  ),
  invariant(
    'P1',
    'No double charge',
    "Per order, charge key and idempotency key, the gateway's own ledger shows one capture at most.",
    'evidence',
    'ledger',
  ),
  invariant(
    'P2',
    'No charge without an order',
    'Every capture that was not given back belongs to a confirmed order.',
    'ledger',
  ),
  invariant(
    'P3',
    'No order without a charge',
    'Every confirmed order was paid for.',
    'evidence',
    'history',
    'ledger',
  ),
  invariant(
    'P4',
    'A key replays its answer',
    'The same key and request give the first answer again; another request under a used key is refused.',
    'history',
  ),
  invariant(
    'P5',
    'Money is conserved',
    'Captures not given back equal the totals of confirmed orders.',
    'evidence',
    'history',
    'ledger',
  ),
  invariant(
    'P6',
    'Payment messages count once',
    'Each message of the payment gateway changes an order once at most, and a forged one never.',
    'ledger',
  ),
  invariant(
    'P7',
    'A failed payment frees the stock',
    'The units of an order that was declined, rejected or expired are for sale again.',
    'ledger',
  ),
  invariant(
    'P8',
    'No card number is kept',
    'No file of shop, gateway or run holds a card number that was paid with, or anything that reads like one.',
    'evidence',
  ),
  invariant(
    'E1',
    'One completion event per order',
    'The event log has exactly one completion event per confirmed order and none for others.',
    'evidence',
    'ledger',
  ),
  invariant(
    'E2',
    'Events of an order are in order',
    'The events of every order are numbered from 1 without a gap, in the order of the log.',
    'evidence',
    'ledger',
  ),
  invariant(
    'E3',
    'One notification per order',
    'The customer of every confirmed order is notified once, and nobody else is.',
    'evidence',
    'ledger',
  ),
  invariant(
    'E4',
    'The archive is complete',
    'No order is lost, changed or doubled on its way into the archive, and only finished ones go there.',
    'ledger',
  ),
  invariant(
    'A1',
    'Nobody gets at the orders of others',
    'Who asks for, cancels, pays or lists what belongs to another customer is refused.',
  ),
  invariant(
    'A3',
    'Rate limits hold',
    'No user and no address is let in more often than the limits allow, nor refused below them.',
  ),
  invariant(
    'L1',
    'The shop recovers',
    'After the last fault every operation succeeds as often as before, and no order is left half done.',
  ),
] as const;

export type InvariantId = (typeof INVARIANTS)[number]['id'];
