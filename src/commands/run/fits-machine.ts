/** Whether a plan can be carried at all: told before anything is started, not by a machine that dies. */
import { totalmem } from 'node:os';
import { EcomsimError } from '../../base/errors.ts';
import { formatCount } from '../../base/units.ts';
import { DEFAULT_MAX_SESSIONS } from '../../contract/load.ts';
import type { Scenario } from '../../contract/scenario.ts';
import { plannedLoad } from '../../scenarios/planned-load.ts';

/** Beyond it a plan takes minutes to walk, and every session may need an account made for it. */
const MAX_JOURNEYS = 10_000_000;
/** Of the machine's memory; the rest is for the target, the history and everybody else. */
const MEMORY_SHARE = 0.5;
/** State, timer and strings of a live session. */
const SESSION_BYTES = 1024;
/** Name and token of a customer: made by the shop, kept by the coordinator and by each worker. */
const CUSTOMER_BYTES = 600;
const CUSTOMER_COPY_BYTES = 300;
/** Expected counts are means: so much more than a limit is no accident. */
const SURELY = 1.1;

export interface Machine {
  readonly memoryBytes: number;
  readonly workers: number;
}

export function thisMachine(workers: number): Machine {
  const limit = process.constrainedMemory();
  const memoryBytes = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  return { memoryBytes, workers };
}

/** Throws INVALID_VALUE with everything that surely cannot be. */
export function refuseImpossible(scenario: Scenario, machine: Machine): void {
  const problems = impossibilities(scenario, machine);
  if (problems.length === 0) return;
  throw new EcomsimError('INVALID_VALUE', 'this plan cannot be carried:', { details: problems });
}

export function impossibilities(scenario: Scenario, machine: Machine): string[] {
  const { journeys, customers, peakSessions } = plannedLoad(scenario);
  const problems: string[] = [];
  if (journeys > MAX_JOURNEYS) {
    problems.push(
      `about ${about(journeys)} journeys; at most ${formatCount(MAX_JOURNEYS)} are supported: ` +
        'lower the rate or the duration',
    );
  }
  if (peakSessions > DEFAULT_MAX_SESSIONS * SURELY) {
    problems.push(
      `about ${about(peakSessions)} sessions would be thinking at once; at most ` +
        `${formatCount(DEFAULT_MAX_SESSIONS)} are kept: lower the rate or shorten the think times`,
    );
  }
  const perCustomer = CUSTOMER_BYTES + machine.workers * CUSTOMER_COPY_BYTES;
  const bytes = peakSessions * SESSION_BYTES + customers * perCustomer;
  const allowed = machine.memoryBytes * MEMORY_SHARE;
  if (bytes > allowed) {
    problems.push(
      `about ${about(customers)} customers and ${about(peakSessions)} sessions at once need ` +
        `${gigabytes(bytes)} of memory; this machine may give ${gigabytes(allowed)} (half of what ` +
        'it has): lower the rate or the duration, or let populations share accounts: { pool: 1000 }',
    );
  }
  return problems;
}

function about(value: number): string {
  return formatCount(Number(value.toPrecision(3)));
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
}
