/** The one command worth trying after a result, and why. */
import { EXIT } from '../base/exit-codes.ts';
import type { RunResult } from '../contract/run-result.ts';
import { roundRate } from './warnings.ts';

export interface NextCommand {
  readonly command: string;
  readonly why: string;
}

const SAFE_STRATEGY = 'guarded-update';
const UNSAFE_STRATEGY = 'unsafe';

export function nextCommand(result: RunResult): NextCommand {
  const { run, load } = result;
  const strategy = run.system['strategy'];
  switch (result.exitCode) {
    case EXIT.invariantViolated:
      return strategy !== undefined && strategy !== SAFE_STRATEGY
        ? {
            command: again(run, '--strategy', SAFE_STRATEGY),
            why: 'the same sale with a strategy that does not oversell',
          }
        : { command: replayCommand(run), why: 'the same run again, to see it happen' };
    case EXIT.generatorInvalid:
      return {
        command: withLoad(result, 0.5),
        why: `${HALF[modelOf(load)]}, which this machine may carry`,
      };
    case EXIT.inconclusive:
      if (/ --history[= ]off\b/.test(run.command)) {
        return { command: again(run, '--history', 'writes'), why: 'with a history to judge by' };
      }
      return {
        command: again(run, '--duration', `${longerSeconds(load.measuredMs)}s`),
        why: 'longer, for more to judge by',
      };
    case EXIT.thresholdFailed:
      return {
        command: withLoad(result, 0.5),
        why: `${HALF[modelOf(load)]}, to see whether load is the cause`,
      };
    case EXIT.pass:
      return afterPass(result, strategy);
    default:
      return { command: replayCommand(run), why: 'the same run again' };
  }
}

const HALF = { open: 'half the rate', closed: 'half the users' } as const;

function modelOf({ model }: RunResult['load']): 'open' | 'closed' {
  return model ?? 'open';
}

/** The same command with so many times the rate, or the virtual users. */
function withLoad({ run, load }: RunResult, factor: number): string {
  if (modelOf(load) === 'open') {
    return again(run, '--rate', `${roundRate(load.offeredPerSec * factor)}/s`);
  }
  return again(run, '--vus', String(roundRate((load.virtualUsers ?? 1) * factor)));
}

function afterPass(result: RunResult, strategy: string | undefined): NextCommand {
  const { run, load, capacity } = result;
  const estimate = capacity.estimatePerSec;
  if (estimate !== null && estimate > load.offeredPerSec * 1.5) {
    const factor = Math.min((estimate / load.offeredPerSec) * 0.8, 2);
    return { command: withLoad(result, factor), why: 'nearer to its limit' };
  }
  if (strategy === SAFE_STRATEGY) {
    return {
      command: again(run, '--strategy', UNSAFE_STRATEGY),
      why: 'the same sale without locking, to see the audit catch it',
    };
  }
  return {
    command: replayCommand(run),
    why: 'once more: separate runs settle at different values',
  };
}

/** The same command with one flag set to another value; everything else that was asked for stays. */
function again(run: RunResult['run'], flag: string, value: string): string {
  const short = SHORT_FLAGS[flag] ?? flag;
  const earlier = new RegExp(` (?:${flag}|${short})[= ]\\S+`, 'g');
  const kept = replayCommand(run).replace(earlier, '');
  // Stages set rates and durations themselves: another flag would change nothing.
  if (/ (?:-s|--stage)[= ]/.test(kept) && flag !== '--strategy') return kept;
  return `${kept} ${flag} ${value}`;
}

const SHORT_FLAGS: Readonly<Record<string, string>> = {
  '--rate': '-r',
  '--vus': '-u',
  '--duration': '-d',
};

const SAFE_COMMAND = /^(?:\.\/)?ecomsim run [\w ./:@%+,=-]*$/;

/** A result file may come from anybody: its command is repeated only when it can do nothing else. */
function replayCommand(run: RunResult['run']): string {
  const outsideQuotes = run.command.replace(/'[^']*'/g, '');
  if (SAFE_COMMAND.test(outsideQuotes)) return run.command;
  return `ecomsim run ${quoted(run.scenario)} -p ${quoted(run.profile)} --seed ${run.seed}`;
}

/** For a POSIX shell. */
function quoted(word: string): string {
  return /^[\w./:@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function longerSeconds(measuredMs: number): number {
  return Math.max(20, Math.ceil((measuredMs * 2) / 1000));
}
