/** How the gateway is asked to behave during a run, read from the body of a control request. */
import type {
  CallbackOptions,
  CallbackTwist,
  LatencySpec,
  PaymentBehaviour,
  PaymentRule,
} from '../../contract/profile.ts';

/** An hour: no payment that is still of use takes longer. */
const MAX_LATENCY_MS = 3_600_000;
const MAX_RULES = 1_000;
const MAX_TOKEN_CHARS = 128;

type Fields = Readonly<Record<string, unknown>>;

/** Undefined when anything is missing or out of range. */
export function parseBehaviour(value: unknown): PaymentBehaviour | undefined {
  if (!isObject(value)) return undefined;
  const { declined, lostAnswers } = value;
  const latency = parseLatency(value['latency']);
  if (latency === undefined || !isWithin(declined, 1) || !isWithin(lostAnswers, 1)) {
    return undefined;
  }
  const callbacks = value['callbacks'] === undefined ? null : parseCallbacks(value['callbacks']);
  const script = value['script'] === undefined ? null : parseScript(value['script']);
  if (callbacks === undefined || script === undefined) return undefined;
  return {
    ...{ latency, declined, lostAnswers },
    ...(callbacks !== null && { callbacks }),
    ...(script !== null && { script }),
  };
}

function parseLatency(value: unknown): LatencySpec | undefined {
  if (!isObject(value)) return undefined;
  const { p50Ms, p99Ms } = value;
  if (!isWithin(p50Ms, MAX_LATENCY_MS) || !isWithin(p99Ms, MAX_LATENCY_MS)) return undefined;
  return p50Ms > 0 && p99Ms >= p50Ms ? { p50Ms, p99Ms } : undefined;
}

function parseCallbacks(value: unknown): CallbackOptions | undefined {
  if (!isObject(value)) return undefined;
  const delay = parseLatency(value['delay']);
  const { lost, late, lateMs, duplicated, early, replayed, forged } = value;
  if (delay === undefined || !isWithin(lateMs, MAX_LATENCY_MS)) return undefined;
  if (!isWithin(lost, 1) || !isWithin(late, 1) || !isWithin(duplicated, 1)) return undefined;
  if (!isWithin(early, 1) || !isWithin(replayed, 1) || !isWithin(forged, 1)) return undefined;
  return { delay, lost, late, lateMs, duplicated, early, replayed, forged };
}

function parseScript(value: unknown): PaymentRule[] | undefined {
  if (!Array.isArray(value) || value.length > MAX_RULES) return undefined;
  const rules = value.map(parseRule).filter((rule) => rule !== undefined);
  return rules.length === value.length ? rules : undefined;
}

function parseRule(value: unknown): PaymentRule | undefined {
  if (!isObject(value)) return undefined;
  const { paymentToken, declined, answer, latencyMs, callbacks } = value;
  if (typeof paymentToken !== 'string' || paymentToken === '') return undefined;
  if (paymentToken.length > MAX_TOKEN_CHARS) return undefined;
  if (declined !== undefined && typeof declined !== 'boolean') return undefined;
  if (answer !== undefined && !isAnswer(answer)) return undefined;
  if (latencyMs !== undefined && !isWithin(latencyMs, MAX_LATENCY_MS)) return undefined;
  if (callbacks !== undefined && !areTwists(callbacks)) return undefined;
  return {
    paymentToken,
    ...(declined !== undefined && { declined }),
    ...(answer !== undefined && { answer }),
    ...(latencyMs !== undefined && { latencyMs }),
    ...(callbacks !== undefined && { callbacks }),
  };
}

// The shop takes types from the contract and no values, so it names these itself.
const ANSWERS: Readonly<Record<NonNullable<PaymentRule['answer']>, true>> = {
  given: true,
  cut: true,
  silent: true,
};
const TWISTS: Readonly<Record<CallbackTwist, true>> = {
  lost: true,
  late: true,
  duplicated: true,
  early: true,
  replayed: true,
  forged: true,
};

function isAnswer(value: unknown): value is NonNullable<PaymentRule['answer']> {
  return typeof value === 'string' && Object.hasOwn(ANSWERS, value);
}

function areTwists(value: unknown): value is CallbackTwist[] {
  if (!Array.isArray(value) || value.length > Object.keys(TWISTS).length) return false;
  return value.every((one) => typeof one === 'string' && Object.hasOwn(TWISTS, one));
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWithin(value: unknown, most: number): value is number {
  return typeof value === 'number' && value >= 0 && value <= most;
}
