/** The plug point of this folder: a report is a function of one finished result. */
import type { RunResult } from '../contract/run-result.ts';

export interface Reporter {
  render(result: RunResult): string | Uint8Array;
}

/** What the place that shows a report can do; formats for files ignore it. */
export interface ReporterOptions {
  /** Width in columns; no line is longer. */
  readonly columns: number;
  readonly color: boolean;
  /** Where the run folder is, as a person would type it; left out where that is not known. */
  readonly folder?: string;
}
