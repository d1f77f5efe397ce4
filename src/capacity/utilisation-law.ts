/**
 * How much a target could carry, estimated from one run by the utilisation law: U = b + X·D, where X
 * is the throughput, D the service demand and b the work done without load. The resource whose U
 * reaches 1 first is the limit (Denning & Buzen, "The operational analysis of queueing network
 * models", 1978). Not a measurement: it knows of no threshold.
 */
import { assert } from '../base/assert.ts';
import { Prng } from '../base/prng.ts';
import type { CapacityResult } from '../contract/run-result.ts';
import { type ResourceSeries, resourcesOf, type UtilisationSample } from './resources.ts';

const MIN_SECONDS = 8;
/** The latest hour of a longer run says enough. */
const MAX_SECONDS = 3600;
/** A resource that was never busier than this says nothing about where it ends. */
const MIN_PEAK_UTILISATION = 0.05;
/** Beyond this factor over the highest measured rate an extrapolation is a guess. */
const MAX_EXTRAPOLATION = 50;
/** Spread of the rate (standard deviation ÷ mean) from which a slope can be told from an offset. */
const MIN_SPREAD_FOR_REGRESSION = 0.2;
const REPLICATES = 400;
/** Resamples that may fail to give an estimate before no interval is given. */
const MIN_USABLE_REPLICATES = 0.9;

export interface CapacityOptions {
  readonly samples: readonly UtilisationSample[];
  /** Cores the target may use. */
  readonly cores: number;
  /** Reproduces the resampling behind the interval. */
  readonly seed: number;
}

interface Estimate {
  readonly journeysPerSec: number;
  readonly resource: string;
}

/** `interval` is a 90 % interval by block bootstrap over seconds: noise only, not model error. */
export function estimateCapacity(options: CapacityOptions): CapacityResult {
  const { samples, cores, seed } = options;
  assert(cores >= 1, 'a target has at least one core');
  const usable = samples
    .filter(({ requests, processes }) => requests > 0 && processes.length > 0)
    .slice(-MAX_SECONDS);
  if (usable.length < MIN_SECONDS) {
    return noEstimate(
      `The target was observed under load for ${usable.length} s; at least ${MIN_SECONDS} s are needed.`,
    );
  }
  const resources = resourcesOf(usable, cores);
  const order = usable.map((_, index) => index);
  const estimate = estimateFrom(usable, resources, order);
  const peak = Math.max(0, ...resources.map((resource) => Math.max(...resource.utilisation)));
  if (estimate === undefined || peak < MIN_PEAK_UTILISATION) {
    const percent = Math.round(peak * 100);
    return noEstimate(
      `Too little load: no resource of the target was more than ${percent}% busy, so its limit is not in sight.`,
    );
  }
  const highest = Math.max(...usable.map(({ journeys }) => journeys));
  if (estimate.journeysPerSec > highest * MAX_EXTRAPOLATION) {
    return noEstimate(
      `Too little load: the limit lies more than ${MAX_EXTRAPOLATION} times above the highest measured rate.`,
    );
  }
  return result(estimate, usable, intervalOf(usable, resources, new Prng(seed, 'capacity')));
}

/** A result that gives the reason why there is none. */
export function noEstimate(reason: string): CapacityResult {
  return {
    method: 'none',
    unit: 'journeys/s',
    estimatePerSec: null,
    interval: null,
    claimPerSec: null,
    requestsPerSec: null,
    ordersPerSec: null,
    limitingResource: null,
    bindingThreshold: null,
    reason,
  };
}

