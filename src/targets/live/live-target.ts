/**
 * A system that is not ours, driven as its target file says. Nothing is started, seeded or stopped
 * here: it is reached, set up step by step, read, and left alone as soon as its owner says so.
 */
import { assert } from '../../base/assert.ts';
import type { Clock } from '../../base/clock.ts';
import { EcomsimError } from '../../base/errors.ts';
import { normaliseHost } from '../../base/network-address.ts';
import {
  CLIENT_DEFAULTS,
  type ClientSpec,
  type EgressRule,
  type TlsOptions,
} from '../../contract/call.ts';
import type { EvidenceKind } from '../../contract/evidence-kind.ts';
import type { Ledger } from '../../contract/ledger.ts';
import type { CatalogueItem } from '../../contract/scenario.ts';
import type { Seeding, Target, TargetObservation, TargetPromises } from '../../contract/target.ts';
import { type TargetFile, withoutSecrets } from '../../contract/target-file.ts';
import { RUN } from '../../contract/target-mapping/placeholders.ts';
import { type ConsentSource, DnsConsent, WellKnownConsent } from './consent-sources.ts';
import { ConsentWatch } from './consent-watch.ts';
import { type HostRulesOptions, standingOf } from './host-rules.ts';
import { type ExchangeAnswer, JsonClient } from './json-client.ts';
import { LiveLedger } from './live-ledger.ts';
import { extractValues, fillRequest, jsonOf, outcomeOf, type Values } from './live-requests.ts';

/** Longest wait for one answer to the coordinator. */
const REQUEST_TIMEOUT_MS = 10_000;
/** Work that follows when a hold has run out. */
const SWEEP_GRACE_MS = 2000;
/** Items whose stock is looked at once a second while the load runs. */
const OBSERVED_ITEMS = 5;

export interface LiveTargetOptions {
  readonly file: TargetFile;
  readonly clock: Clock;
  /** `--allow-host`. */
  readonly allowHosts: readonly string[];
  /** `--insecure`: certificates are not verified. */
  readonly insecure: boolean;
  /** Where names lead and what addresses mean; the system's own view when absent. */
  readonly hosts?: Omit<HostRulesOptions, 'allowHosts'>;
  /** Where consent is looked for; the host itself and its DNS when absent. */
  readonly consentSources?: (host: string) => readonly ConsentSource[];
}

export class LiveTarget implements Target {
  readonly kind = 'live';
  readonly name: string;
  readonly url: string;
  readonly promises: TargetPromises;
  readonly #options: LiveTargetOptions;
  readonly #base: URL;
  readonly #deathListeners: ((reason: string) => void)[] = [];
  #client: JsonClient | null = null;
  #watch: ConsentWatch | null = null;
  #egress: EgressRule = CLIENT_DEFAULTS.egress;
  #shared: Values;
  #catalogue: readonly CatalogueItem[] = [];
  #hotItems: readonly number[] = [];
  #isClosed = false;
  /** Why the owner's consent is gone; '' while it is there or not needed. */
  #death = '';

  constructor(options: LiveTargetOptions) {
    this.#options = options;
    const { file } = options;
    this.name = file.mapping.name;
    this.url = file.shownUrl;
    this.#base = new URL(file.mapping.baseUrl);
    this.promises = promisesOf(file);
    this.#shared = { [RUN]: options.clock.wallMs().toString(36) };
  }

