/** Brings messages of the simulated gateway to whatever life of the shop there is. */
import type { Clock } from '../../base/clock.ts';
import type { Deliver } from '../../reference-system/payments/callback-sender.ts';
import type { SimulatedShop } from './simulated-shop.ts';

/** How long the gateway waits for an answer. */
const TIMEOUT_MS = 2000;
/** As the shop's public port answers. */
const STATUS: Readonly<Record<string, number>> = { unauthorised: 401, refused: 422 };
const TAKEN = 200;
const NOT_NOW = 503;

export function messageLine(shop: SimulatedShop, clock: Clock): Deliver {
  return (message) => {
    const { life } = shop;
    if (life === undefined) return Promise.reject(new Error('the shop is down'));
    return new Promise((resolve, reject) => {
      const timer = clock.after(TIMEOUT_MS, () => reject(new Error('no answer in time')));
      const answer = (status: number): void => {
        // Who has died answers nobody.
        if (!life.alive) return;
        clock.cancel(timer);
        resolve(status);
      };
      life.messages.take(message.headers, message.body).then(
        (outcome) => answer(STATUS[outcome] ?? TAKEN),
        () => answer(NOT_NOW),
      );
    });
  };
}
