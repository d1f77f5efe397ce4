/** Faults that a run is put through on purpose. */

/** A fault that was active during [fromMs, toMs) of the load. */
export interface FaultSpan {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}
