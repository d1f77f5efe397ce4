/** Verdicts and how they combine: the worst one wins, and nothing proven is never a pass. */

export const VERDICTS = ['pass', 'unknown', 'fail'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** `fail` dominates `unknown` dominates `pass`; an empty list proves nothing. */
export function worstVerdict(verdicts: Iterable<Verdict>): Verdict {
  let worst = -1;
  for (const verdict of verdicts) worst = Math.max(worst, VERDICTS.indexOf(verdict));
  return VERDICTS[worst] ?? 'unknown';
}
