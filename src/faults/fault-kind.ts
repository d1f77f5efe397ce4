/** What a kind of fault is made of: its name, its arguments, what is injected. */
import type { Injection } from '../contract/fault.ts';
import type { PaymentOptions } from '../contract/profile.ts';

/** How an argument is written: `2s` · `+5s`, `-5s` · `20%` · `10x`. */
export type ArgumentKind = 'duration' | 'signed-duration' | 'share' | 'factor';

export interface FaultArgument {
  readonly kind: ArgumentKind;
  /** Milliseconds, a ratio or a factor. */
  readonly fallback: number;
  readonly min: number;
  readonly max: number;
}

export type ArgumentValues = Readonly<Record<string, number>>;

export interface FaultKind {
  readonly name: string;
  /** One line for people. */
  readonly text: string;
  readonly arguments: Readonly<Record<string, FaultArgument>>;
  /** How long it lasts before it is healed, ms. */
  forMs(values: ArgumentValues): number;
  inject(values: ArgumentValues, payment: PaymentOptions): Injection;
}

export const SECOND_MS = 1000;
export const LONGEST_MS = 60 * SECOND_MS;

/** How long something lasts, 1 ms at least. */
export function lasting(fallbackMs: number, maxMs = LONGEST_MS): FaultArgument {
  return { kind: 'duration', fallback: fallbackMs, min: 1, max: maxMs };
}

export function shareOf(fallback: number): FaultArgument {
  return { kind: 'share', fallback, min: 0, max: 1 };
}

export function argument(values: ArgumentValues, name: string): number {
  return values[name] ?? 0;
}

/** As long as its `for` says. */
export const forGiven = (values: ArgumentValues): number => argument(values, 'for');
