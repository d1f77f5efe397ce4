/** Every fault that a run can be put through, as data. */
import type { Injection } from '../contract/fault.ts';
import {
  argument,
  type FaultKind,
  forGiven,
  LONGEST_MS,
  lasting,
  SECOND_MS,
} from './fault-kind.ts';
import { PAYMENT_FAULTS } from './payment-faults.ts';

function eventFault(name: string, text: string, injection: Injection): FaultKind {
  return {
    name,
    text,
    arguments: { for: lasting(3 * SECOND_MS) },
    forMs: forGiven,
    inject: () => injection,
  };
}

export const FAULT_KINDS: readonly FaultKind[] = [
  {
    name: 'kill',
    text: 'kill -9 of the shop, which is started again on the same data and ports (after "down")',
    arguments: { down: { kind: 'duration', fallback: 0, min: 0, max: LONGEST_MS } },
    forMs: (values) => argument(values, 'down'),
    inject: () => ({ kind: 'kill' }),
  },
  {
    name: 'pause',
    text: 'the shop is stopped (SIGSTOP) and goes on after "for", knowing nothing of it',
    arguments: { for: lasting(2 * SECOND_MS) },
    forMs: forGiven,
    inject: () => ({ kind: 'pause', process: 'shop' }),
  },
  {
    name: 'stall',
    text: 'the event loop of the shop stands still ("for"), as in a long garbage collection',
    arguments: { for: lasting(SECOND_MS / 2, 10 * SECOND_MS) },
    forMs: forGiven,
    inject: (values) => ({ kind: 'stall', forMs: argument(values, 'for') }),
  },
  {
    name: 'clock-jump',
    text: 'the clocks of the shop jump ("by": +5s or -5s), and back after "for"',
    arguments: {
      by: {
        kind: 'signed-duration',
        fallback: 5 * SECOND_MS,
        min: -LONGEST_MS,
        max: LONGEST_MS,
      },
      for: lasting(3 * SECOND_MS),
    },
    forMs: forGiven,
    inject: (values) => ({ kind: 'clock', skewMs: argument(values, 'by') }),
  },
  {
    name: 'cache-wipe',
    text: 'pages and counters that the shop keeps at hand are forgotten at once and must be made again',
    arguments: {},
    forMs: () => 0,
    inject: () => ({ kind: 'cache-wipe' }),
  },
  eventFault(
    'event-duplicates',
    'every event reaches its consumers several times, within a batch and again, for "for"',
    { kind: 'events', delivery: 'duplicated' },
  ),
  eventFault('event-reorder', 'the events of a batch come in reverse order, for "for"', {
    kind: 'events',
    delivery: 'reordered',
  }),
  eventFault(
    'event-redelivery',
    'events that were dealt with long ago come once more, before and after new ones, for "for"',
    { kind: 'events', delivery: 'repeated' },
  ),
  ...PAYMENT_FAULTS,
];
