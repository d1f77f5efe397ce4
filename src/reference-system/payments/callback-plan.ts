/** What befalls one message of the gateway: drawn from the configured shares, or as scripted. */
import { sampleMs } from '../../base/distributions.ts';
import type { Prng } from '../../base/prng.ts';
import type { CallbackOptions, CallbackTwist } from '../../contract/profile.ts';

/**
 * `signature`: by somebody without the secret · `body`: changed after it was signed · `amount`:
 * rightly signed, but not what the order costs · `age`: rightly signed, yesterday.
 */
const FORGERIES = ['signature', 'body', 'amount', 'age'] as const;
export type Forgery = (typeof FORGERIES)[number];

export interface CallbackPlan {
  readonly isLost: boolean;
  /** From the decision; 0 when it goes before the answer. */
  readonly delayMs: number;
  readonly copies: number;
  /** The charge is answered only after it. */
  readonly isEarly: boolean;
  readonly isReplayed: boolean;
  readonly forgery: Forgery | null;
}

const MOST_COPIES = 3;

/** `twists`: what befalls it by a script; null: chance decides. */
export function planCallback(
  options: CallbackOptions,
  twists: readonly CallbackTwist[] | null,
  prng: Prng,
): CallbackPlan {
  // Always the same number of draws: one share changed must not change what another draws.
  const befalls = (twist: CallbackTwist): boolean => {
    const drawn = prng.chance(options[twist]);
    return twists === null ? drawn : twists.includes(twist);
  };
  const isLost = befalls('lost');
  const isLate = befalls('late');
  const isDuplicated = befalls('duplicated');
  const isEarly = befalls('early') && !isLost && !isLate;
  const isReplayed = befalls('replayed');
  const isForged = befalls('forged');
  const copies = 2 + prng.below(MOST_COPIES - 1);
  const forgery = FORGERIES[prng.below(FORGERIES.length)] ?? 'signature';
  const promptMs = sampleMs({ kind: 'lognormal', ...options.delay }, prng);
  const delayMs = isLate ? options.lateMs : promptMs;
  return {
    ...{ isLost, isEarly, isReplayed },
    delayMs: isEarly ? 0 : delayMs,
    copies: isDuplicated ? copies : 1,
    forgery: isForged ? forgery : null,
  };
}
