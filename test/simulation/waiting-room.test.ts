// The waiting room on real files and a virtual clock: whatever its visitors do and whenever it dies,
// its book stays within what it promises.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createVirtualClock, type VirtualClock } from '../../src/base/clock.ts';
import type { AdmissionRow } from '../../src/contract/ledger.ts';
import type { AdmissionOptions } from '../../src/contract/profile.ts';
import {
  type QueuePlace,
  Refusal,
  type SaleService,
  type SaleWindow,
} from '../../src/reference-system/services.ts';
import { openStores } from '../../src/reference-system/storage/open-stores.ts';
import type { Stores } from '../../src/reference-system/storage/store.ts';
import {
  openWaitingRoom,
  type WaitingRoom,
} from '../../src/reference-system/waiting-room/waiting-room.ts';

const OPENS_AT_US = 1_100_000;
const CUSTOMERS = 4;
const STEP_MS = 25;

class RoomBench {
  readonly clock: VirtualClock = createVirtualClock(1_000_000, 1.7e12);
  readonly errors: unknown[] = [];
  readonly #dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'ecomsim-room-'));
  readonly #options: AdmissionOptions;
  #stores!: Stores;
  room!: WaitingRoom;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { clock } = this;
    this.#stores = await openStores({
      ...{ dataDir: this.#dataDir, layout: 'shared', clock },
      ...{ strategy: 'guarded-update', execution: 'inline' },
    });
    const window: SaleWindow = {
      skus: ['hot'],
      opensAtUs: OPENS_AT_US,
      closesAtUs: null,
      perCustomer: 2,
    };
    const sale: SaleService = { announce: () => {}, window: () => window, stateOf: () => 'open' };
    const opening = openWaitingRoom({
      options: this.#options,
      store: this.#stores.of('waiting-room'),
      sale,
      tokenSecret: 'a secret',
      clock,
      onError: (error) => this.errors.push(error),
    });
    this.room = await this.until(opening);
    this.room.start();
  }

  /** Runs the clock until `work` has settled. */
  async until<T>(work: Promise<T>): Promise<T> {
    let isSettled = false;
    const mark = (): void => {
      isSettled = true;
    };
    work.then(mark, mark);
    for (let i = 0; i < 200 && !isSettled; i++) {
      this.clock.advance(0);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return work;
  }

  async advance(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      this.clock.advance(STEP_MS);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Nothing that is not committed survives. */
  async crash(): Promise<void> {
    const stopped = this.room.stop();
    await this.#stores.abandon();
    await this.until(stopped);
    await this.start();
  }

  async rows(): Promise<readonly AdmissionRow[]> {
    return (await this.until(this.room.rows(null, 10_000))).items;
  }

  async dispose(): Promise<void> {
    await this.until(this.room.stop());
    await this.until(this.#stores.close());
    fs.rmSync(this.#dataDir, { recursive: true, force: true });
  }
}

type Act =
  | { readonly kind: 'join' | 'look' | 'buy' | 'fail' | 'buy twice'; readonly customer: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'crash' };

const customer = fc.nat({ max: CUSTOMERS - 1 });
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('join' as const), customer }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('look' as const), customer }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom('buy' as const, 'fail' as const, 'buy twice' as const),
      customer,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat({ max: 700 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'crash' as const }) },
);

/** What its visitors saw, to be compared with its book. */
class Visitors {
  readonly tokens = new Map<number, string>();
  readonly bought = new Map<number, number>();
  readonly codes = new Set<string>();
  readonly #bench: RoomBench;

  constructor(bench: RoomBench) {
    this.#bench = bench;
  }

  async do(one: Act): Promise<void> {
    const { room } = this.#bench;
    switch (one.kind) {
      case 'wait':
        return this.#bench.advance(one.ms);
      case 'crash':
        return this.#bench.crash();
      case 'join':
        return this.#hear(one.customer, await this.#bench.until(room.join(`c-${one.customer}`)));
      case 'look':
        return this.#hear(one.customer, room.look(`c-${one.customer}`));
      case 'buy twice':
        this.#hear(one.customer, room.look(`c-${one.customer}`));
        await Promise.all([this.#buy(one.customer, false), this.#buy(one.customer, false)]);
        return;
      default:
        return this.#buy(one.customer, one.kind === 'fail');
    }
  }

  #hear(customer: number, place: QueuePlace | undefined): void {
    if (place?.status === 'admitted') this.tokens.set(customer, place.token);
    if (place?.status === 'waiting') expect(place.position).toBeGreaterThanOrEqual(1);
  }

  /** With the token that it heard of last: it need not be good any more. */
  async #buy(customer: number, fails: boolean): Promise<void> {
    const token = this.tokens.get(customer) ?? '';
    const work = this.#bench.room.checkOut(`c-${customer}`, token, async (gate) => {
      gate(['hot']);
      if (fails) throw new Refusal(409, 'sold_out');
    });
    try {
      await this.#bench.until(work);
      this.bought.set(customer, (this.bought.get(customer) ?? 0) + 1);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.codes.add(error.code);
    }
  }
}

