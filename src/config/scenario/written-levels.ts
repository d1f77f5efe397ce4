/**
 * Rates (or, in a closed scenario, numbers of virtual users) and lengths as a scenario file writes
 * them, and how the flags that ask for another peak or another duration change them.
 */

import type { z } from 'zod';
import { formatCount, parseRatePerSec, parseRatio } from '../../base/units.ts';
import { MAX_RATE_PER_SEC } from '../../contract/rate-curve/shape-problems.ts';
import type { LoadModel } from '../../contract/scenario.ts';
import { durationMs, field, finite } from '../fields.ts';

/** What one reading of the file makes of the levels and lengths it finds. */
export interface Scale {
  readonly kind: LoadModel['kind'];
  /** What 100 % is. */
  readonly peak: number;
  /** Times what is written as an absolute rate. */
  readonly levelFactor: number;
  /** Times the lengths of measured phases and of what happens within them. */
  readonly lengthFactor: number;
  /** Told of every absolute level, unscaled. */
  readonly onAbsolute: (level: number) => void;
  /** Told that a share of the peak was found. */
  readonly onShare: () => void;
}

interface Written {
  readonly value: number;
  readonly isShare: boolean;
}

const MAX_LENGTH_MS = 24 * 3_600_000;
/** Shares above this are a slip of the pen: the peak is meant to be the highest rate. */
const MAX_SHARE = 100;

export function levelField(scale: Scale): z.ZodType<number> {
  const unit = scale.kind === 'open' ? '/s' : '';
  const form =
    scale.kind === 'open'
      ? 'a rate; write it like 250/s, 24k/min or 40% (of the peak)'
      : 'a number of virtual users; write it like 50 or 40% (of the peak)';
  const written = field<Written>({
    read: (value) => readLevel(value, scale.kind),
    expected: (value) => (isNegative(value) ? 'possible; it cannot be negative' : form),
    check: ({ value, isShare }) => {
      if (isShare) return value <= MAX_SHARE ? undefined : `is more than ${MAX_SHARE * 100}%`;
      if (value <= MAX_RATE_PER_SEC) return undefined;
      return `is out of range; at most ${formatCount(MAX_RATE_PER_SEC)}${unit} are allowed`;
    },
  });
  return written.transform(({ value, isShare }) => {
    if (isShare) {
      scale.onShare();
      return value * scale.peak;
    }
    scale.onAbsolute(value);
    return value * scale.levelFactor;
  });
}

function isNegative(value: unknown): boolean {
  return typeof value === 'string' ? value.startsWith('-') : typeof value === 'number' && value < 0;
}

function readLevel(value: unknown, kind: LoadModel['kind']): Written | undefined {
  if (typeof value === 'number') {
    const level = finite(value);
    return level === undefined || level < 0 ? undefined : { value: level, isShare: false };
  }
  if (typeof value !== 'string') return undefined;
  if (value.trim().endsWith('%')) {
    const share = parseRatio(value);
    return share === undefined ? undefined : { value: share, isShare: true };
  }
  const level = kind === 'open' ? parseRatePerSec(value) : undefined;
  return level === undefined ? undefined : { value: level, isShare: false };
}

/** A length in a phase; `isMeasured` phases are stretched or squeezed by `--duration`. */
export function lengthField(scale: Scale, isMeasured: boolean, minMs: number): z.ZodType<number> {
  const factor = isMeasured ? scale.lengthFactor : 1;
  return durationMs({ min: minMs, max: MAX_LENGTH_MS }).transform((ms) => ms * factor);
}
