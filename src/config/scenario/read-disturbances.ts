/** What the payment gateway is made to do for a while. */
import type { Disturbance } from '../../contract/scenario.ts';
import type { Path } from '../document.ts';
import type { DocumentReader } from '../document-reader.ts';
import { durationMs, share, text } from '../fields.ts';
import { requireInstant, type Timetable } from './instants.ts';

const EXAMPLE = '[{ name: brownout, from: 10s, until: 20s, payment: { declined: 20% } }]';
/** What the gateway does where a file says nothing else. */
const USUAL = { p50Ms: 60, p99Ms: 300 };

const fields = {
  name: text(60),
  latency: durationMs({ min: 0.1, max: 3_600_000 }),
  share: share({ min: 0, max: 1 }),
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
  const latency = [...path, 'latency'];
  if (reader.group(path, ['latency', 'declined', 'lostAnswers']) === undefined) {
    if (!reader.isWrong(path)) reader.report(path, 'is missing; write payment: { declined: 20% }');
  }
  reader.group(latency, ['p50', 'p99']);
  const p50Ms = reader.read([...latency, 'p50'], fields.latency, USUAL.p50Ms);
  const p99Ms = reader.read([...latency, 'p99'], fields.latency, Math.max(p50Ms, USUAL.p99Ms));
  if (p99Ms < p50Ms) reader.report([...latency, 'p99'], 'is below p50');
  return {
    latency: { p50Ms, p99Ms },
    declined: reader.read([...path, 'declined'], fields.share, 0),
    lostAnswers: reader.read([...path, 'lostAnswers'], fields.share, 0),
  };
}
