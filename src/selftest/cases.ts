/** The cases of the latency selftest as data, and the scenario that each of them means. */
import type { Distribution } from '../base/distributions.ts';
import type { Journey, Scenario } from '../contract/scenario.ts';
import type { ScriptSpec } from './answer-script.ts';

export interface LatencyCase {
  readonly name: string;
  readonly text: string;
  readonly ratePerSec: number;
  readonly measuredMs: number;
  /** Of the one load worker. */
  readonly maxConnections: number;
  readonly script: ScriptSpec;
  /** The server answers nothing for so long, from this instant of the load on. */
  readonly freeze: { readonly atMs: number; readonly forMs: number } | null;
  /** Half of the requests are writes, whose outcome is unknown when their connection is reset. */
  readonly writes: boolean;
}

export const SEED = 1;
export const WARMUP_MS = 1000;
/** Enough for a P99 at the rate below. */
const MEASURED_MS = 7000;
/** Enough for a P99.9: 10,400 requests are due, give or take 100. */
const LONG_MS = 20_000;
const QUICK_MS = 4000;
const RATE_PER_SEC = 300;
const LONG_RATE_PER_SEC = 520;
const CONNECTIONS = 256;
/** So few that most of what arrives during the freeze has to wait for a connection. */
const CONNECTIONS_AT_FREEZE = 8;
const UNCAPPED_MS = 10_000;

interface CaseParts extends Partial<Omit<LatencyCase, 'script'>> {
  readonly name: string;
  readonly text: string;
  readonly delays: ScriptSpec['delays'];
  readonly script?: Partial<ScriptSpec>;
}

function latencyCase({ delays, script, ...parts }: CaseParts): LatencyCase {
  return {
    ratePerSec: RATE_PER_SEC,
    measuredMs: MEASURED_MS,
    maxConnections: CONNECTIONS,
    freeze: null,
    writes: false,
    ...parts,
    script: {
      seed: SEED,
      name: parts.name,
      delays,
      capMs: UNCAPPED_MS,
      pieces: 1,
      resetShare: 0,
      ...script,
    },
  };
}

const always = (delay: Distribution): ScriptSpec['delays'] => [{ weight: 1, delay }];

export const LATENCY_CASES: readonly LatencyCase[] = [
  latencyCase({
    name: 'constant',
    text: '30 ms for everyone',
    delays: always({ kind: 'constant', ms: 30 }),
  }),
  latencyCase({
    name: 'exponential',
    text: 'mean 20 ms',
    delays: always({ kind: 'exponential', meanMs: 20 }),
  }),
  latencyCase({
    name: 'bimodal',
    text: '5 ms for 70 %, 60 ms for 30 %',
    delays: [
      { weight: 70, delay: { kind: 'constant', ms: 5 } },
      { weight: 30, delay: { kind: 'constant', ms: 60 } },
    ],
  }),
  latencyCase({
    name: 'heavy tail',
    text: 'log-normal, P50 10 ms, P99 150 ms, at most 800 ms',
    delays: always({ kind: 'lognormal', p50Ms: 10, p99Ms: 150 }),
    script: { capMs: 800 },
    ratePerSec: LONG_RATE_PER_SEC,
    measuredMs: LONG_MS,
  }),
  latencyCase({
    name: 'freeze',
    text: '5 ms, but nothing is answered for 1 s; 8 connections',
    delays: always({ kind: 'constant', ms: 5 }),
    maxConnections: CONNECTIONS_AT_FREEZE,
    freeze: { atMs: WARMUP_MS + 1500, forMs: 1000 },
  }),
  latencyCase({
    name: 'slow drip',
    text: 'the body in 10 pieces over 60 ms',
    delays: always({ kind: 'constant', ms: 60 }),
    script: { pieces: 10 },
  }),
  latencyCase({
    name: 'resets',
    text: '20 ms, but 10 % of the connections are reset, half of them amid the answer',
    delays: always({ kind: 'constant', ms: 20 }),
    script: { resetShare: 0.1 },
    writes: true,
  }),
];

/** The same cases for less time: a P99 still has its samples, a P99.9 has not. */
export function quickCase(latency: LatencyCase): LatencyCase {
  return { ...latency, ratePerSec: RATE_PER_SEC, measuredMs: QUICK_MS };
}

/** A request of each shopper tells its number by the token. */
function oneStep(name: string, operation: 'viewCart' | 'addToCart'): Journey {
  const only = { operation, item: 'wanted', quantity: 1, next: [] } as const;
  return { name, start: 'only', maxSteps: 1, steps: { only } };
}

/** Every session is one request of a customer of its own, so customer n sends request n. */
export function scenarioOf(latency: LatencyCase): Scenario {
  const { ratePerSec, measuredMs, writes } = latency;
  const shape = { kind: 'constant', perSec: ratePerSec } as const;
  const mix = writes ? { reader: 1, writer: 1 } : { reader: 1 };
  const journeys = [oneStep('read', 'viewCart'), oneStep('write', 'addToCart')];
  const accounts = { kind: 'own' } as const;
  return {
    name: `selftest ${latency.name}`,
    title: latency.text,
    seed: latency.script.seed,
    currency: 'EUR',
    catalogue: [
      {
        sku: 'thing',
        title: 'A thing',
        description: '',
        category: 'things',
        attributes: {},
        priceMinor: 100,
        units: 1,
      },
    ],
    zipfExponent: 1,
    phases: [
      { name: 'warmup', durationMs: WARMUP_MS, shape, measured: false, mix },
      { name: 'measured', durationMs: measuredMs, shape, measured: true, mix },
    ],
    populations: [
      { name: 'reader', journey: 'read', hotShare: 0, accounts },
      { name: 'writer', journey: 'write', hotShare: 0, accounts },
    ],
    journeys,
    sale: { opensAtMs: 0, closesAtMs: null, hotItems: [], demandToStock: 1, perCustomer: 1 },
    probes: { duplicate: 0, replay: 0, changed: 0 },
    requiredGoals: [],
  };
}
