/** One window as the `run` that it is, so that a person can repeat it. */
import type { OptionValues } from '../command.ts';

/** From 0 to the rate at once: a stage that lasts no time is refused. */
const JUMP = '1ms';

/**
 * The options of `run` for one rate held for a while. Each window has a seed of its own, or all would
 * be one arrival pattern's word.
 */
export function windowOptions(
  options: OptionValues,
  window: { readonly ratePerSec: number; readonly lengthMs: number; readonly seed: number },
): OptionValues {
  const {
    budget: _budget,
    rate: _rate,
    highest: _highest,
    width: _width,
    window: _window,
    resume: _resume,
    out: _out,
    ...shared
  } = options;
  const { ratePerSec, lengthMs, seed } = window;
  const stage = [`${JUMP}:${ratePerSec}/s`, `${lengthMs / 1000}s:${ratePerSec}/s`];
  return { ...shared, stage, seed: String(seed) };
}
