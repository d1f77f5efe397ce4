/** The cases of the latency selftest as data, and the scenario that each of them means. */
import { type Distribution, meanMs } from '../base/distributions.ts';
import type { Journey, Phase, RateShape, Scenario } from '../contract/scenario.ts';
import type { ScriptSpec } from './answer-script.ts';

export interface LatencyCase {
  readonly name: string;
  readonly text: string;
  /** Arrivals of the open model; with virtual users, what they come to if nothing is slow. */
  readonly ratePerSec: number;
  /** Virtual users; 0: the open model. */
  readonly users: number;
  /** Of a virtual user between the end of a request and the next one. */
  readonly pauseMs: number;
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
const WARMUP_MS = 1000;
/** Virtual users: come, all go, and come again one after the other, with which measuring begins. */
const USERS_WARMUP_MS = 500;
export const USERS_RISE_MS = 300;
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
    users: 0,
    pauseMs: 0,
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
      users: 0,
      ...script,
    },
  };
}

const always = (delay: Distribution): ScriptSpec['delays'] => [{ weight: 1, delay }];

const OPEN_CASES: readonly LatencyCase[] = [
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

/** One request of a user and its pause take this long on average. */
const USER_CYCLE_MS = 100;
const USERS = 40;
/** 11,000 requests in the long case, so that some may be late. */
const LONG_USERS = 55;
const USERS_MEASURED_MS = 5000;
const USERS_QUICK_MS = 3200;

/** The same server for virtual users, each with a request, a fixed pause, a request … */
function withUsers(latency: LatencyCase): LatencyCase {
  const isLong = latency.measuredMs === LONG_MS;
  const users = isLong ? LONG_USERS : USERS;
  const pauseMs = USER_CYCLE_MS - Math.round(meanDelayMs(latency.script));
  const name = `${latency.name}, virtual users`;
  const closed = {
    ...latency,
    name,
    users,
    pauseMs,
    ratePerSec: (users * 1000) / USER_CYCLE_MS,
    measuredMs: isLong ? LONG_MS : USERS_MEASURED_MS,
    script: { ...latency.script, name, users },
  };
  if (latency.freeze === null) return closed;
  const freeze = { ...latency.freeze, atMs: measuredFromMs(closed) + 1500 };
  return { ...closed, freeze };
}

function meanDelayMs({ delays }: ScriptSpec): number {
  const weights = delays.reduce((sum, { weight }) => sum + weight, 0);
  return delays.reduce((sum, { weight, delay }) => sum + (weight * meanMs(delay)) / weights, 0);
}

/** The open model first, then the same servers for virtual users. */
export const LATENCY_CASES: readonly LatencyCase[] = [...OPEN_CASES, ...OPEN_CASES.map(withUsers)];

/** The same cases for less time: a P99 still has its samples, a P99.9 has not. */
export function quickCase(latency: LatencyCase): LatencyCase {
  if (latency.users === 0) return { ...latency, ratePerSec: RATE_PER_SEC, measuredMs: QUICK_MS };
  const measuredMs = latency.freeze === null ? USERS_QUICK_MS : QUICK_MS;
  return { ...latency, measuredMs };
}

/** Offset of what is measured from the start of the load. */
export function measuredFromMs(latency: LatencyCase): number {
  return latency.users === 0 ? WARMUP_MS : USERS_WARMUP_MS + restMs(latency);
}

/** Until every request of the warm-up is answered and every pause after it is over. */
function restMs({ script, pauseMs }: LatencyCase): number {
  const longestMs = Math.max(...script.delays.map(({ delay }) => delayLimitMs(delay)));
  return Math.min(script.capMs, longestMs) + pauseMs + 100;
}

function delayLimitMs(delay: Distribution): number {
  switch (delay.kind) {
    case 'constant':
      return delay.ms;
    case 'uniform':
      return delay.maxMs;
    case 'exponential':
      return delay.capMs ?? delay.meanMs * 10;
    case 'lognormal':
      return Number.POSITIVE_INFINITY;
  }
}

/** A request of each shopper tells its number by the token. */
function oneStep(name: string, operation: 'viewCart' | 'addToCart'): Journey {
  const only = { operation, item: 'wanted', quantity: 1, next: [] } as const;
  return { name, start: 'only', maxSteps: 1, steps: { only } };
}

/**
 * Every session is one request. In the open model each is of a customer of its own, so customer n
 * sends request n; virtual user v sends requests v, v + users, v + 2 · users …
 */
export function scenarioOf(latency: LatencyCase): Scenario {
  const { writes } = latency;
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
    ...(latency.users > 0 && {
      model: {
        kind: 'closed',
        pauseBetween: { kind: 'constant', ms: latency.pauseMs },
      } as const,
    }),
    phases: phasesOf(latency).map((phase) => ({ ...phase, mix })),
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

function phasesOf(latency: LatencyCase): Omit<Phase, 'mix'>[] {
  const { ratePerSec, measuredMs, users } = latency;
  const phase = (name: string, durationMs: number, shape: RateShape): Omit<Phase, 'mix'> => ({
    name,
    durationMs,
    shape,
    measured: name === 'measured',
  });
  if (users === 0) {
    const constant = { kind: 'constant', perSec: ratePerSec } as const;
    return [phase('warmup', WARMUP_MS, constant), phase('measured', measuredMs, constant)];
  }
  const points = [
    { atMs: 0, perSec: 0 },
    { atMs: USERS_RISE_MS, perSec: users },
  ];
  return [
    phase('warmup', USERS_WARMUP_MS, { kind: 'ramp', fromPerSec: 0, toPerSec: users }),
    phase('rest', restMs(latency), { kind: 'constant', perSec: 0 }),
    phase('measured', measuredMs, { kind: 'replay', points }),
  ];
}