  /** Calling it again changes nothing. Throws EGRESS_REFUSED or TARGET_UNREACHABLE. */
  async open(): Promise<void> {
    if (this.#client !== null) return;
    assert(!this.#isClosed, 'a target that was closed is not opened again');
    const { allowHosts, hosts, file, clock } = this.#options;
    const host = normaliseHost(this.#base.hostname);
    const standing = await standingOf(host, { allowHosts, ...hosts });
    if (standing === 'public') await this.#demandConsent(host);
    this.#egress = {
      privateHosts: allowHosts.map(normaliseHost),
      publicHosts: standing === 'public' ? [host] : [],
    };
    this.#client = new JsonClient({
      origin: this.#base.origin,
      egress: this.#egress,
      tls: this.#tls,
      clock,
      shown: (text) => withoutSecrets(text, file.secrets),
    });
    // Any answer shows that somebody is there; what it is, the operations will tell.
    await this.#client.exchange({
      method: 'GET',
      path: `${this.#prefix}/`,
      headers: this.#plainHeaders(),
      timeoutMs: REQUEST_TIMEOUT_MS,
    });
    await this.#setUp();
  }

  /** Throws TARGET_BAD_ANSWER or TARGET_UNREACHABLE. */
  async products(limit: number): Promise<readonly CatalogueItem[]> {
    const ledger = this.#ledger();
    const items = await ledger.products(limit);
    if (items.length === 0) {
      throw new EcomsimError('TARGET_PREPARE_FAILED', 'the list of products is empty');
    }
    this.#catalogue = ledger.readsStock ? await ledger.withStock(items) : items;
    return this.#catalogue;
  }

  /** Nothing is loaded into a system that is not ours. */
  async prepare({ catalogue, hotItems }: Seeding): Promise<ClientSpec> {
    this.#catalogue = catalogue;
    this.#hotItems = hotItems.slice(0, OBSERVED_ITEMS);
    const { file } = this.#options;
    return {
      ...CLIENT_DEFAULTS,
      kind: 'live',
      origin: this.#base.origin,
      skus: catalogue.map(({ sku }) => sku),
      tokens: [],
      egress: this.#egress,
      tls: this.#tls,
      mapping: { ...file.mapping, shared: this.#shared },
    };
  }

  /** Customers are numbers: the target file says what becomes of them. */
  async addCustomers(_count: number): Promise<readonly string[]> {
    return [];
  }

  /** When a foreign sale opens is not in our hands. */
  async openSale(_opensAtUs: number, _closesAtUs: number | null): Promise<void> {}

  async observe(): Promise<TargetObservation | undefined> {
    const ledger = this.#ledger();
    if (!ledger.readsStock) return undefined;
    const atUs = this.#options.clock.nowUs();
    const skus = this.#hotItems.map((item) => this.#catalogue[item]?.sku ?? '');
    try {
      const units = await Promise.all(skus.map((sku) => ledger.stockOf(sku)));
      const hotAvailable = units.reduce((sum, one) => sum + one, 0);
      return { atUs, hotAvailable, hotHeld: -1, ordersConfirmed: 0, queueLength: 0, processes: [] };
    } catch (error) {
      // Under load it may well not answer: that is what the operations show, and no death.
      if (error instanceof EcomsimError) return undefined;
      throw error;
    }
  }

  /** Nobody can be asked; where holds are declared to run out, it is enough to wait. */
  async settle(timeoutMs: number): Promise<boolean> {
    const { holdTtlMs } = this.#options.file;
    if (holdTtlMs === null) return false;
    const waitMs = holdTtlMs + SWEEP_GRACE_MS;
    await this.#options.clock.sleep(Math.min(waitMs, timeoutMs));
    return waitMs <= timeoutMs;
  }

  /** Lists that the file does not declare are empty. Throws TARGET_UNREACHABLE, TARGET_BAD_ANSWER. */
  ledger(): Promise<Ledger> {
    return this.#ledger().read(this.#catalogue);
  }

  /** Whoever asks too late is told at once. */
  onDeath(listener: (reason: string) => void): void {
    if (this.#death === '') this.#deathListeners.push(listener);
    else listener(this.#death);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.#client?.close(), this.#watch?.close()]);
  }

  kill(): void {
    this.#isClosed = true;
  }

  get #tls(): TlsOptions {
    return { ca: '', insecure: this.#options.insecure };
  }

  get #prefix(): string {
    return this.#base.pathname.replace(/\/$/, '');
  }

  async #demandConsent(host: string): Promise<void> {
    const { file, clock } = this.#options;
    const sources = this.#options.consentSources?.(host) ?? this.#consentSources(host);
    const watch = new ConsentWatch({ host, runKey: file.runKey, sources, clock });
    this.#watch = watch;
    await watch.demand();
    watch.watch((reason) => {
      this.#death = reason;
      for (const listener of this.#deathListeners) listener(reason);
    });
  }

  /** Always verified: whoever could forge the certificate could forge the consent. */
  #consentSources(host: string): readonly ConsentSource[] {
    const origin = `https://${host}`;
    const client = new JsonClient({
      origin,
      egress: { privateHosts: [], publicHosts: [host] },
      tls: { ca: '', insecure: false },
      clock: this.#options.clock,
      shown: (text) => text,
    });
    return [new WellKnownConsent(client, origin), new DnsConsent(host)];
  }

  /** Throws TARGET_DIED once the consent is gone: then nothing is sent at all. */
  #use(): JsonClient {
    if (this.#death !== '') throw new EcomsimError('TARGET_DIED', this.#death);
    assert(this.#client !== null, 'the target is used before it is opened');
    return this.#client;
  }

  #ledger(): LiveLedger {
    return new LiveLedger(this.#options.file.mapping, (template, values) =>
      this.#use().exchange(
        fillRequest(template, { ...this.#shared, ...values }, this.#surroundings()),
      ),
    );
  }

  #surroundings(): { prefix: string; headers: Record<string, string>; timeoutMs: number } {
    const { headers } = this.#options.file.mapping;
    return { prefix: this.#prefix, headers: { ...headers }, timeoutMs: REQUEST_TIMEOUT_MS };
  }

  #plainHeaders(): Readonly<Record<string, string>> {
    const request = { method: 'GET', path: '/', headers: {} } as const;
    return fillRequest(request, {}, this.#surroundings()).headers;
  }

  /** In order; what a step extracts is known to all that follow. Throws TARGET_PREPARE_FAILED. */
  async #setUp(): Promise<void> {
    const { mapping } = this.#options.file;
    for (const [index, step] of mapping.setup.entries()) {
      const what = `step ${index + 1} of setup (${step.request.method} ${step.request.path})`;
      const request = fillRequest(step.request, this.#shared, this.#surroundings());
      const answer = await this.#use().exchange(request);
      this.#shared = { ...this.#shared, ...this.#learn(step, answer, what) };
    }
  }

  #learn(
    step: TargetFile['mapping']['setup'][number],
    answer: ExchangeAnswer,
    what: string,
  ): Record<string, string> {
    const shown = withoutSecrets(what, this.#options.file.secrets);
    const body = jsonOf(answer);
    if (outcomeOf(step, answer, body) !== 'ok') {
      throw new EcomsimError(
        'TARGET_PREPARE_FAILED',
        `${shown} was answered with HTTP ${answer.status}; the load was not started`,
      );
    }
    return extractValues(step.extract, body, shown);
  }
}

function promisesOf(file: TargetFile): TargetPromises {
  const { mapping, holdTtlMs, exclusive } = file;
  const { ledger, operations, probes } = mapping;
  const { order, checkout, orderStatus, tombstoneKey } = operations;
  const offered: readonly [EvidenceKind, boolean][] = [
    ['sales', order !== undefined],
    ['supply', ledger.stock !== undefined],
    ['stock', ledger.stock !== undefined],
    ['orders', ledger.orders !== undefined],
    ['charges', ledger.payments !== undefined],
    ['hold-times', holdTtlMs !== null],
    ['exclusive', exclusive],
    ['tickets', checkout?.extract['ticket'] !== undefined],
  ];
  const canDrain = ledger.stock !== undefined && checkout !== undefined && order !== undefined;
  return {
    serverDeadlineMs: mapping.serverDeadlineMs,
    holdTtlMs: holdTtlMs ?? 0,
    sweepGraceMs: SWEEP_GRACE_MS,
    declaredBreaches: [],
    tickets: checkout?.extract['ticket'] !== undefined,
    drainProbe: probes === 'destructive' && canDrain,
    evidence: offered.filter(([, isOffered]) => isOffered).map(([kind]) => kind),
    lookUpByKey: orderStatus !== undefined,
    tombstones: tombstoneKey !== undefined,
  };
}
