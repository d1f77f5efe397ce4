/** Failures of the shop itself, on stderr: the first few in full, the rest only counted. */

const PRINTED = 20;

export interface FailureLog {
  readonly count: number;
  report(error: unknown): void;
}

export function createFailureLog(name: string): FailureLog {
  const log = {
    count: 0,
    report: (error: unknown): void => {
      log.count++;
      if (log.count > PRINTED) return;
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      process.stderr.write(`${name}: ${text}\n`);
      if (log.count === PRINTED) process.stderr.write(`${name}: further failures not shown\n`);
    },
  };
  return log;
}
