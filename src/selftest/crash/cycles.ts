/** Which cycles of kill and restart are made: every named point and pass, then random instants. */
import { Prng } from '../../base/prng.ts';
import type { StoreLayout } from '../../contract/profile.ts';
import { CRASH_POINTS, type CrashPoint } from '../../reference-system/crash-points.ts';

export type CrashPass = 'first' | 'second';

export type Cycle =
  | { readonly kind: 'point'; readonly point: CrashPoint; readonly pass: CrashPass }
  /** Killed so long after the load began; again so long after the restart began, when not null. */
  | { readonly kind: 'random'; readonly afterMs: number; readonly againAfterMs: number | null };

/** Cycles on one data folder, one after the other. */
export interface CycleBatch {
  readonly layout: StoreLayout;
  readonly cycles: readonly Cycle[];
}

const LAYOUTS: readonly StoreLayout[] = ['shared', 'per-service'];
/** The audit looks at everything since the folder was made, so it must not grow for ever. */
const CYCLES_PER_FOLDER = 30;
const LATEST_KILL_MS = 600;
const AGAIN_SHARE = 0.25;
const LATEST_AGAIN_MS = 400;

/** Every point × pass × layout. */
export const NAMED_CYCLES = CRASH_POINTS.length * 2 * LAYOUTS.length;

/** The first `count` of the named ones, then random ones; a pure function of the seed. */
export function planCycles(count: number, seed: number): CycleBatch[] {
  const prng = new Prng(seed, 'crash cycles');
  const named = CRASH_POINTS.flatMap((point): Cycle[] => [
    { kind: 'point', point, pass: 'first' },
    { kind: 'point', point, pass: 'second' },
  ]);
  const batches: CycleBatch[] = [];
  let left = count;
  const add = (layout: StoreLayout, wanted: readonly Cycle[]): void => {
    for (let i = 0; i < wanted.length && left > 0; i += CYCLES_PER_FOLDER) {
      const cycles = wanted.slice(i, i + Math.min(CYCLES_PER_FOLDER, left));
      batches.push({ layout, cycles });
      left -= cycles.length;
    }
  };
  for (const layout of LAYOUTS) add(layout, named);
  for (let i = 0; left > 0; i++) {
    const size = Math.min(CYCLES_PER_FOLDER, left);
    const cycles = Array.from({ length: size }, () => randomCycle(prng));
    add(LAYOUTS[i % LAYOUTS.length] as StoreLayout, cycles);
  }
  return batches;
}

function randomCycle(prng: Prng): Cycle {
  const afterMs = Math.floor(prng.unit() * LATEST_KILL_MS);
  const again = prng.chance(AGAIN_SHARE);
  const againAfterMs = Math.floor(prng.unit() * LATEST_AGAIN_MS);
  return { kind: 'random', afterMs, againAfterMs: again ? againAfterMs : null };
}
