/** Windows of an interrupted search, if it was one like this: else every difference. */
import { createHash } from 'node:crypto';
import { EcomsimError } from '../../base/errors.ts';
import type { CapacityRun, MeasuredWindow } from '../../contract/capacity.ts';
import type { RunSetup } from '../run/setup.ts';
import { readStoredCapacity } from '../stored-result.ts';

/** What tells one search from another; times and commands do not. */
export type SearchIdentity = Omit<
  CapacityRun,
  'id' | 'startedAt' | 'command' | 'budgetMs' | 'durationMs'
>;

const NAMES: Readonly<Record<keyof SearchIdentity, string>> = {
  scenario: 'scenario',
  profile: 'profile',
  seed: 'seed',
  tool: 'ecomsim',
  machine: 'machine',
  settingsDigest: 'profile fields, thresholds or client flags',
  startPerSec: 'first rate (--rate)',
  highestPerSec: 'highest rate (--highest)',
  targetWidth: 'width (--width)',
  windowMs: 'window (--window)',
  soakMs: 'soak',
};

/** SHA-256 (hex) of all that decides how a window is measured, the rate apart. */
export function settingsDigestOf(setup: RunSetup): string {
  const { profile, thresholds, client, target, workers, scenario } = setup;
  const { populations, sale, catalogue, currency } = scenario;
  const decides = { profile, thresholds, client, url: target.url, name: target.name, workers };
  const sold = { names: populations.map(({ name }) => name), opens: sale.opensAtMs };
  const all = { ...decides, ...sold, items: catalogue.length, currency };
  return createHash('sha256').update(JSON.stringify(all)).digest('hex');
}

/** Throws EcomsimError INVALID_VALUE, or INVALID_RESULT for a file that is none. */
export async function readResumed(
  given: string,
  identity: SearchIdentity,
  cwd: string,
): Promise<readonly MeasuredWindow[]> {
  const { report } = await readStoredCapacity(given, cwd);
  const { run, windows } = report;
  const differences = differencesOf(run, identity);
  if (differences.length === 0) return windows;
  throw new EcomsimError('INVALID_VALUE', `${given} was another search:`, {
    details: [...differences, `it was asked for with: ${printable(run.command)}`],
  });
}

/** One line for each part of the identity in which they differ. */
export function differencesOf(run: SearchIdentity, identity: SearchIdentity): string[] {
  return (Object.keys(NAMES) as (keyof SearchIdentity)[]).flatMap((part) => {
    const [then, now] = [run[part], identity[part]].map(asText);
    if (then === now) return [];
    const values = part === 'settingsDigest' ? 'differ' : `${then}, now ${now}`;
    return [`${NAMES[part]}: ${values}`];
  });
}

/** Objects with their keys in order, so that files written in another order are alike. */
function asText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return printable(String(value));
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return printable(entries.map(([key, one]) => `${key} ${String(one)}`).join(', '));
}

function printable(text: string): string {
  return text.replace(/[^ -~]/g, '?').slice(0, 300);
}
