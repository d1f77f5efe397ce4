/** Defects of what stands in front of the shop: the waiting room and the rate limit. */
import type { Clock } from '../../../base/clock.ts';
import { RateLimit } from '../../../reference-system/gateway/rate-limit.ts';
import { Refusal, type WaitingRoomService } from '../../../reference-system/services.ts';
import type { Defect, Replacements, RequestLimit } from '../defect.ts';
import { WAITING_ROOM } from '../sale-traffic.ts';

type CheckOut = WaitingRoomService['checkOut'];

/** The room's own methods stay bound to it. */
function room(checkOut: (real: WaitingRoomService) => CheckOut): Replacements {
  return {
    waitingRoom: (real) => ({
      join: (customer) => real.join(customer),
      look: (customer) => real.look(customer),
      checkOut: checkOut(real),
      exempt: (from, count) => real.exempt(from, count),
      close: () => real.close(),
      reading: () => real.reading(),
      rows: (after, limit) => real.rows(after, limit),
    }),
  };
}

const OPEN_GATE = (): void => {};

/** Whom the gate refuses for one of `codes` it lets in all the same, uncounted. */
function lenientOn(codes: readonly string[]): Replacements {
  return room((real) => async (customer, token, work) => {
    try {
      return await real.checkOut(customer, token, work);
    } catch (error) {
      if (error instanceof Refusal && codes.includes(error.code)) return work(OPEN_GATE);
      throw error;
    }
  });
}

/** [sale, seq, customer, expiry]: anybody can read it, nobody else can sign it. */
function customerOf(token: string): string {
  const claims = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
  return claims === '' ? '' : ((JSON.parse(claims) as string[])[2] ?? '');
}

/** Counts whole seconds of the clock: two of them meet at every edge. */
function fixedWindows(clock: Clock, perSec: number): RequestLimit {
  const used = new Map<string, { second: number; requests: number }>();
  return {
    take: (name) => {
      const second = Math.floor(clock.nowUs() / 1e6);
      const known = used.get(name);
      const window = known?.second === second ? known : { second, requests: 0 };
      used.set(name, window);
      return ++window.requests <= perSec;
    },
  };
}

/** Impatient customers: a request every 20 to 40 ms for a good second. */
const BURSTS = { perUserPerSec: 10, pollShare: 1, shoppers: 60, duplicateShare: 0.6 } as const;

export const ADMISSION_DEFECTS: readonly Defect[] = [
  {
    id: 'admission-of-anybody',
    text: 'an admission token lets in whoever shows it',
    invariant: 'A4',
    traffic: { admission: { ...WAITING_ROOM, checkouts: 2 }, foreignTokenShare: 0.4 },
    plant: () =>
      room(
        (real) => (customer, token, work) =>
          real.checkOut(token === '' ? customer : customerOf(token), token, work),
      ),
  },
  {
    id: 'admission-used-twice',
    text: 'an admission token that was used up is taken again',
    invariant: 'A4',
    traffic: { admission: WAITING_ROOM, secondCheckoutShare: 0.6, units: [30, 16] },
    plant: () => lenientOn(['admission_used']),
  },
  {
    id: 'admission-never-expires',
    text: 'an admission token is taken after its time',
    invariant: 'A4',
    traffic: {
      admission: { ...WAITING_ROOM, tokenTtlMs: 250, checkouts: 3 },
      ...{ secondCheckoutShare: 0.8, units: [30, 16] },
    },
    plant: () => lenientOn(['admission_expired']),
  },
  {
    id: 'waiting-room-bypassed',
    text: 'who has no admission token is let in as well',
    invariant: 'A4',
    traffic: { admission: { ...WAITING_ROOM, ratePerSec: 2 }, units: [30, 16] },
    plant: () => lenientOn(['admission_required']),
  },
  {
    id: 'admitted-above-the-rate',
    text: 'the waiting room admits twice as many a second as it says',
    invariant: 'A4',
    traffic: { admission: { ...WAITING_ROOM, ratePerSec: 6 } },
    plant: () => ({
      admission: (promised) => ({ ...promised, ratePerSec: 2 * promised.ratePerSec }),
    }),
  },
  {
    id: 'admitted-above-the-bound',
    text: 'the waiting room lets in twice as many at a time as it says',
    invariant: 'A4',
    traffic: { admission: { ...WAITING_ROOM, ratePerSec: 0, atOnce: 4 } },
    plant: () => ({ admission: (promised) => ({ ...promised, atOnce: 2 * promised.atOnce }) }),
  },
  {
    id: 'admitted-before-the-sale',
    text: 'the waiting room admits before the sale has opened',
    invariant: 'A4',
    traffic: { admission: WAITING_ROOM, opensAtMs: 1200 },
    plant: () => ({
      sale: (real) => {
        let told = real.window();
        let early = told;
        return {
          ...real,
          window: () => {
            const window = real.window();
            if (window !== told) early = { ...window, opensAtUs: window.opensAtUs - 1e6 };
            told = window;
            return early;
          },
        };
      },
    }),
  },
  {
    id: 'admitted-out-of-order',
    text: 'those who are admitted together are admitted in reverse',
    invariant: 'O9',
    traffic: { admission: { ...WAITING_ROOM, ratePerSec: 40 }, opensAtMs: 1000 },
    plant: () => ({
      procedures: {
        'waiting-room': (real) => ({
          admit: (batch: { readonly admitted: readonly (readonly number[])[] }) => {
            const seqs = batch.admitted.map((args) => args[3] ?? 0).reverse();
            const admitted = batch.admitted.map((args, i) => [...args.slice(0, 3), seqs[i]]);
            return real['admit']?.({ ...batch, admitted });
          },
        }),
      },
    }),
  },
  {
    id: 'places-forgotten-on-restart',
    text: 'the numbers of the queue begin anew after a restart',
    invariant: 'O9',
    traffic: {
      admission: { ...WAITING_ROOM, ratePerSec: 12 },
      ...{ crashes: 3, crashPoints: ['checkout: stored', 'order: claimed'] },
    },
    plant: () => ({
      rewrites: [
        { store: 'waiting-room', from: 'COALESCE(MAX(admitted_seq), 0)', to: '0 * COUNT(*)' },
      ],
    }),
  },
  {
    id: 'limit-of-fixed-windows',
    text: 'the rate limit counts whole seconds: at their edge twice as many come in',
    invariant: 'A3',
    traffic: BURSTS,
    plant: ({ clock, perUserPerSec }) => ({ rateLimit: () => fixedWindows(clock, perUserPerSec) }),
  },
  {
    id: 'limit-per-process',
    text: 'each of three processes has a rate limit of its own',
    invariant: 'A3',
    traffic: BURSTS,
    plant: ({ clock, perUserPerSec }) => {
      const limits = [1, 2, 3].map(() => new RateLimit(perUserPerSec, clock));
      let next = 0;
      return {
        rateLimit: () => ({ take: (name) => limits[next++ % limits.length]?.take(name) ?? true }),
      };
    },
  },
  {
    id: 'limit-shared-by-all',
    text: 'what one customer asks for counts for the rate limit of all of them',
    invariant: 'A3',
    traffic: BURSTS,
    plant: () => ({ rateLimit: (real) => ({ take: () => real.take('everybody') }) }),
  },
];
