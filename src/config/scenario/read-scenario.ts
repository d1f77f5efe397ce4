/** A document → a scenario draft and every problem; what is wrong is replaced by something harmless. */
import { formatDuration } from '../../base/units.ts';
import type { RetryPolicy } from '../../contract/retry.ts';
import type { LoadModel, Phase, ProbeShares, RatePoint } from '../../contract/scenario.ts';
import type { ScenarioDraft, WantedPreset } from '../../contract/scenario-draft.ts';
import type { ParsedDocument, Path } from '../document.ts';
import { DocumentReader, isGroup } from '../document-reader.ts';
import { decimal, field, nameOf, share, text, wholeNumber } from '../fields.ts';
import { quoteValue } from '../problem.ts';
import { checkName, isName, NAME_FORM } from './names.ts';
import { readDisturbances } from './read-disturbances.ts';
import { type RuleOrigins, readJourney } from './read-journey.ts';
import { readPhases } from './read-phases.ts';
import { readPopulation } from './read-population.ts';
import { readSale } from './read-sale.ts';
import { NO_THINK, readThink } from './think-time.ts';
import { levelField, type Scale } from './written-levels.ts';

const TOP_FIELDS = [
  ...['name', 'title', 'model', 'peak', 'mix', 'phases', 'populations', 'journeys'],
  ...['catalogue', 'sale', 'disturbances', 'probes', 'goals'],
];
const MAX_POPULATIONS = 50;
const MAX_JOURNEYS = 100;
const MAX_ITEMS = 100_000;
const DEFAULT_ZIPF = 0.99;
const MIN_DURATION_MS = 1000;
const MAX_DURATION_MS = 24 * 3_600_000;

/** What is asked for beside the file. */
export interface ScenarioRequest {
  /** The peak that an open scenario was asked for, and by what flag; null: the file's own. */
  readonly rate: { readonly perSec: number; readonly source: string } | null;
  /** The most virtual users that a closed scenario was asked for; null: the file's own. */
  readonly users: number | null;
  /** Of the measured phases together (`--duration`); null: the file's own. */
  readonly durationMs: number | null;
  /** What shares are of where the file states neither a peak nor an absolute rate. */
  readonly profilePeak: number;
  /** Names of built-in journeys. */
  readonly presets: readonly string[];
  /** Built-in retry policies by name; null: none. */
  readonly retries: Readonly<Record<string, RetryPolicy | null>>;
  readonly goals: readonly string[];
}

export interface ReadScenario {
  readonly draft: ScenarioDraft;
  readonly reader: DocumentReader;
  readonly origins: RuleOrigins;
}

export interface ScenarioSource {
  readonly document: ParsedDocument;
  /** How the user named the file. */
  readonly source: string;
  /** The name when the file states none. */
  readonly fallbackName: string;
  readonly replays: ReadonlyMap<string, readonly RatePoint[]>;
}

const zipf = decimal({ min: 0, max: 5 });
const title = text(200);
const currency = field<string>({
  read: (value) => (typeof value === 'string' && /^[A-Z]{3}$/.test(value) ? value : undefined),
  expected: () => 'a currency; write its three letters: EUR',
  check: () => undefined,
});

/** Twice: the first reading finds the peak and the length that the second is scaled by. */
export function readScenario(source: ScenarioSource, request: ScenarioRequest): ReadScenario {
  const first = new ScenarioReader(source, request);
  const plan = first.measure();
  return new ScenarioReader(source, request).read(plan);
}

interface Measured {
  readonly scale: Scale;
  readonly peak: number;
  /** Whether some level is a share of the peak. */
  readonly hasShares: boolean;
  /** Phases as written. */
  readonly written: readonly Phase[];
}

class ScenarioReader {
  readonly #reader: DocumentReader;
  readonly #source: ScenarioSource;
  readonly #request: ScenarioRequest;

  constructor(source: ScenarioSource, request: ScenarioRequest) {
    this.#source = source;
    this.#request = request;
    this.#reader = new DocumentReader(source.document, source.source);
  }

