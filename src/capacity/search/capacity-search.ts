/**
 * The search for the highest sustainable rate: which window to run next, and what the windows until
 * now say. Deterministic from the windows recorded, so an interrupted search goes on by recording
 * them again. Bisection would claim a rate that most later windows fail: see docs/capacity.md.
 */
import type {
  CapacityEnding,
  CapacityWindow,
  ConstraintCapacity,
  WindowKind,
} from '../../contract/capacity.ts';
import { Posterior, type RateRange, type Trial } from './posterior.ts';
import { unevenness } from './uneven-verdicts.ts';

const RAMP_FACTOR = 1.5;
/** Loads are chosen at these quantiles of the rate sought, in turn: around it and well below. */
const CYCLE = [0.5, 0.3, 0.15] as const;
/** A rate this much above every valid one may be beyond the generator. */
const ABOVE_VALID = 1.02;
/** Share of windows spoilt by something else than their rate from which nothing is believed. */
const MAX_NOISE = 0.2;
const MIN_NOISY_WINDOWS = 3;
/** Fewer windows are not trusted with a narrow interval. */
const MIN_WINDOWS = 12;
/** The search does not go lower than this share of where it began. */
const FLOOR = 1 / 64;
/** A soak proves claims up to this factor above its own rate. */
const SOAKED = 1.02;
/** Name of the constraint that is not the target's. */
export const GENERATOR = 'generator';
const CORRECT = 'correct';
/** 14 of 14 prove 80.7 % at 95 %. */
const PASSES_THAT_PROVE = 14;
/** Under which the posterior of all together is kept; no constraint is called so. */
const ALL = '';
/** The ends of the grid are powers of it. */
const RANGE_STEP = 1.25;

export interface SearchOptions {
  /** Where the ramp begins; should be safe. */
  readonly startPerSec: number;
  /** Nothing above is tried. */
  readonly highestPerSec: number;
  /** Ends when the 90 % interval ÷ Q50 is no wider. */
  readonly targetWidth: number;
  /** What a soak costs, in search windows. */
  readonly soakWindows: number;
}

export type SearchStep =
  | { readonly kind: 'measure'; readonly windowKind: WindowKind; readonly ratePerSec: number }
  | { readonly kind: 'done'; readonly ending: CapacityEnding };

export interface SearchFindings {
  /** Null as long as nothing has passed and failed. */
  readonly q50PerSec: number | null;
  readonly intervalPerSec: readonly [number, number] | null;
  readonly claimPerSec: number | null;
  readonly bindingConstraint: string | null;
  /** Nothing but the generator failed: the figures are lower bounds. */
  readonly isLowerBound: boolean;
  readonly constraints: readonly ConstraintCapacity[];
  readonly monotoneP: number | null;
}

const NOTHING: SearchFindings = {
  q50PerSec: null,
  intervalPerSec: null,
  claimPerSec: null,
  bindingConstraint: null,
  isLowerBound: false,
  constraints: [],
  monotoneP: null,
};

export class CapacitySearch {
  readonly #options: SearchOptions;
  readonly #windows: CapacityWindow[] = [];
  /** All constraints together, and each by itself. */
  readonly #joint: Trial[] = [];
  readonly #trials = new Map<string, Trial[]>();
  readonly #posteriors = new Map<string, { readonly posterior: Posterior; trials: number }>();
  #noise = 0;
  #highestValid = 0;
  #isIncorrect = false;
  /** Search windows chosen since the ramp, for the cycle. */
  #chosen = 0;

  constructor(options: SearchOptions) {
    this.#options = options;
  }

  record(window: CapacityWindow): void {
    this.#windows.push(window);
    const { ratePerSec, verdict, machineSpeed, constraints, kind } = window;
    if (kind === 'search') this.#chosen++;
    if (constraints.some(({ name, ok }) => name === CORRECT && ok === false)) {
      this.#isIncorrect = true;
    }
    const trialOf = (passed: boolean): Trial => ({ ratePerSec: ratePerSec / machineSpeed, passed });
    if (verdict === 'invalid') {
      // At a rate that the generator has kept before, something else disturbed it.
      if (ratePerSec <= this.#highestValid * ABOVE_VALID) this.#noise++;
      else this.#add(GENERATOR, trialOf(false));
      return;
    }
    this.#highestValid = Math.max(this.#highestValid, ratePerSec);
    for (const { name, ok } of constraints) {
      if (ok !== null && name !== GENERATOR) this.#addOwn(name, trialOf(ok));
    }
    this.#addOwn(GENERATOR, trialOf(true));
    this.#joint.push(trialOf(verdict === 'pass'));
  }

