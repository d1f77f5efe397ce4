/** The waiting room in a report: how many came in, in which order, and who waited how long. */
import { formatCount, formatMs, formatRatio } from '../base/units.ts';
import type { RunResult, WaitResult } from '../contract/run-result.ts';
import type { Figure } from './figure.ts';

/** Nothing where there was none. */
export function waitingRoomFigures({ waitingRoom = null }: RunResult['business']): Figure[] {
  if (waitingRoom === null) return [];
  const { places, admitted, unusedTokens, waitMs, byPopulation } = waitingRoom;
  const share = places === 0 ? '' : ` (${formatRatio(admitted / places)})`;
  const unused = unusedTokens === 0 ? [] : [`${countOf(unusedTokens, 'token')} never used`];
  const populations = Object.entries(byPopulation).map(
    ([name, wait]) => `${name}: ${waitText(wait.waitMs, wait.waits)}`,
  );
  return [
    {
      label: 'Waiting room',
      mark: null,
      value: `${formatCount(admitted)} of ${formatCount(places)} places admitted${share}`,
      details: [...orderNote(waitingRoom), ...unused],
    },
    {
      label: 'Waited',
      mark: null,
      value: waitText(waitMs, waitMs.count),
      details: populations.length > 1 ? populations : [],
    },
  ];
}

type WaitingRoom = NonNullable<RunResult['business']['waitingRoom']>;

function orderNote({ inversionShare, displacementMax, seenInversionShare }: WaitingRoom): string[] {
  if (inversionShare === null) return [];
  const book =
    inversionShare === 0
      ? 'in the order of arrival'
      : `${formatRatio(inversionShare)} of pairs out of order, by at most ${countOf(displacementMax ?? 0, 'place')}`;
  const seen =
    seenInversionShare === null
      ? []
      : [`${formatRatio(seenInversionShare)} of pairs told in another order than they came`];
  return [book, ...seen];
}

function countOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `all` counts those who were never admitted too. */
function waitText({ count, p50, p90, max }: WaitResult, all: number): string {
  if (max === null) return `${formatCount(all)} waited in vain`;
  const parts = [
    p50 === null ? '' : `P50 ${formatMs(p50)}`,
    p90 === null ? '' : `P90 ${formatMs(p90)}`,
    `max ${formatMs(max)}`,
    `n ${formatCount(count)}`,
    all > count ? `${formatCount(all - count)} in vain` : '',
  ];
  return parts.filter((part) => part !== '').join(' · ');
}