  measure(): Measured {
    const kind = this.#model().kind;
    const { rate, users, durationMs: askedMs, profilePeak } = this.#request;
    const asked = kind === 'open' ? rate?.perSec : (users ?? undefined);
    let highest = 0;
    let hasShares = false;
    const plain = { kind, peak: 1, levelFactor: 1, lengthFactor: 1 };
    const scale: Scale = {
      ...plain,
      onAbsolute: (level) => (highest = Math.max(highest, level)),
      onShare: () => (hasShares = true),
    };
    const written = this.#phases(scale, []);
    const hasPeak = this.#reader.get(['peak']) !== undefined;
    const silent: Scale = { ...plain, onAbsolute: () => {}, onShare: () => {} };
    const own = hasPeak ? this.#reader.read(['peak'], levelField(silent), 0) : highest;
    const stated = own > 0 ? own : null;
    const peak = asked ?? stated ?? (kind === 'open' ? profilePeak : 0);
    const measuredMs = written.reduce(
      (sum, phase) => sum + (phase.measured ? phase.durationMs : 0),
      0,
    );
    return {
      peak,
      hasShares,
      written,
      scale: {
        kind,
        peak,
        levelFactor: stated === null ? 1 : peak / stated,
        lengthFactor: askedMs === null || measuredMs <= 0 ? 1 : askedMs / measuredMs,
        onAbsolute: () => {},
        onShare: () => {},
      },
    };
  }

  read({ scale, peak, hasShares, written }: Measured): ReadScenario {
    const reader = this.#reader;
    const origins: RuleOrigins = new Map();
    reader.allow([], TOP_FIELDS);
    const model = this.#model();
    this.#checkPeak(scale, peak, hasShares);
    const journeyNames = this.#names('journeys', MAX_JOURNEYS);
    const populationNames = this.#names('populations', MAX_POPULATIONS);
    if (populationNames.length === 0 && !reader.isWrong(['populations'])) {
      reader.report(['populations'], 'is missing; write populations: { shopper: { journey: … } }');
    }
    const phases = this.#phases(scale, populationNames);
    const times = { written, driven: phases };
    const { presets: builtIn, retries } = this.#request;
    const known = { presets: builtIn, retries, own: journeyNames };
    const populations = populationNames.map((name) =>
      readPopulation(reader, ['populations', name], known),
    );
    const presets = new Map<string, WantedPreset>();
    for (const { preset } of populations) if (preset) presets.set(preset.name, preset);
    const draft: ScenarioDraft = {
      name: this.#name(),
      title: reader.read(['title'], title, this.#name()),
      model,
      phases,
      populations: populations.map(({ population }) => population),
      journeys: journeyNames.map((name) => readJourney(reader, ['journeys', name], name, origins)),
      unboundedJourneys: journeyNames.filter(
        (name) => reader.get(['journeys', name, 'maxSteps']) === undefined,
      ),
      presets: [...presets.values()],
      ...this.#catalogue(),
      ...readSale(reader, times),
      disturbances: readDisturbances(reader, times),
      probes: this.#probes(),
      requiredGoals: this.#goals(),
      peakPerSec: peak,
    };
    this.#checkDuration(draft.phases);
    return { draft, reader, origins };
  }

  #phases(scale: Scale, populations: readonly string[]): Phase[] {
    const replayOf = (path: Path): readonly RatePoint[] | undefined =>
      this.#source.replays.get(path.join('.'));
    return readPhases({ reader: this.#reader, scale, populations, replayOf });
  }

  #model(): LoadModel {
    const reader = this.#reader;
    const value = reader.get(['model']);
    if (!isGroup(value)) {
      const kind = reader.read(['model'], nameOf('a model', ['open', 'closed'] as const), 'open');
      return kind === 'open' ? { kind } : { kind, pauseBetween: NO_THINK };
    }
    const path = ['model', 'closed'];
    const accounts = [...path, 'accountsPerUser'];
    reader.allow(['model'], ['closed']);
    reader.group(path, ['pause', 'accountsPerUser']);
    return {
      kind: 'closed',
      pauseBetween: readThink(reader, [...path, 'pause'], NO_THINK),
      ...(reader.get(accounts) !== undefined && {
        accountsPerUser: reader.read(accounts, wholeNumber({ min: 1, max: 1_000_000 }), 1),
      }),
    };
  }

  #checkPeak(scale: Scale, peak: number, hasShares: boolean): void {
    const reader = this.#reader;
    const plain: Scale = { ...scale, peak: Number.NaN, levelFactor: 1 };
    const stated = reader.read(['peak'], levelField(plain), 1);
    if (Number.isNaN(stated))
      reader.report(['peak'], 'cannot be a share; it is what shares are of');
    else if (stated === 0) reader.report(['peak'], 'is 0, so nobody would ever come');
    if (scale.kind === 'closed' && peak === 0 && hasShares) {
      reader.report(['peak'], 'is missing: shares of how many virtual users? Write peak: 50');
      reader.markWrong(['phases']);
    }
    const { rate } = this.#request;
    if (scale.kind === 'open' || rate === null) return;
    const { source } = rate;
    const message = 'this scenario is closed, in virtual users; use --vus, or -s 30s:50, instead';
    reader.reportElsewhere({ source, path: '', message }, ['peak']);
  }

