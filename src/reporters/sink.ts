/** Where progress goes: a terminal, a pipe or a file, any of which may vanish while we write. */

export interface TextSink {
  write(text: string): void;
  /** Current width; undefined where there is none. */
  readonly columns: number | undefined;
  readonly isTTY: boolean;
}

/** Gives up for good at the first error: what cannot be shown stops the showing, never the run. */
export function forgivingWrite(sink: TextSink): (text: string) => void {
  let closed = false;
  return (text) => {
    if (closed) return;
    try {
      sink.write(text);
    } catch {
      // A closed pipe or a full disk; nobody is left to be told.
      closed = true;
    }
  };
}
