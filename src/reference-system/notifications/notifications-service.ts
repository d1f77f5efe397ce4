/** Notifications: one message per confirmed order, however often its event is delivered. */
import type { Clock } from '../../base/clock.ts';
import type { EventConsumer } from '../events/event-log.ts';
import type { Page } from '../services.ts';
import type { Store } from '../storage/store.ts';

export interface NotificationRow {
  readonly orderId: string;
  readonly sent: number;
}

/** `orderId`s of notified customers, beside the consumer that sends. */
export interface NotificationsService extends EventConsumer {
  rows(after: string | null, limit: number): Promise<Page<NotificationRow>>;
}

const MAX_PAGE = 10_000;

export function createNotificationsService(options: {
  readonly store: Store;
  readonly clock: Clock;
}): NotificationsService {
  const { store, clock } = options;
  return {
    name: 'notifications',
    async consume(events) {
      const nowUs = Math.floor(clock.nowUs());
      const messages = events
        .filter((event) => event.type === 'order.confirmed')
        .map((event) => [event.orderId, event.id, nowUs]);
      if (messages.length > 0) await store.callAdmitted('send', messages);
    },
    async rows(after, limit) {
      const size = Math.max(1, Math.min(limit, MAX_PAGE));
      const items = await store.callAdmitted<NotificationRow[]>('rows', [after ?? '', size]);
      const last = items.at(-1);
      return { items, next: items.length === size && last !== undefined ? last.orderId : null };
    },
  };
}