  #checkDuration(phases: readonly Phase[]): void {
    const reader = this.#reader;
    if (reader.isWrong(['phases']) || phases.length === 0) return;
    const measuredMs = phases.reduce(
      (sum, phase) => sum + (phase.measured ? phase.durationMs : 0),
      0,
    );
    const range = `from ${formatDuration(MIN_DURATION_MS)} to 24h`;
    if (measuredMs === 0) reader.report(['phases'], 'none of them is measured');
    else if (measuredMs < MIN_DURATION_MS || measuredMs > MAX_DURATION_MS) {
      const total = formatDuration(Math.round(measuredMs));
      reader.report(['phases'], `measured phases last ${total} together; allowed is ${range}`);
    }
  }

  #names(field: string, max: number): string[] {
    const names = this.#reader.names([field], field);
    for (const name of names) checkName(this.#reader, [field, name], `one of the ${field}`);
    if (names.length <= max) return names;
    this.#reader.report([field], `holds ${names.length}; at most ${max} are possible`);
    return names.slice(0, max);
  }

  #name(): string {
    const { fallbackName } = this.#source;
    const name = this.#reader.read(['name'], text(100), fallbackName);
    if (isName(name)) return name;
    if (!this.#reader.isWrong(['name'])) {
      this.#reader.report(['name'], `${quoteValue(name)} cannot be a name; ${NAME_FORM}`);
    }
    return fallbackName;
  }

  #catalogue(): Pick<ScenarioDraft, 'items' | 'currency' | 'zipfExponent'> {
    const reader = this.#reader;
    const at = (name: string): Path => ['catalogue', name];
    reader.group(['catalogue'], ['items', 'currency', 'zipf']);
    const isSized = reader.get(at('items')) !== undefined;
    return {
      items: isSized ? reader.read(at('items'), wholeNumber({ min: 1, max: MAX_ITEMS }), 1) : null,
      currency: reader.read(at('currency'), currency, 'EUR'),
      zipfExponent: reader.read(at('zipf'), zipf, DEFAULT_ZIPF),
    };
  }

  #probes(): ProbeShares | null {
    const reader = this.#reader;
    if (reader.get(['probes']) === undefined) return null;
    reader.group(['probes'], ['duplicate', 'replay', 'changed']);
    const ratio = (name: string): number =>
      reader.read(['probes', name], share({ min: 0, max: 1 }), 0);
    return { duplicate: ratio('duplicate'), replay: ratio('replay'), changed: ratio('changed') };
  }

  #goals(): string[] | null {
    const reader = this.#reader;
    const value = reader.get(['goals']);
    if (value === undefined) return null;
    if (Array.isArray(value) && value.length === 0) return [];
    return reader.readSome(['goals'], nameOf('a goal', this.#request.goals)) ?? [];
  }
}