function expectKept(rows: readonly AdmissionRow[], options: AdmissionOptions): void {
  const admitted = rows
    .filter(({ admittedSeq }) => admittedSeq > 0)
    .sort((a, b) => a.admittedSeq - b.admittedSeq);
  expect(admitted.map(({ admittedSeq }) => admittedSeq)).toEqual(admitted.map((_, i) => i + 1));
  const order = admitted.map(({ joinedSeq }) => joinedSeq);
  expect(order, 'first come, first served').toEqual(order.toSorted((a, b) => a - b));
  const { ratePerSec, atOnce, checkouts, tokenTtlMs } = options;
  for (const [i, row] of admitted.entries()) {
    expect(row.admittedAtUs).toBeGreaterThanOrEqual(OPENS_AT_US);
    expect(row.expiresAtUs - row.admittedAtUs).toBe(tokenTtlMs * 1000);
    expect(row.uses).toBeLessThanOrEqual(checkouts);
    const before = admitted.slice(0, i + 1);
    if (ratePerSec > 0) {
      for (const [from, first] of before.entries()) {
        const most =
          Math.max(1, ratePerSec * 0.2) +
          (ratePerSec * (row.admittedAtUs - first.admittedAtUs)) / 1e6;
        expect(i - from + 1, 'the rate').toBeLessThanOrEqual(most + 1e-6);
      }
    }
    const good = before.filter(
      (other) => other.expiresAtUs > row.admittedAtUs && other.uses < checkouts,
    );
    if (atOnce > 0) expect(good.length, 'the bound').toBeLessThanOrEqual(atOnce);
  }
}

describe('the waiting room', () => {
  it.each<[string, Partial<AdmissionOptions>]>([
    ['a rate', { ratePerSec: 4, atOnce: 0 }],
    ['a bound', { ratePerSec: 0, atOnce: 2 }],
    ['both', { ratePerSec: 8, atOnce: 2 }],
  ])('with %s keeps what it promises, whatever happens', async (_, given) => {
    const options: AdmissionOptions = {
      ...{ waitingRoom: true, ratePerSec: 0, atOnce: 0 },
      ...{ tokenTtlMs: 1500, checkouts: 2, placeTtlMs: 2000 },
      ...given,
    };
    const codes = new Set<string>();
    let admissions = 0;
    let purchases = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 30, maxLength: 60 }), async (acts) => {
        const bench = new RoomBench(options);
        await bench.start();
        try {
          const visitors = new Visitors(bench);
          for (const one of acts) await visitors.do(one);
          await bench.advance(100);
          const rows = await bench.rows();
          expectKept(rows, options);
          for (const [customer, count] of visitors.bought) {
            const own = rows.filter((row) => row.customer === `c-${customer}`);
            expect(own.reduce((sum, { uses }) => sum + uses, 0)).toBe(count);
            purchases += count;
          }
          expect(bench.errors).toEqual([]);
          for (const code of visitors.codes) codes.add(code);
          admissions += rows.filter(({ admittedSeq }) => admittedSeq > 0).length;
        } finally {
          await bench.dispose();
        }
      }),
      { numRuns: 12, seed: 7 },
    );
    // The histories were not empty ones.
    expect(admissions).toBeGreaterThan(30);
    expect(purchases).toBeGreaterThan(5);
    expect([...codes]).toEqual(
      expect.arrayContaining([
        'admission_required',
        'admission_expired',
        'admission_used',
        'sold_out',
      ]),
    );
  });

  it('would be caught at breaking any of it', () => {
    const options = {
      ...{ waitingRoom: true, ratePerSec: 5, atOnce: 2 },
      ...{ tokenTtlMs: 100, checkouts: 2, placeTtlMs: 2000 },
    };
    const rowAt = (seq: number, atUs: number): AdmissionRow => ({
      ...{ id: `w-${seq}`, customer: `c-${seq}`, joinedSeq: seq, joinedAtUs: 0, uses: 0 },
      ...{ admittedSeq: seq, admittedAtUs: atUs, expiresAtUs: atUs + 100_000 },
    });
    const rows = [1, 2, 3].map((seq) => rowAt(seq, OPENS_AT_US + seq * 200_000));
    expect(() => expectKept(rows, options)).not.toThrow();
    const [first, second, third] = rows as [AdmissionRow, AdmissionRow, AdmissionRow];
    for (const broken of [
      [{ ...first, joinedSeq: 9 }, second, third],
      [first, { ...second, admittedSeq: 1 }, third],
      [{ ...first, uses: 3 }, second, third],
      [rowAt(1, OPENS_AT_US - 1), second, third],
      [first, rowAt(2, first.admittedAtUs + 1000), third],
      [{ ...first, expiresAtUs: first.expiresAtUs + 1 }, second, third],
    ]) {
      expect(() => expectKept(broken, options)).toThrow();
    }
    expect(() => expectKept(rows, { ...options, atOnce: 1, tokenTtlMs: 100 })).not.toThrow();
    const long = rows.map((row) => ({ ...row, expiresAtUs: row.admittedAtUs + 900_000 }));
    expect(() => expectKept(long, { ...options, tokenTtlMs: 900 })).toThrow();
  });

  it('gives one place to a customer who asks many times at once', async () => {
    const bench = new RoomBench({
      ...{ waitingRoom: true, ratePerSec: 1, atOnce: 0 },
      ...{ tokenTtlMs: 1500, checkouts: 1, placeTtlMs: 2000 },
    });
    await bench.start();
    const asked = Array.from({ length: 20 }, () => bench.room.join('c-1'));
    const places = await bench.until(Promise.all(asked));
    expect(new Set(places.map((place) => JSON.stringify(place))).size).toBe(1);
    expect(await bench.rows()).toHaveLength(1);
    expect(bench.room.reading()).toMatchObject({ waiting: 1, admitted: 0 });
    await bench.dispose();
  });
});
