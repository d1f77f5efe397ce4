/** result.json: the public format itself, indented, ending in a line feed. */
import type { Reporter } from './reporter.ts';

export function createJsonReporter(): Reporter {
  return { render: (result) => `${JSON.stringify(result, null, 2)}\n` };
}
