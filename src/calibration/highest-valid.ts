/** The highest rate that still works, by bisection over trials that take a while each. */

export interface HighestValid {
  /** The highest rate that worked, and worked again; 0 when none did. */
  readonly perSec: number;
  /** A rate higher by this much did not work, or was not told apart from it. */
  readonly resolutionPerSec: number;
}

export interface Bisection {
  /** Not expected to work, and never tried. */
  readonly ceilingPerSec: number;
  /** Each halves the resolution, which is ceiling ÷ 2^halvings in the end. */
  readonly halvings: number;
  /** Trials that may confirm the result or take it down by one step of the resolution. */
  readonly confirmations: number;
}

/**
 * A trial on a busy machine may fail by bad luck and hardly ever works by good luck, so what worked
 * once has to work again. Takes at most halvings + confirmations trials.
 */
export async function highestValid(
  { ceilingPerSec, halvings, confirmations }: Bisection,
  isValid: (perSec: number) => Promise<boolean>,
): Promise<HighestValid> {
  let works = 0;
  let fails = ceilingPerSec;
  for (let i = 0; i < halvings; i++) {
    const middle = (works + fails) / 2;
    if (await isValid(middle)) works = middle;
    else fails = middle;
  }
  const resolutionPerSec = ceilingPerSec / 2 ** halvings;
  for (let i = 0; i < confirmations && works > 0; i++) {
    if (await isValid(works)) return { perSec: works, resolutionPerSec };
    works = Math.max(0, works - resolutionPerSec);
  }
  return { perSec: confirmations === 0 ? works : 0, resolutionPerSec };
}
