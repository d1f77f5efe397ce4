/** Report formats by name; each is loaded only when it is used. */
import { EcomsimError } from '../base/errors.ts';
import { suggestion } from '../base/nearest-name.ts';
import { escapeText } from './escape-text.ts';
import type { Reporter, ReporterOptions } from './reporter.ts';

export interface ReporterEntry {
  readonly name: string;
  load(options: ReporterOptions): Promise<Reporter>;
}

const ENTRIES: readonly ReporterEntry[] = [
  {
    // The page printed at the end of a run.
    name: 'terminal',
    load: async (options) => (await import('./terminal.ts')).createTerminalReporter(options),
  },
  {
    // The whole result, schema version 1.
    name: 'json',
    load: async () => (await import('./json.ts')).createJsonReporter(),
  },
];

/** Promised by the documentation for later versions: said to be so, not said to be unknown. */
const PLANNED: readonly string[] = ['html', 'junit', 'md', 'csv', 'hdr', 'ndjson'];

export const reporterNames: readonly string[] = ENTRIES.map((entry) => entry.name);

/** Throws EcomsimError UNKNOWN_NAME, so that a wrong `--out` is told before anything starts. */
export function resolveReporter(name: string): ReporterEntry {
  const entry = ENTRIES.find((candidate) => candidate.name === name);
  if (entry !== undefined) return entry;
  const available = `Available: ${reporterNames.join(', ')}.`;
  if (PLANNED.includes(name)) {
    throw new EcomsimError(
      'UNKNOWN_NAME',
      `The report format "${name}" is not in this version of ecomsim. ${available}`,
    );
  }
  throw new EcomsimError(
    'UNKNOWN_NAME',
    `There is no report format "${escapeText(name, 60)}"${suggestion(name, reporterNames)}. ${available}`,
  );
}
