/** Think times as people write them: `2s`, `1s..3s`, `{ p50: 1s, p99: 8s }`, `{ mean: 2s }`. */
import type { Distribution } from '../../base/distributions.ts';
import { formatDuration, parseDurationMs } from '../../base/units.ts';
import type { Path } from '../document.ts';
import { type DocumentReader, isGroup } from '../document-reader.ts';
import { durationMs, field } from '../fields.ts';

export const NO_THINK: Distribution = { kind: 'constant', ms: 0 };

const MAX_MS = 24 * 3_600_000;
const FORMS = '2s, 1s..3s, { p50: 1s, p99: 8s }, { mean: 2s, cap: 8s } or { min: 1s, max: 3s }';
/** The fields of each kind, by the one that only it has. */
const KINDS = {
  p50: ['p50', 'p99'],
  mean: ['mean', 'cap'],
  min: ['min', 'max'],
} as const;

const length = durationMs({ min: 0, max: MAX_MS });
const some = durationMs({ min: 0.001, max: MAX_MS });

const scalar = field<Distribution>({
  read: (value) => {
    if (value === 0) return NO_THINK;
    return typeof value === 'string' ? parseText(value) : undefined;
  },
  expected: (value) =>
    Number.isFinite(value) && (value as number) > 0
      ? `a think time; write ${value}s for seconds or ${value}ms for milliseconds`
      : `a think time; write it like ${FORMS}`,
  check: (parsed) => {
    if (parsed.kind !== 'uniform' || parsed.maxMs >= parsed.minMs) {
      return longestMs(parsed) <= MAX_MS ? undefined : 'is longer than 24h';
    }
    return `goes from ${formatDuration(parsed.minMs)} down to ${formatDuration(parsed.maxMs)}`;
  },
});

function parseText(text: string): Distribution | undefined {
  const parts = text.split('..').map(parseDurationMs);
  const [first, second] = parts;
  if (first === undefined || parts.length > 2) return undefined;
  if (parts.length === 1) return { kind: 'constant', ms: first };
  return second === undefined ? undefined : { kind: 'uniform', minMs: first, maxMs: second };
}

function longestMs(think: Distribution): number {
  if (think.kind === 'constant') return think.ms;
  return think.kind === 'uniform' ? think.maxMs : 0;
}

export function readThink(
  reader: DocumentReader,
  path: Path,
  otherwise: Distribution,
): Distribution {
  const value = reader.get(path);
  if (!isGroup(value)) return reader.read(path, scalar, otherwise);
  const kind = (Object.keys(KINDS) as (keyof typeof KINDS)[]).find((name) =>
    KINDS[name].some((key) => Object.hasOwn(value, key)),
  );
  if (kind === undefined) {
    reader.report(path, `is not a think time; write it like ${FORMS}`);
    return otherwise;
  }
  reader.allow(path, KINDS[kind]);
  const at = (name: string): Path => [...path, name];
  switch (kind) {
    case 'p50': {
      const p50Ms = reader.require(at('p50'), some, 1);
      const p99Ms = reader.require(at('p99'), some, p50Ms);
      if (p99Ms < p50Ms) reader.report(at('p99'), 'is below p50');
      return { kind: 'lognormal', p50Ms, p99Ms };
    }
    case 'mean': {
      const meanMs = reader.require(at('mean'), length, 0);
      if (reader.get(at('cap')) === undefined) return { kind: 'exponential', meanMs };
      return { kind: 'exponential', meanMs, capMs: reader.read(at('cap'), length, meanMs) };
    }
    case 'min': {
      const minMs = reader.require(at('min'), length, 0);
      const maxMs = reader.require(at('max'), length, minMs);
      if (maxMs < minMs) reader.report(at('max'), 'is below min');
      return { kind: 'uniform', minMs, maxMs };
    }
  }
}
