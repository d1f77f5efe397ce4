/** Instants of a run: a time from the start of the load, or the phase that begins then. */
import { suggestion } from '../../base/nearest-name.ts';
import { parseDurationMs } from '../../base/units.ts';
import type { Phase } from '../../contract/scenario.ts';
import type { Path } from '../document.ts';
import type { DocumentReader } from '../document-reader.ts';
import { durationMs } from '../fields.ts';
import { quoteValue } from '../problem.ts';

export interface Timetable {
  /** As the file writes them. */
  readonly written: readonly Phase[];
  /** As they will be driven, stretched or squeezed. */
  readonly driven: readonly Phase[];
}

const DAY_MS = 24 * 3_600_000;
const instant = durationMs({ min: 0, max: DAY_MS });

/** Undefined when it is absent, or reported. */
export function readInstant(
  reader: DocumentReader,
  path: Path,
  times: Timetable,
): number | undefined {
  const value = reader.get(path);
  if (value === undefined) return undefined;
  const isTime = typeof value !== 'string' || parseDurationMs(value) !== undefined;
  if (isTime) return moved(reader.read(path, instant, 0), times);
  const names = times.driven.map((phase) => phase.name);
  const index = names.indexOf(value);
  if (index >= 0) {
    return times.driven.slice(0, index).reduce((sum, phase) => sum + phase.durationMs, 0);
  }
  reader.report(
    path,
    `${quoteValue(value)} is neither a time like 5s nor a phase${suggestion(value, names)}; ` +
      `phases: ${names.join(', ')}`,
  );
  return undefined;
}

export function requireInstant(reader: DocumentReader, path: Path, times: Timetable): number {
  if (reader.get(path) === undefined) reader.report(path, 'is missing; write a time like 20s');
  return readInstant(reader, path, times) ?? 0;
}

/** Where an instant of the file lies once its phases were stretched or squeezed. */
function moved(ms: number, { written, driven }: Timetable): number {
  const isAsWritten = written.every(({ durationMs }, i) => durationMs === driven[i]?.durationMs);
  if (isAsWritten) return ms;
  let writtenMs = 0;
  let drivenMs = 0;
  for (const [index, phase] of written.entries()) {
    const to = driven[index]?.durationMs ?? phase.durationMs;
    if (ms < writtenMs + phase.durationMs) {
      return drivenMs + ((ms - writtenMs) / phase.durationMs) * to;
    }
    writtenMs += phase.durationMs;
    drivenMs += to;
  }
  return drivenMs + (ms - writtenMs);
}
