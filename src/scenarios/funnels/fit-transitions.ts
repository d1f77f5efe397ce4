/**
 * Transition probabilities for a published page mix: of all chains over the allowed links that have
 * this mix, the one with the flows that assume least.
 */
import { assert, defined } from '../../base/assert.ts';

export interface PageGraph {
  /** Share of each page among all pages; need not sum to 1. */
  readonly shares: Readonly<Record<string, number>>;
  /** The pages that can follow each page. */
  readonly links: Readonly<Record<string, readonly string[]>>;
}

const MAX_ROUNDS = 20_000;
/** Of all pages; published figures have two decimals of a percent. */
const TOLERANCE = 1e-9;

/**
 * Probability of each link, by page. The flows over the links are fitted to the shares from both
 * sides (as much leaves a page as enters it) by iterative proportional fitting (W. E. Deming, F. F.
 * Stephan, "On a Least Squares Adjustment of a Sampled Frequency Table", 1940) from equal flows; it
 * ends at the flows of largest entropy (I. Csiszár, "I-Divergence Geometry", 1975). Asserts that the
 * links allow the mix.
 */
export function fitTransitions(graph: PageGraph): Map<string, Map<string, number>> {
  const pages = Object.keys(graph.shares);
  const total = Object.values(graph.shares).reduce((sum, share) => sum + share, 0);
  const wanted = pages.map((page) => defined(graph.shares[page], page) / total);
  const size = pages.length;
  const flows = pages.map((from) => {
    const links = defined(graph.links[from], `links of ${from}`);
    return Float64Array.from(pages, (to) => (links.includes(to) ? 1 / size : 0));
  });
  let worst = Number.POSITIVE_INFINITY;
  for (let round = 0; round < MAX_ROUNDS && worst > TOLERANCE; round++) {
    for (const [from, row] of flows.entries()) scaleRow(row, wanted[from] as number);
    worst = scaleColumns(flows, wanted);
  }
  assert(worst <= TOLERANCE, 'the allowed links cannot carry the published mix');
  return new Map(
    pages.map((page, from) => {
      const row = flows[from] as Float64Array;
      const sum = row.reduce((all, flow) => all + flow, 0);
      const chances = pages.map((to, index) => [to, (row[index] as number) / sum] as const);
      return [page, new Map(chances.filter(([, chance]) => chance > 0))];
    }),
  );
}

function scaleRow(row: Float64Array, wanted: number): void {
  const sum = row.reduce((all, flow) => all + flow, 0);
  for (let to = 0; to < row.length; to++) row[to] = ((row[to] as number) * wanted) / sum;
}

/** Returns by how much the worst column was off. */
function scaleColumns(flows: readonly Float64Array[], wanted: readonly number[]): number {
  let worst = 0;
  for (const [to, share] of wanted.entries()) {
    let sum = 0;
    for (const row of flows) sum += row[to] as number;
    worst = Math.max(worst, Math.abs(sum - share));
    for (const row of flows) row[to] = ((row[to] as number) * share) / sum;
  }
  return worst;
}
