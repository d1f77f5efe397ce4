/**
 * The waiting room: a place per customer and sale, first come first served, and a signed token for
 * those whose turn it is. The book is durable; who asked when is not, so after a restart everybody
 * who waits counts as having just asked.
 */
import { hash } from 'node:crypto';
import { BoundedQueue } from '../../base/bounded-queue.ts';
import type { Clock, TimerHandle } from '../../base/clock.ts';
import type { AdmissionRow } from '../../contract/ledger.ts';
import type { AdmissionOptions } from '../../contract/profile.ts';
import type { WaitingRoomReading } from '../../contract/target.ts';
import {
  type QueuePlace,
  Refusal,
  type SaleService,
  type SaleWindow,
  type WaitingRoomService,
} from '../services.ts';
import type { Store } from '../storage/store.ts';
import { AdmissionPace } from './admission-pace.ts';
import { type AdmissionTokens, createAdmissionTokens } from './admission-token.ts';
import { type Place, WaitingLine } from './waiting-line.ts';
import type { AdmitArgs, JoinArgs, StoredRoom } from './waiting-room-procedures.ts';

export interface WaitingRoomParts {
  readonly options: AdmissionOptions;
  readonly store: Store;
  readonly sale: SaleService;
  readonly tokenSecret: string;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

/** Beyond it nobody gets a place; whoever is turned away may try again. */
const MAX_WAITING = 262_144;
const TICK_MS = 50;
const MAX_PAGE = 10_000;

/** Reads the book first: what was promised before a restart still holds. */
export async function openWaitingRoom(parts: WaitingRoomParts): Promise<WaitingRoom> {
  const room = new WaitingRoom(parts);
  await room.recover();
  return room;
}

function saleIdOf({ skus, opensAtUs }: SaleWindow): string {
  return hash('sha256', JSON.stringify([skus, opensAtUs]), 'base64url').slice(0, 16);
}

export class WaitingRoom implements WaitingRoomService {
  readonly #options: AdmissionOptions;
  readonly #store: Store;
  readonly #sale: SaleService;
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;
  readonly #tokens: AdmissionTokens;
  readonly #pace: AdmissionPace;
  readonly #exempt: { readonly from: number; readonly until: number }[] = [];
  #window: SaleWindow | undefined;
  #saleId = '';
  #saleSkus: ReadonlySet<string> = new Set();
  #line = new WaitingLine(MAX_WAITING);
  #admitted = new BoundedQueue<Place>(MAX_WAITING);
  #places = new Map<string, Place>();
  /** Places whose row is being written. */
  readonly #joining = new Map<string, Promise<Place>>();
  #lastSeq = 0;
  #lastAdmittedSeq = 0;
  /** Latest of those who were admitted, by order of arrival. */
  #latestSeq = 0;
  #active = 0;
  readonly #counts = { admitted: 0, unused: 0, passedOver: 0, overtaken: 0 };
  #isClosed = false;
  #ticker: TimerHandle | undefined;
  #admitting: Promise<void> | undefined;

  constructor(parts: WaitingRoomParts) {
    this.#options = parts.options;
    this.#store = parts.store;
    this.#sale = parts.sale;
    this.#clock = parts.clock;
    this.#onError = parts.onError;
    this.#tokens = createAdmissionTokens(parts.tokenSecret);
    this.#pace = new AdmissionPace(parts.options, parts.clock.nowUs());
  }

