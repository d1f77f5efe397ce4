/** Crash points that one message can arm: the process then ends at the named one, without warning. */
import {
  CRASH_POINTS,
  type CrashPoint,
  type CrashPoints,
} from '../../reference-system/crash-points.ts';

export interface Arming {
  readonly kind: 'arm';
  readonly point: CrashPoint;
  /** It dies when the point is reached for the n-th time from now on: 1, 2, … */
  readonly pass: number;
}

export class ArmedCrashPoints implements CrashPoints {
  readonly #die: () => void;
  #armed: Arming | undefined;
  #passes = 0;

  constructor(die: () => void) {
    this.#die = die;
  }

  /** A message of the parent; others than arming are not for us. */
  take(message: unknown): void {
    if (!isArming(message)) return;
    this.#armed = message;
    this.#passes = 0;
  }

  reach(point: CrashPoint): void {
    if (this.#armed?.point !== point) return;
    this.#passes++;
    if (this.#passes === this.#armed.pass) this.#die();
  }
}

function isArming(message: unknown): message is Arming {
  const { kind, point, pass } = (message ?? {}) as Partial<Record<keyof Arming, unknown>>;
  return kind === 'arm' && CRASH_POINTS.some((known) => known === point) && Number.isInteger(pass);
}
