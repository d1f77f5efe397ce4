/** Every planted defect. Loaded by the selftest of the audit and by nothing else. */
import type { Defect } from '../defect.ts';
import { ACCESS_DEFECTS } from './access.ts';
import { ARCHIVE_DEFECTS } from './archive.ts';
import { EVENT_DEFECTS } from './events.ts';
import { HOLD_DEFECTS } from './inventory-holds.ts';
import { UNIT_DEFECTS } from './inventory-units.ts';
import { ORDER_DEFECTS } from './orders.ts';
import { PAYMENT_DEFECTS } from './payments.ts';

export const DEFECTS: readonly Defect[] = [
  ...UNIT_DEFECTS,
  ...HOLD_DEFECTS,
  ...ORDER_DEFECTS,
  ...PAYMENT_DEFECTS,
  ...EVENT_DEFECTS,
  ...ARCHIVE_DEFECTS,
  ...ACCESS_DEFECTS,
];
