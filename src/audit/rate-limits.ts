/**
 * A3: nobody is let in more often than a token bucket allows, nor refused while it must have had a
 * token. Counted from what clients sent: the requests wholly within a span are the least that were
 * let in during it, those that touch it the most.
 */
import type { FaultSpan } from '../contract/fault.ts';
import { OPERATION_NAMES, type OperationName } from '../contract/operation.ts';
import type { AuditContext } from './context.ts';
import type { Findings } from './findings.ts';
import { movesClock } from './unit-returns.ts';

/** Asked without a token, so no user's limit counts them; an address's does. */
const ANONYMOUS: ReadonlySet<OperationName> = new Set([
  'home',
  'search',
  'viewProduct',
  'viewStock',
  'login',
]);

interface Request {
  readonly invokedUs: number;
  readonly doneUs: number;
  /** Place in the history. */
  readonly index: number;
  readonly isAnonymous: boolean;
  readonly isAnswered: boolean;
  readonly isRefused: boolean;
}

/** Holds a second's worth, and one at least. */
class Bucket {
  readonly who: 'user' | 'address';
  readonly #perSec: number;

  constructor(who: 'user' | 'address', perSec: number) {
    this.who = who;
    this.#perSec = perSec;
  }

  /** The most that it gives in a span of this length. */
  mostIn(spanUs: number): number {
    return Math.max(1, this.#perSec) + (this.#perSec * spanUs) / 1e6;
  }

  counts({ isAnonymous }: Request): boolean {
    return this.who === 'address' || !isAnonymous;
  }
}

/** Instants are rounded to microseconds, and a bucket counts in fractions of tokens. */
const ROUNDING_TOKENS = 0.01;
/** Spans of more requests than this are not looked at: a shorter one convicts as well. */
const SPAN_REQUESTS_MAX = 1000;

export function checkRateLimits(context: AuditContext, findings: Findings): void {
  const { faults = [], promises, historyScope } = context.input;
  const { perUserPerSec = 0, perAddressPerSec = 0 } = promises.rateLimits ?? {};
  const buckets: Bucket[] = [];
  if (perUserPerSec > 0) buckets.push(new Bucket('user', perUserPerSec));
  // Every customer states an address of its own.
  if (perAddressPerSec > 0) buckets.push(new Bucket('address', perAddressPerSec));
  if (faults.some(movesClock)) {
    findings.beyondJudgement('the clock of the shop was moved, and its limits with it');
    return;
  }
  const isWhole = historyScope === 'all' && context.wholeHistory;
  for (const [customer, sent] of requestsByCustomer(context)) {
    for (const requests of betweenFaults(sent, faults)) {
      for (const bucket of buckets)
        checkAdmitted(context, findings, { customer, requests, bucket });
      if (isWhole) checkRefused(context, findings, { customer, requests, buckets });
    }
  }
}

function requestsByCustomer({ input }: AuditContext): Map<number, Request[]> {
  const found = new Map<number, Request[]>();
  input.history.forEach(
    (record, index) => {
      const { customer, invokedUs, doneUs, operation, status, reason } = record;
      const request = {
        invokedUs,
        doneUs,
        index,
        isAnonymous: ANONYMOUS.has(operation),
        isAnswered: status > 0,
        isRefused: reason === 'rate_limited',
      };
      const known = found.get(customer);
      if (known === undefined) found.set(customer, [request]);
      else known.push(request);
    },
    { operations: OPERATION_NAMES, texts: false },
  );
  return found;
}

/** A bucket is full again after a restart: what lies on both sides of a fault is not compared. */
function betweenFaults(requests: readonly Request[], faults: readonly FaultSpan[]): Request[][] {
  const parts: Request[][] = Array.from({ length: faults.length + 1 }, () => []);
  for (const request of requests) {
    const { invokedUs, doneUs } = request;
    const isHit = faults.some(
      ({ fromMs, toMs }) => doneUs >= fromMs * 1000 && invokedUs <= toMs * 1000,
    );
    if (isHit) continue;
    parts[faults.filter(({ toMs }) => toMs * 1000 < invokedUs).length]?.push(request);
  }
  return parts;
}

interface Question {
  readonly customer: number;
  readonly requests: readonly Request[];
}

/** Only an answer proves that a request was let in. */
function checkAdmitted(
  context: AuditContext,
  findings: Findings,
  { customer, requests, bucket }: Question & { readonly bucket: Bucket },
): void {
  const admitted = requests.filter(
    (request) => request.isAnswered && !request.isRefused && bucket.counts(request),
  );
  if (admitted.length > 0) findings.check();
  if (admitted.length <= bucket.mostIn(0)) return;
  admitted.sort((a, b) => a.invokedUs - b.invokedUs);
  for (let first = 0; first < admitted.length; first++) {
    const fromUs = (admitted[first] as Request).invokedUs;
    const inside = admitted.slice(first, first + SPAN_REQUESTS_MAX);
    inside.sort((a, b) => a.doneUs - b.doneUs);
    const last = inside.findIndex(
      ({ doneUs }, i) => i + 1 > bucket.mostIn(doneUs - fromUs) + ROUNDING_TOKENS,
    );
    if (last < 0) continue;
    const spanUs = (inside[last] as Request).doneUs - fromUs;
    findings.violation(
      `the ${bucket.who} of customer ${customer} was let in ${last + 1} times within ` +
        `${(spanUs / 1000).toFixed(1)} ms, allowed are ${Math.floor(bucket.mostIn(spanUs))}`,
      () => witness(context, inside.slice(0, last + 1)),
    );
    return;
  }
}

/** Refused although, whatever may have been let in before, every bucket had a token left. */
function checkRefused(
  context: AuditContext,
  findings: Findings,
  { customer, requests, buckets }: Question & { readonly buckets: readonly Bucket[] },
): void {
  const latest = [...requests].sort((a, b) => b.doneUs - a.doneUs);
  for (const refusal of requests) {
    if (!refusal.isRefused) continue;
    findings.check();
    const mayBe = buckets.filter((bucket) => bucket.counts(refusal));
    if (mayBe.some((bucket) => mayBeEmpty(bucket, refusal, latest, buckets.length > 1))) continue;
    const before = latest.filter(({ invokedUs }) => invokedUs <= refusal.doneUs);
    findings.violation(`customer ${customer} was refused below the limit`, () =>
      witness(context, before.slice(0, 10).reverse()),
    );
  }
}

function mayBeEmpty(
  bucket: Bucket,
  refusal: Request,
  latest: readonly Request[],
  isOneOfTwo: boolean,
): boolean {
  let possible = 0;
  for (const request of latest) {
    if (request === refusal || request.invokedUs > refusal.doneUs) continue;
    if (!bucket.counts(request)) continue;
    // What one bucket refuses may have cost the other one a token.
    if (request.isRefused && !isOneOfTwo) continue;
    possible++;
    // The shortest span from that request to this one: the bucket gained the least.
    const spanUs = Math.max(0, refusal.invokedUs - request.doneUs);
    if (bucket.mostIn(spanUs) - possible < 1 + ROUNDING_TOKENS) return true;
  }
  return false;
}

function witness({ describe, input }: AuditContext, requests: readonly Request[]): string[] {
  return requests
    .slice(0, 10)
    .map(({ index }) => describe.attempt({ ...input.history.at(index), index }));
}
