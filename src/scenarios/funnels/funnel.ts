/** A funnel preset: a journey with a mix that somebody has measured and published. */
import type { Journey } from '../../contract/scenario.ts';

export interface Funnel {
  readonly name: string;
  /** One line for `ecomsim list funnels`. */
  readonly description: string;
  /** Where the figures come from. */
  readonly source: string;
  /** What the percentages are shares of. */
  readonly unit: 'of pages' | 'of sessions';
  /** Percentages by name, as published. */
  readonly published: Readonly<Record<string, number>>;
  /** The journey, with think times that let its sessions end within a run of `durationMs`. */
  journey(durationMs: number): Journey;
  /** The same percentages from the visits of each step, expected or counted. */
  figures(visits: ReadonlyMap<string, number>): Map<string, number>;
}
