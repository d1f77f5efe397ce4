/** What trying again came to, as the result states it and as people read it. */
import { formatCount } from '../base/units.ts';
import type { LoadReport } from '../contract/load.ts';
import type { RetriesResult, RunResult } from '../contract/run-result.ts';
import type { Figure } from './figure.ts';
import { rounded } from './latency.ts';

/** Null where nobody tries again. Contract probes are nobody's retries. */
export function retriesResult({ retries, metrics }: LoadReport): RetriesResult | null {
  if (retries === null) return null;
  const { ok, refused, failed, unknown } = metrics.counts({});
  const operations = ok + refused + failed + unknown;
  const attempts = metrics.attempts({});
  return {
    operations,
    attempts,
    attemptsPerIntent: operations === 0 ? null : rounded(attempts / operations),
    retries: retries.retries,
    helped: retries.helped,
    inVain: Math.max(0, retries.retries - retries.helped),
    givenUp: retries.givenUp,
    deniedByBudget: retries.deniedByBudget,
    cutShort: retries.cutShort,
    doubleClicks: retries.doubleClicks,
  };
}

export function retryFigures({ load }: RunResult): Figure[] {
  const { retries } = load;
  if (retries === undefined || retries === null) return [];
  const { helped, inVain, givenUp, deniedByBudget, cutShort, doubleClicks } = retries;
  const counted = (count: number, what: string): string[] =>
    count === 0 ? [] : [`${formatCount(count)} ${what}`];
  const unhelped = [
    ...counted(givenUp, 'after all attempts'),
    ...counted(deniedByBudget, 'for want of budget'),
    ...counted(cutShort, 'at the end of the load'),
  ].join(', ');
  const perIntent = retries.attemptsPerIntent;
  return [
    {
      label: 'Retries',
      mark: null,
      value: perIntent === null ? 'no operation' : `${perIntent.toFixed(2)} attempts per operation`,
      details: [
        `${formatCount(retries.retries)} retries: ${formatCount(helped)} helped, ` +
          `${formatCount(inVain)} in vain`,
        ...(unhelped === '' ? [] : [`given up: ${unhelped}`]),
        ...counted(doubleClicks, doubleClicks === 1 ? 'double click' : 'double clicks'),
      ],
    },
  ];
}