  async recover(): Promise<void> {
    this.#followSale();
    const nowUs = this.#nowUs();
    const stored = await this.#store.callAdmitted<StoredRoom>('load', [this.#saleId, nowUs]);
    this.#lastSeq = stored.lastSeq;
    this.#lastAdmittedSeq = stored.lastAdmittedSeq;
    const known = stored.open.map((row): Place => {
      const state = row.admittedSeq > 0 ? 'admitted' : 'waiting';
      return { ...row, state, before: 0, askedAtUs: nowUs, usesBegun: 0 };
    });
    const bySeq = new Map(stored.open.map(({ seq, admittedSeq }) => [seq, admittedSeq]));
    const turnOf = ({ seq }: Place): number => bySeq.get(seq) ?? 0;
    for (const place of known.filter(({ state }) => state === 'waiting')) {
      this.#places.set(place.customer, place);
      this.#line.push(place);
    }
    const inside = known.filter(({ state }) => state === 'admitted');
    for (const place of inside.sort((a, b) => turnOf(a) - turnOf(b))) {
      if (place.uses >= this.#options.checkouts) continue;
      this.#places.set(place.customer, place);
      this.#letIn(place);
    }
  }

  start(): void {
    this.#ticker ??= this.#clock.every(TICK_MS, () => this.#tick());
  }

  async stop(): Promise<void> {
    if (this.#ticker !== undefined) this.#clock.cancel(this.#ticker);
    this.#ticker = undefined;
    await this.#admitting;
  }

  async join(customer: string): Promise<QueuePlace> {
    this.#followSale();
    this.#refuseUnlessAnnounced();
    const known = this.look(customer);
    if (known !== undefined) return known;
    let joining = this.#joining.get(customer);
    if (joining === undefined) {
      joining = this.#takePlace(customer).finally(() => this.#joining.delete(customer));
      this.#joining.set(customer, joining);
    }
    return this.#view(await joining);
  }

  look(customer: string): QueuePlace | undefined {
    this.#followSale();
    this.#dropExpired(this.#nowUs());
    const place = this.#places.get(customer);
    if (place === undefined) return undefined;
    place.askedAtUs = this.#nowUs();
    return this.#view(place);
  }

  async checkOut<T>(
    customer: string,
    token: string,
    work: (gate: (skus: readonly string[]) => void) => Promise<T>,
  ): Promise<T> {
    let place: Place | undefined;
    try {
      const done = await work((skus) => {
        if (this.#needsToken(customer, skus)) place = this.#enter(customer, token);
      });
      if (place !== undefined) {
        await this.#store.callAdmitted('use', place.seq);
        place.uses++;
      }
      return done;
    } finally {
      if (place !== undefined) {
        place.usesBegun--;
        if (place.uses >= this.#options.checkouts) this.#leave(place);
      }
    }
  }

  exempt(from: number, count: number): void {
    this.#exempt.push({ from, until: from + count });
  }

  close(): void {
    this.#isClosed = true;
  }

  reading(): WaitingRoomReading {
    this.#dropExpired(this.#nowUs());
    return { ...this.#counts, waiting: this.#line.size, active: this.#active };
  }

  async rows(after: string | null, limit: number) {
    const size = Math.max(1, Math.min(limit, MAX_PAGE));
    const from = Number(after ?? 0);
    if (!Number.isSafeInteger(from)) throw new Refusal(400, 'bad_request');
    type Row = Omit<AdmissionRow, 'id'>;
    const rows = await this.#store.callAdmitted<Row[]>('rows', [from, size]);
    const last = rows.at(-1);
    const next = rows.length === size && last !== undefined ? String(last.joinedSeq) : null;
    return { items: rows.map((row) => ({ id: `w-${row.joinedSeq}`, ...row })), next };
  }

  #nowUs(): number {
    return Math.floor(this.#clock.nowUs());
  }

  /** Another sale begins with nobody in the room; the tokens of the last one are foreign to it. */
  #followSale(): void {
    const window = this.#sale.window();
    if (window === this.#window) return;
    this.#window = window;
    const saleId = saleIdOf(window);
    if (saleId === this.#saleId) return;
    this.#saleId = saleId;
    this.#saleSkus = new Set(window.skus);
    this.#line = new WaitingLine(MAX_WAITING);
    this.#admitted = new BoundedQueue(MAX_WAITING);
    this.#places = new Map();
    this.#active = 0;
  }

  #refuseUnlessAnnounced(): void {
    const { skus, opensAtUs, closesAtUs } = this.#sale.window();
    const isOver = closesAtUs !== null && this.#nowUs() >= closesAtUs;
    if (skus.length > 0 && Number.isFinite(opensAtUs) && !isOver && !this.#isClosed) return;
    throw new Refusal(409, 'sale_closed');
  }

  /** The place counts from here on, but nobody is told before its row is safe. */
  async #takePlace(customer: string): Promise<Place> {
    if (this.#line.size + this.#joining.size >= MAX_WAITING) throw new Refusal(503, 'overloaded');
    const saleId = this.#saleId;
    const nowUs = this.#nowUs();
    const place: Place = {
      seq: ++this.#lastSeq,
      customer,
      state: 'joining',
      before: 0,
      askedAtUs: nowUs,
      expiresAtUs: 0,
      uses: 0,
      usesBegun: 0,
    };
    const row: JoinArgs = [place.seq, saleId, customer, nowUs];
    // Commits are answered in the order of the calls, so the line keeps the order of arrival.
    await this.#store.call('join', row);
    if (saleId !== this.#saleId || !this.#line.push(place)) throw new Refusal(503, 'overloaded');
    this.#places.set(customer, place);
    return place;
  }

  #view(place: Place): QueuePlace {
    if (place.state === 'admitted') {
      const { seq, customer, expiresAtUs } = place;
      const token = this.#tokens.sign({ sale: this.#saleId, seq, customer, expiresAtUs });
      return { status: 'admitted', token, expiresAtUs };
    }
    const position = this.#line.positionOf(place);
    const nowUs = this.#nowUs();
    const untilOpenMs = Math.max(0, this.#sale.window().opensAtUs - nowUs) / 1000;
    const waitMs = this.#pace.waitMs(position, nowUs);
    const estimatedWaitMs = waitMs === null ? null : Math.ceil(untilOpenMs + waitMs);
    return { status: 'waiting', position, estimatedWaitMs };
  }

  #needsToken(customer: string, skus: readonly string[]): boolean {
    this.#followSale();
    if (!skus.some((sku) => this.#saleSkus.has(sku))) return false;
    const number = /^c-(\d{1,15})$/.exec(customer)?.[1];
    const isExempt = (n: number): boolean =>
      this.#exempt.some(({ from, until }) => n >= from && n < until);
    return number === undefined || !isExempt(Number(number));
  }

  /** The place behind a token that is good for one checkout more. Throws Refusal. */
  #enter(customer: string, token: string): Place {
    if (token === '') throw new Refusal(403, 'admission_required');
    const claims = this.#tokens.read(token);
    if (claims === undefined) throw new Refusal(403, 'admission_invalid');
    if (claims.customer !== customer || claims.sale !== this.#saleId) {
      throw new Refusal(403, 'admission_foreign');
    }
    if (this.#nowUs() >= claims.expiresAtUs) throw new Refusal(403, 'admission_expired');
    const place = this.#places.get(customer);
    // Its place is gone before its time: it was used up, and perhaps followed by another.
    const isUsedUp =
      place === undefined ||
      place.seq !== claims.seq ||
      place.uses + place.usesBegun >= this.#options.checkouts;
    if (isUsedUp) throw new Refusal(403, 'admission_used');
    place.usesBegun++;
    return place;
  }

  #letIn(place: Place): void {
    place.state = 'admitted';
    this.#admitted.push(place);
    this.#active++;
  }

  #leave(place: Place): void {
    if (place.state !== 'admitted') return;
    place.state = 'gone';
    this.#active--;
    if (this.#places.get(place.customer) === place) this.#places.delete(place.customer);
  }

  /** All tokens live equally long, so they expire in the order of admission. */
  #dropExpired(nowUs: number): void {
    for (;;) {
      const place = this.#admitted.peek();
      if (place === undefined || (place.state === 'admitted' && place.expiresAtUs > nowUs)) return;
      this.#admitted.shift();
      if (place.state === 'admitted' && place.uses === 0) this.#counts.unused++;
      this.#leave(place);
    }
  }

  #tick(): void {
    this.#followSale();
    const nowUs = this.#nowUs();
    this.#dropExpired(nowUs);
    const { opensAtUs, closesAtUs } = this.#sale.window();
    const isOpen = nowUs >= opensAtUs && (closesAtUs === null || nowUs < closesAtUs);
    const room = MAX_WAITING - this.#admitted.size;
    const allowed = Math.min(room, this.#pace.allowance(nowUs, this.#active));
    if (!isOpen || this.#isClosed || this.#admitting !== undefined || allowed === 0) return;
    const { next, left } = this.#line.take(allowed, nowUs - this.#options.placeTtlMs * 1000);
    if (next.length + left.length === 0) return;
    this.#admitting = this.#admit(next, left, nowUs)
      .catch(this.#onError)
      .finally(() => {
        this.#admitting = undefined;
      });
  }

  async #admit(next: readonly Place[], left: readonly Place[], nowUs: number): Promise<void> {
    this.#pace.admitted(nowUs, next.length);
    for (const place of left) {
      place.state = 'gone';
      this.#places.delete(place.customer);
    }
    const admitted = next.map((place): AdmitArgs => {
      place.state = 'admitting';
      place.expiresAtUs = nowUs + this.#options.tokenTtlMs * 1000;
      return [++this.#lastAdmittedSeq, nowUs, place.expiresAtUs, place.seq];
    });
    await this.#store.callAdmitted('admit', { admitted, left: left.map(({ seq }) => seq), nowUs });
    this.#counts.passedOver += left.length;
    for (const place of next) {
      this.#counts.admitted++;
      if (place.seq < this.#latestSeq) this.#counts.overtaken++;
      this.#latestSeq = Math.max(this.#latestSeq, place.seq);
      // A sale that was announced meanwhile has a room of its own.
      if (this.#places.get(place.customer) === place) this.#letIn(place);
    }
  }
}
