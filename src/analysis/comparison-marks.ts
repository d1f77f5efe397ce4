/** What differs between the runs of a comparison beside the thing compared. */
import type { RunResult } from '../contract/run-result.ts';

interface Runs {
  readonly runs: readonly { readonly result: RunResult }[];
}

const ASPECTS: readonly { readonly what: string; readonly of: (result: RunResult) => string }[] = [
  {
    what: 'machines',
    of: ({ run }) => `${run.machine.cores} × ${run.machine.cpuModel}, ${run.machine.os}`,
  },
  { what: 'targets', of: ({ run }) => `${run.target.kind} ${run.target.name}` },
  {
    what: 'lengths',
    of: ({ load }) => `${Math.round(load.measuredMs / 1000)} s measured`,
  },
  { what: 'versions of ecomsim', of: ({ run }) => run.tool.version },
];

/** One sentence for each aspect in which the runs differ; lengths of interrupted runs do not count. */
export function comparisonMarks(arms: readonly Runs[]): string[] {
  const results = arms
    .flatMap(({ runs }) => runs.map(({ result }) => result))
    .filter(({ verdict }) => verdict !== 'interrupted' && verdict !== 'error');
  return ASPECTS.flatMap(({ what, of }) => {
    const found = [...new Set(results.map(of))];
    if (found.length < 2) return [];
    return [`CAUTION, different ${what}, which may be all the difference: ${found.join(' / ')}.`];
  });
}
