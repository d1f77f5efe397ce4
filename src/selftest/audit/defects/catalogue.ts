/** Every planted defect. Loaded by the selftest of the audit and by nothing else. */
import type { Defect } from '../defect.ts';
import { ACCESS_DEFECTS } from './access.ts';
import { ADMISSION_DEFECTS } from './admission.ts';
import { ARCHIVE_DEFECTS } from './archive.ts';
import { EVENT_DEFECTS } from './events.ts';
import { HOLD_DEFECTS } from './inventory-holds.ts';
import { UNIT_DEFECTS } from './inventory-units.ts';
import { ORDER_DEFECTS } from './orders.ts';
import { PAYMENT_MESSAGE_DEFECTS } from './payment-messages.ts';
import { PAYMENT_DEFECTS } from './payments.ts';
import { CARD_DEFECTS, PRICE_DEFECTS } from './prices-and-cards.ts';

export const DEFECTS: readonly Defect[] = [
  ...UNIT_DEFECTS,
  ...HOLD_DEFECTS,
  ...ORDER_DEFECTS,
  ...PAYMENT_DEFECTS,
  ...PAYMENT_MESSAGE_DEFECTS,
  ...PRICE_DEFECTS,
  ...CARD_DEFECTS,
  ...EVENT_DEFECTS,
  ...ARCHIVE_DEFECTS,
  ...ACCESS_DEFECTS,
  ...ADMISSION_DEFECTS,
];
