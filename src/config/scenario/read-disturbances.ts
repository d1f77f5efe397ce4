/** What the payment gateway is made to do for a while. */
import {
  CALLBACK_TWISTS,
  type CallbackOptions,
  type CallbackTwist,
  type LatencySpec,
} from '../../contract/profile.ts';
import type { Disturbance } from '../../contract/scenario.ts';
import type { Path } from '../document.ts';
import type { DocumentReader } from '../document-reader.ts';
import { durationMs, share, text } from '../fields.ts';
import { requireInstant, type Timetable } from './instants.ts';

const EXAMPLE = '[{ name: brownout, from: 10s, until: 20s, payment: { declined: 20% } }]';
/** What the gateway does where a file says nothing else. */
const USUAL = { p50Ms: 60, p99Ms: 300 };
const USUAL_CALLBACKS = { p50Ms: 100, p99Ms: 1000, lateMs: 10_000 };

const fields = {
  name: text(60),
  latency: durationMs({ min: 0.1, max: 3_600_000 }),
  share: share({ min: 0, max: 1 }),
  lateBy: durationMs({ min: 0, max: 3_600_000 }),
};

export function readDisturbances(reader: DocumentReader, times: Timetable): Disturbance[] {
  const names = ['name', 'from', 'until', 'payment'];
  const found = reader.entries(['disturbances'], names, EXAMPLE).map((at, index) => ({
    name: reader.read([...at, 'name'], fields.name, `disturbance-${index + 1}`),
    atMs: requireInstant(reader, [...at, 'from'], times),
    untilMs: requireInstant(reader, [...at, 'until'], times),
    payment: readPayment(reader, [...at, 'payment']),
  }));
  return found.sort((a, b) => a.atMs - b.atMs);
}

function readPayment(reader: DocumentReader, path: Path): Disturbance['payment'] {
  if (reader.group(path, ['latency', 'declined', 'lostAnswers', 'callbacks']) === undefined) {
    if (!reader.isWrong(path)) reader.report(path, 'is missing; write payment: { declined: 20% }');
  }
  const callbacks = readCallbacks(reader, [...path, 'callbacks']);
  return {
    latency: readLatency(reader, [...path, 'latency'], USUAL),
    ...(callbacks !== undefined && { callbacks }),
    declined: reader.read([...path, 'declined'], fields.share, 0),
    lostAnswers: reader.read([...path, 'lostAnswers'], fields.share, 0),
  };
}

function readLatency(reader: DocumentReader, path: Path, usual: LatencySpec): LatencySpec {
  reader.group(path, ['p50', 'p99']);
  const p50Ms = reader.read([...path, 'p50'], fields.latency, usual.p50Ms);
  const p99Ms = reader.read([...path, 'p99'], fields.latency, Math.max(p50Ms, usual.p99Ms));
  if (p99Ms < p50Ms) reader.report([...path, 'p99'], 'is below p50');
  return { p50Ms, p99Ms };
}

/** Undefined where the file says nothing: then it stays as the profile has it. */
function readCallbacks(reader: DocumentReader, path: Path): CallbackOptions | undefined {
  if (reader.group(path, ['delay', 'lateBy', ...CALLBACK_TWISTS]) === undefined) return undefined;
  const shareOf = (name: CallbackTwist): number => reader.read([...path, name], fields.share, 0);
  return {
    delay: readLatency(reader, [...path, 'delay'], USUAL_CALLBACKS),
    lateMs: reader.read([...path, 'lateBy'], fields.lateBy, USUAL_CALLBACKS.lateMs),
    lost: shareOf('lost'),
    late: shareOf('late'),
    duplicated: shareOf('duplicated'),
    early: shareOf('early'),
    replayed: shareOf('replayed'),
    forged: shareOf('forged'),
  };
}
