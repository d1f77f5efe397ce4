/** Exact Mann–Whitney test: how often chance alone would part two groups as clearly as this. */
import { assert } from '../base/assert.ts';

/** Beyond this the exact distribution takes too long, and nobody runs a system so often. */
export const MAX_VALUES = 60;

/**
 * Two-sided p-value by the permutation distribution of the rank sum, ties included (mid-ranks; Mann &
 * Whitney, "On a test of whether one of two random variables is stochastically larger", 1947). At
 * least one value a side and at most sixty in all.
 */
export function mannWhitneyP(first: readonly number[], second: readonly number[]): number {
  const all = [...first, ...second];
  assert(first.length >= 1 && second.length >= 1, 'both groups have a value');
  assert(all.length <= MAX_VALUES, `at most ${MAX_VALUES} values are compared exactly`);
  const ranks = doubledRanks(all);
  const observed = ranks.slice(0, first.length).reduce((sum, rank) => sum + rank, 0);
  const total = ranks.reduce((sum, rank) => sum + rank, 0);
  const expected = (total * first.length) / all.length;
  const distance = Math.abs(observed - expected);
  let asFar = 0;
  let choices = 0;
  waysBySum(ranks, first.length, total).forEach((ways, sum) => {
    choices += ways;
    if (Math.abs(sum - expected) >= distance - 1e-9) asFar += ways;
  });
  return asFar / choices;
}

/** Twice the mid-rank, a whole number also for ties. */
function doubledRanks(values: readonly number[]): number[] {
  return values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return 2 * below + equal + 1;
  });
}

/** In how many ways `size` of the ranks have each sum. */
function waysBySum(ranks: readonly number[], size: number, total: number): Float64Array {
  const ways = Array.from({ length: size + 1 }, () => new Float64Array(total + 1));
  const empty = ways[0];
  if (empty !== undefined) empty[0] = 1;
  for (const rank of ranks) {
    for (let taken = size; taken >= 1; taken--) {
      const from = ways[taken - 1];
      const into = ways[taken];
      if (from === undefined || into === undefined) continue;
      for (let sum = total; sum >= rank; sum--) {
        into[sum] = (into[sum] ?? 0) + (from[sum - rank] ?? 0);
      }
    }
  }
  return ways[size] ?? new Float64Array(1);
}
