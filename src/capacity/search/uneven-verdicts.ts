/** Whether verdicts are less in order than noise explains: a higher rate passed, a lower one failed. */
import { countInversions } from '../../base/inversions.ts';
import { Prng } from '../../base/prng.ts';
import { type Posterior, passProbability, type Trial } from './posterior.ts';

const REPLICATES = 400;
/** With fewer nothing can be told. */
const MIN_TRIALS = 8;

/**
 * Posterior-predictive probability of at least as many pairs in the wrong order, if more load never
 * passes more windows; null with fewer than eight windows.
 */
export function unevenness(posterior: Posterior, trials: readonly Trial[]): number | null {
  if (trials.length < MIN_TRIALS) return null;
  const rising = [...trials].sort((a, b) => a.ratePerSec - b.ratePerSec);
  const observed = inversionsOf(rising.map(({ passed }) => passed));
  const prng = new Prng(1, 'uneven-verdicts');
  let asUneven = 0;
  for (let replicate = 0; replicate < REPLICATES; replicate++) {
    const { thetaPerSec, slope } = posterior.draw(prng.unit());
    const verdicts = rising.map(({ ratePerSec }) =>
      prng.chance(passProbability(ratePerSec, thetaPerSec, slope)),
    );
    if (inversionsOf(verdicts) >= observed) asUneven++;
  }
  return asUneven / REPLICATES;
}

/** In order: all that passed, then all that failed. */
function inversionsOf(passed: readonly boolean[]): number {
  return countInversions(passed.map((pass) => (pass ? 0 : 1)));
}
