/** The smallest piece of a report: a labelled value, perhaps judged, perhaps explained. */

export type Mark = 'pass' | 'fail' | 'unknown';

/** A labelled value with lines of detail below it. */
export interface Figure {
  readonly label: string;
  readonly mark: Mark | null;
  readonly value: string;
  readonly details: readonly string[];
}