function result(
  { journeysPerSec, resource }: Estimate,
  samples: readonly UtilisationSample[],
  interval: [number, number] | null,
): CapacityResult {
  const total = (of: (sample: UtilisationSample) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0);
  const journeys = total((sample) => sample.journeys);
  const perJourney = (count: number): number => rounded((journeysPerSec * count) / journeys);
  return {
    method: 'utilisation-law',
    unit: 'journeys/s',
    estimatePerSec: rounded(journeysPerSec),
    interval: interval === null ? null : [rounded(interval[0]), rounded(interval[1])],
    claimPerSec: null,
    requestsPerSec: perJourney(total((sample) => sample.requests)),
    ordersPerSec: perJourney(total((sample) => sample.orders)),
    limitingResource: resource,
    bindingThreshold: null,
    reason: '',
  };
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

/**
 * Regressed on requests, because work follows requests and a journey's come after its start; then
 * turned into journeys by the mix of the chosen seconds. `order` picks seconds, with repetition.
 */
function estimateFrom(
  samples: readonly UtilisationSample[],
  resources: readonly ResourceSeries[],
  order: readonly number[],
): Estimate | undefined {
  const requests = order.map((index) => samples[index]?.requests ?? 0);
  const journeys = order.reduce((sum, index) => sum + (samples[index]?.journeys ?? 0), 0);
  const requestsPerJourney = sumOf(requests) / journeys;
  if (!(requestsPerJourney > 0) || !Number.isFinite(requestsPerJourney)) return undefined;
  let best: Estimate | undefined;
  for (const { name, utilisation } of resources) {
    const busy = order.map((index) => utilisation[index] ?? 0);
    const line = lineThrough(requests, busy);
    if (line === undefined) continue;
    const journeysPerSec = (1 - line.offset) / line.slope / requestsPerJourney;
    if (best === undefined || journeysPerSec < best.journeysPerSec) {
      best = { journeysPerSec, resource: name };
    }
  }
  return best;
}

interface Line {
  readonly slope: number;
  readonly offset: number;
}

/**
 * Least squares with 0 ≤ offset ≤ the quietest second: work without load cannot exceed the least
 * that was seen. Where the rate hardly varies the offset cannot be told from the slope and is taken
 * as 0, which makes the estimate lower, never higher. Undefined when nothing was ever busy.
 */
function lineThrough(x: readonly number[], y: readonly number[]): Line | undefined {
  const meanX = sumOf(x) / x.length;
  const meanY = sumOf(y) / y.length;
  if (!(meanY > 0)) return undefined;
  let covariance = 0;
  let variance = 0;
  for (let i = 0; i < x.length; i++) {
    const dx = (x[i] ?? 0) - meanX;
    covariance += dx * ((y[i] ?? 0) - meanY);
    variance += dx * dx;
  }
  const spread = Math.sqrt(variance / x.length) / meanX;
  const free = spread < MIN_SPREAD_FOR_REGRESSION ? 0 : meanY - (covariance / variance) * meanX;
  const quietest = y.reduce((least, value) => Math.min(least, value), 1);
  const offset = Math.min(Math.max(0, free), Math.max(0, quietest), 0.99);
  const slope = (meanY - offset) / meanX;
  return slope > 0 ? { slope, offset } : undefined;
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** Moving blocks of about the cube root of the length keep neighbouring seconds together. */
function intervalOf(
  samples: readonly UtilisationSample[],
  resources: readonly ResourceSeries[],
  prng: Prng,
): [number, number] | null {
  const length = samples.length;
  const block = Math.max(2, Math.round(Math.cbrt(length)));
  const estimates: number[] = [];
  for (let replicate = 0; replicate < REPLICATES; replicate++) {
    const order: number[] = [];
    while (order.length < length) {
      const start = prng.below(length - block + 1);
      for (let i = 0; i < block && order.length < length; i++) order.push(start + i);
    }
    const estimate = estimateFrom(samples, resources, order);
    if (estimate !== undefined) estimates.push(estimate.journeysPerSec);
  }
  if (estimates.length < REPLICATES * MIN_USABLE_REPLICATES) return null;
  estimates.sort((a, b) => a - b);
  const at = (q: number): number => estimates[Math.floor(q * (estimates.length - 1))] ?? Number.NaN;
  return [at(0.05), at(0.95)];
}
