/** `-s 30s:100/s`: the text of each stage, read and checked, with every problem at once. */
import { parseDurationMs, parseRatePerSec } from '../../base/units.ts';
import type { ProfileOverrides } from '../../config/overrides.ts';
import { type Problem, quoteValue } from '../../config/problem.ts';
import type { Stage } from '../../scenarios/inputs.ts';
import type { OptionValues } from '../command.ts';

const MAX_STAGES = 1000;

export interface StageReading {
  /** Undefined when there are none, or none that can be used. */
  readonly stages: readonly Stage[] | undefined;
  /** What the stages say about the profile: its rate is the highest, its duration the sum. */
  readonly overrides: Pick<ProfileOverrides, 'stagePeak' | 'stageTotal'>;
  readonly problems: readonly Problem[];
}

export function readStages(given: readonly string[], options: OptionValues): StageReading {
  if (given.length === 0) return { stages: undefined, overrides: {}, problems: [] };
  const stages: Stage[] = [];
  const problems: Problem[] = [];
  const blame = (source: string, message: string): void => {
    problems.push({ source, path: '', message });
  };
  for (const text of given) {
    const stage = parseStage(text);
    if (typeof stage === 'string') blame('--stage', `${quoteValue(text)}: ${stage}`);
    else stages.push(stage);
  }
  for (const name of ['rate', 'duration'] as const) {
    if (options[name] !== undefined) {
      blame(`--${name}`, `the stages already say it; leave out either --${name} or --stage`);
    }
  }
  if (given.length > MAX_STAGES) blame('--stage', `more than ${MAX_STAGES} stages`);
  const peakPerSec = stages.reduce((peak, { perSec }) => Math.max(peak, perSec), 0);
  if (stages.length === given.length && peakPerSec === 0) {
    blame('--stage', 'no stage has a rate above 0, so nobody would ever come');
  }
  if (problems.length > 0) return { stages: undefined, overrides: {}, problems };
  const totalMs = stages.reduce((sum, { durationMs }) => sum + durationMs, 0);
  return {
    stages,
    overrides: { stagePeak: `${Number(peakPerSec.toFixed(6))}/s`, stageTotal: `${totalMs}ms` },
    problems,
  };
}

/** The stage, or what is wrong with the text. */
function parseStage(text: string): Stage | string {
  const colon = text.indexOf(':');
  if (colon < 0) return 'is not <duration>:<rate>; write it like 30s:100/s';
  const length = text.slice(0, colon).trim();
  const rate = text.slice(colon + 1).trim();
  const durationMs = parseDurationMs(length);
  const perSec = parseRatePerSec(rate);
  const wrong: string[] = [];
  if (durationMs === undefined)
    wrong.push(`${quoteValue(length)} is not a duration like 30s or 1m30s`);
  if (durationMs === 0) wrong.push('lasts no time; write 1ms for a jump');
  if (/^\d+$/.test(rate)) {
    wrong.push(
      `${rate} without a unit means virtual users, and the closed model is not in this version; ` +
        `write ${length}:${rate}/s for arrivals per second`,
    );
  } else if (perSec === undefined)
    wrong.push(`${quoteValue(rate)} is not a rate like 100/s or 6k/min`);
  if (durationMs === undefined || perSec === undefined || wrong.length > 0) return wrong.join('; ');
  return { durationMs, perSec };
}
