/** How a catalogue's items share the demand: Zipf by rank, the first ranks being the hot ones. */
import { ZipfSampler } from '../base/distributions.ts';
import type { Profile } from '../contract/profile.ts';

/** YCSB's exponent for item popularity. */
export const ZIPF_EXPONENT = 0.99;

export interface Popularity {
  readonly zipf: ZipfSampler;
  /** Probability that a draw from the whole catalogue is a hot item. */
  readonly hot: number;
}

export function popularityOf({ sale }: Profile): Popularity {
  const zipf = new ZipfSampler(sale.skus, ZIPF_EXPONENT);
  let hot = 0;
  for (let rank = 0; rank < sale.hotSkus; rank++) hot += zipf.probability(rank);
  return { zipf, hot: Math.min(1, hot) };
}