  #add(name: string, trial: Trial): void {
    this.#addOwn(name, trial);
    this.#joint.push(trial);
  }

  #addOwn(name: string, trial: Trial): void {
    const trials = this.#trials.get(name);
    if (trials === undefined) this.#trials.set(name, [trial]);
    else trials.push(trial);
  }

  /** `windowsLeft`: how many search windows still fit into the budget. */
  next(windowsLeft: number): SearchStep {
    const early = this.#earlyEnd();
    if (early !== undefined) return { kind: 'done', ending: early };
    if (windowsLeft < 1) return { kind: 'done', ending: this.#lastWord() };
    const ramp = this.#rampRate();
    if (typeof ramp === 'string') return { kind: 'done', ending: ramp };
    if (ramp !== undefined) return { kind: 'measure', windowKind: 'ramp', ratePerSec: ramp };
    const posterior = this.#posteriorOfAll();
    const { soakWindows, highestPerSec } = this.#options;
    if (posterior === undefined) {
      return (this.findings().claimPerSec ?? 0) < rounded(highestPerSec)
        ? { kind: 'measure', windowKind: 'search', ratePerSec: rounded(highestPerSec) }
        : { kind: 'done', ending: 'highest-allowed' };
    }
    const isNarrow = this.#isNarrow(posterior);
    const mustSoak = isNarrow || windowsLeft < soakWindows + 1;
    const claim = this.findings().claimPerSec;
    if (mustSoak && claim !== null) {
      if (this.#isSoaked(claim)) return { kind: 'done', ending: this.#lastWord() };
      if (windowsLeft >= soakWindows) {
        return { kind: 'measure', windowKind: 'soak', ratePerSec: this.#offered(claim) };
      }
    }
    const at = CYCLE[this.#chosen % CYCLE.length] ?? 0.5;
    const ratePerSec = this.#offered(posterior.quantile(at));
    return { kind: 'measure', windowKind: 'search', ratePerSec };
  }

  findings(): SearchFindings {
    const joint = this.#posteriorOfAll();
    if (joint === undefined) return { ...NOTHING, ...this.#provenByPasses() };
    const constraints = [...this.#trials].flatMap(([name, trials]) => {
      const found = this.#capacityOf(name, trials);
      return found === undefined ? [] : [found];
    });
    const binding = constraints.reduce<ConstraintCapacity | undefined>(
      (least, one) => (least === undefined || one.q50PerSec < least.q50PerSec ? one : least),
      undefined,
    );
    const least = (of: (one: ConstraintCapacity) => number, all: number): number =>
      binding === undefined ? all : Math.min(all, of(binding));
    const claims = constraints.map(({ claimPerSec }) => claimPerSec ?? 0);
    const claim = Math.min(joint.claim(), ...claims);
    return {
      q50PerSec: least(({ q50PerSec }) => q50PerSec, joint.quantile(0.5)),
      intervalPerSec: [
        least(({ intervalPerSec }) => intervalPerSec[0], joint.quantile(0.05)),
        least(({ intervalPerSec }) => intervalPerSec[1], joint.quantile(0.95)),
      ],
      // What nothing has passed yet is not claimed.
      claimPerSec: this.#hasPassed() ? claim : null,
      bindingConstraint: binding?.name ?? null,
      isLowerBound: constraints.every(({ name }) => name === GENERATOR),
      constraints,
      monotoneP: unevenness(joint, this.#joint),
    };
  }

  /**
   * While nothing has failed: the highest rate that as many windows reached as it takes; all of m
   * passing proves a share of 0.05^(1/m).
   */
  #provenByPasses(): Pick<SearchFindings, 'claimPerSec' | 'isLowerBound'> {
    if (this.#hasFailed()) return { claimPerSec: null, isLowerBound: false };
    const rates = this.#joint.map(({ ratePerSec }) => ratePerSec).sort((a, b) => b - a);
    return { claimPerSec: rates[PASSES_THAT_PROVE - 1] ?? null, isLowerBound: rates.length > 0 };
  }

  /** Undefined where it never failed: then it does not bind. */
  #capacityOf(name: string, trials: readonly Trial[]): ConstraintCapacity | undefined {
    const failed = trials.filter(({ passed }) => !passed).length;
    if (failed === 0) return undefined;
    const posterior = this.#posteriorFor(name, trials);
    return {
      name,
      q50PerSec: posterior.quantile(0.5),
      intervalPerSec: [posterior.quantile(0.05), posterior.quantile(0.95)],
      claimPerSec: failed === trials.length ? null : posterior.claim(),
      judged: trials.length,
      failed,
    };
  }

  #hasPassed(): boolean {
    return this.#joint.some(({ passed }) => passed);
  }

  #hasFailed(): boolean {
    return this.#joint.some(({ passed }) => !passed);
  }

  /** Undefined until something has passed and something failed. */
  #posteriorOfAll(): Posterior | undefined {
    if (!this.#hasFailed() || !this.#hasPassed()) return undefined;
    return this.#posteriorFor(ALL, this.#joint);
  }

  /** Around where what passed and what failed meet; in steps, so that it rarely changes. */
  #range(): RateRange {
    let passed = 0;
    let failed = Number.POSITIVE_INFINITY;
    for (const trial of this.#joint) {
      if (trial.passed) passed = Math.max(passed, trial.ratePerSec);
      else failed = Math.min(failed, trial.ratePerSec);
    }
    const step = Math.log(RANGE_STEP);
    const low = Math.floor(Math.log(Math.min(passed, failed) * 0.6) / step);
    const high = Math.ceil(Math.log(Math.max(passed, failed) * 1.3) / step);
    return { lowPerSec: RANGE_STEP ** low, highPerSec: RANGE_STEP ** high };
  }

  /** Kept from step to step; made anew when the range has changed. */
  #posteriorFor(name: string, trials: readonly Trial[]): Posterior {
    const range = this.#range();
    const kept = this.#posteriors.get(name);
    const isSame =
      kept !== undefined &&
      kept.posterior.range.lowPerSec === range.lowPerSec &&
      kept.posterior.range.highPerSec === range.highPerSec;
    const entry = isSame ? kept : { posterior: new Posterior(range), trials: 0 };
    for (const trial of trials.slice(entry.trials)) entry.posterior.add(trial);
    entry.trials = trials.length;
    this.#posteriors.set(name, entry);
    return entry.posterior;
  }

  #isNarrow(posterior: Posterior): boolean {
    if (this.#joint.length < MIN_WINDOWS) return false;
    const width = posterior.quantile(0.95) - posterior.quantile(0.05);
    return width / posterior.quantile(0.5) <= this.#options.targetWidth;
  }

  /** What tries this rate of the machine as it was at the start, on the machine as it is now. */
  #offered(ratePerSec: number): number {
    const speed = this.#windows.at(-1)?.machineSpeed ?? 1;
    return rounded(Math.min(ratePerSec * speed, this.#options.highestPerSec));
  }

  #isSoaked(claimPerSec: number): boolean {
    return this.#windows.some(
      ({ kind, verdict, ratePerSec, machineSpeed }) =>
        kind === 'soak' &&
        verdict === 'pass' &&
        (ratePerSec / machineSpeed) * SOAKED >= claimPerSec,
    );
  }

  #earlyEnd(): CapacityEnding | undefined {
    if (this.#isIncorrect) return 'incorrect';
    const isNoisy =
      this.#noise >= MIN_NOISY_WINDOWS && this.#noise / this.#windows.length > MAX_NOISE;
    return isNoisy ? 'machine-too-noisy' : undefined;
  }

  #lastWord(): CapacityEnding {
    if (this.#highestValid === 0) return 'nothing-judged';
    const posterior = this.#posteriorOfAll();
    // Only passes, or only failures, until the budget ended.
    if (posterior === undefined) return 'budget';
    if (this.findings().isLowerBound) return 'generator-limited';
    return this.#isNarrow(posterior) ? 'found' : 'budget';
  }

  /** Undefined when the ramp is over: something passed and something failed, or nothing can. */
  #rampRate(): number | 'fails-at-lowest' | 'nothing-judged' | undefined {
    const { startPerSec, highestPerSec } = this.#options;
    const rates = this.#joint.map(({ ratePerSec }) => ratePerSec);
    if (rates.length === 0) return rounded(Math.min(startPerSec, highestPerSec));
    if (!this.#hasFailed()) {
      const highest = Math.max(...this.#windows.map(({ ratePerSec }) => ratePerSec));
      return highest >= highestPerSec
        ? undefined
        : rounded(Math.min(highest * RAMP_FACTOR, highestPerSec));
    }
    if (this.#hasPassed()) return undefined;
    const lowest = Math.min(...this.#windows.map(({ ratePerSec }) => ratePerSec)) / RAMP_FACTOR;
    if (lowest >= startPerSec * FLOOR) return rounded(lowest);
    return this.#highestValid === 0 ? 'nothing-judged' : 'fails-at-lowest';
  }
}

/** Four digits: a rate that a person can type, and near enough for any search. */
function rounded(ratePerSec: number): number {
  return Number(ratePerSec.toPrecision(4));
}
