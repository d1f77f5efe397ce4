/** Runs one window after the other until the search is done, keeping what is known in a file. */
import path from 'node:path';
import { formatIsoTime, formatMs, formatPerSec } from '../../base/units.ts';
import { capacityReportOf } from '../../capacity/capacity-report.ts';
import { CapacitySearch } from '../../capacity/search/capacity-search.ts';
import { windowOf } from '../../capacity/window/window-verdict.ts';
import type { CapacityReport, MeasuredWindow, WindowKind } from '../../contract/capacity.ts';
import type { CommandContext, OptionValues } from '../command.ts';
import { runArgv } from '../compare/arms.ts';
import { watchInterrupts } from '../run/interrupts.ts';
import { shellCommand } from '../run/run-facts.ts';
import { createRunFolder, type RunFolder } from '../run/run-folder.ts';
import { type RunSetup, readSetup } from '../run/setup.ts';
import { performRun } from '../run.ts';
import type { CapacityPlan } from './plan.ts';
import type { SearchIdentity } from './resumed-windows.ts';
import { windowOptions } from './window-options.ts';

const US_PER_MS = 1000;
export const REPORT_FILE = 'capacity.json';

export interface CampaignSetup {
  readonly scenario: string;
  readonly options: OptionValues;
  readonly plan: CapacityPlan;
  /** Of the scenario as it is, for its names and flags. */
  readonly setup: RunSetup;
  readonly identity: SearchIdentity;
  /** Of an earlier search with the same identity, in order. */
  readonly resumed: readonly MeasuredWindow[];
}

/** `folder`: where the report and the runs of the windows are, as a person would type it. */
export interface FinishedCampaign {
  readonly report: CapacityReport;
  readonly folder: string;
  readonly problems: readonly string[];
}

export async function runCampaign(
  asked: CampaignSetup,
  context: CommandContext,
): Promise<FinishedCampaign> {
  const { setup } = asked;
  const folder = await createRunFolder({
    reportsDir: setup.reportsDir,
    scenario: `capacity-${setup.scenario.name}`,
    wallMs: context.clock.wallMs(),
    cwd: context.cwd,
    holdsHistory: false,
  });
  const campaign = new Campaign(asked, context, folder);
  try {
    const report = await campaign.execute();
    return { report, folder: folder.shownPath, problems: folder.problems() };
  } finally {
    await folder.discard();
  }
}

class Campaign {
  readonly #asked: CampaignSetup;
  readonly #context: CommandContext;
  readonly #folder: RunFolder;
  readonly #search: CapacitySearch;
  readonly #windows: MeasuredWindow[] = [];
  readonly #startedUs: number;
  readonly #startedWallMs: number;
  /** The most that a window took beside its load. */
  #overheadMs: number;

  constructor(asked: CampaignSetup, context: CommandContext, folder: RunFolder) {
    const { plan } = asked;
    this.#asked = asked;
    this.#context = context;
    this.#folder = folder;
    this.#overheadMs = plan.overheadMs;
    this.#startedUs = context.clock.nowUs();
    this.#startedWallMs = context.clock.wallMs();
    this.#search = new CapacitySearch({
      startPerSec: plan.startPerSec,
      highestPerSec: plan.highestPerSec,
      targetWidth: plan.targetWidth,
      soakWindows: this.#soakWindows(),
    });
    for (const window of asked.resumed) {
      this.#windows.push(window);
      this.#search.record(window);
    }
  }

  async execute(): Promise<CapacityReport> {
    const interrupts = watchInterrupts(this.#context.clock);
    try {
      for (;;) {
        const step = this.#search.next(this.#windowsLeft());
        if (step.kind === 'done') return await this.#keep(step.ending);
        const window = await this.#measure(step.windowKind, step.ratePerSec);
        if (window === undefined || interrupts.interrupted) return await this.#keep('interrupted');
        this.#windows.push(window);
        this.#search.record(window);
        this.#tell(window);
        // Until it ends it is as if the budget had: what is known so far is never lost.
        await this.#keep('budget');
      }
    } finally {
      interrupts.dispose();
    }
  }

  /** Undefined when a second signal ended it before there was a result. */
  async #measure(kind: WindowKind, ratePerSec: number): Promise<MeasuredWindow | undefined> {
    const { plan, options, scenario, setup } = this.#asked;
    const { clock, cwd, stderr } = this.#context;
    const lengthMs = kind === 'soak' ? plan.soakMs : plan.windowMs;
    const seed = setup.scenario.seed + this.#windows.length;
    const own = windowOptions(options, { ratePerSec, lengthMs, seed });
    const argv = runArgv(scenario, own);
    const context = { ...this.#context, argv };
    const reportsDir = path.relative(cwd, this.#folder.path);
    // Lines of every step of every run would bury the one line that each window comes to.
    const quiet = setup.quiet || !stderr.isTerminal;
    const startedUs = clock.nowUs();
    const run = await performRun(
      await readSetup(scenario, { ...own, reportsDir, quiet }, context),
      {
        ...context,
      },
    );
    for (const problem of run.problems) stderr.write(`ecomsim: ${problem}\n`);
    if (run.result === undefined) return undefined;
    const tookMs = (clock.nowUs() - startedUs) / US_PER_MS;
    const isFirst = this.#isFirst();
    const overheadMs = tookMs - lengthMs;
    this.#overheadMs = isFirst ? overheadMs : Math.max(this.#overheadMs, overheadMs);
    return windowOf(run.result, {
      kind,
      ratePerSec,
      lengthMs,
      machineSpeed: 1,
      folder: run.folder,
    });
  }

  /** Of this search: what an earlier one took tells little of now. */
  #isFirst(): boolean {
    return this.#windows.length === this.#asked.resumed.length;
  }

  #elapsedMs(): number {
    return (this.#context.clock.nowUs() - this.#startedUs) / US_PER_MS;
  }

  #windowsLeft(): number {
    const { budgetMs, windowMs } = this.#asked.plan;
    const leftMs = budgetMs - this.#elapsedMs();
    // What was promised beforehand: the first window is run however slowly it starts.
    if (this.#isFirst()) return Math.max(1, this.#countOf(leftMs, windowMs));
    return this.#countOf(leftMs, windowMs);
  }

  #countOf(leftMs: number, windowMs: number): number {
    return Math.max(0, Math.floor(leftMs / (windowMs + this.#overheadMs)));
  }

  /** What a soak costs, in windows. */
  #soakWindows(): number {
    const { windowMs, soakMs, overheadMs } = this.#asked.plan;
    return Math.ceil((soakMs + overheadMs) / (windowMs + overheadMs));
  }

  #tell(window: MeasuredWindow): void {
    const { setup, plan } = this.#asked;
    if (setup.quiet) return;
    const { kind, ratePerSec, verdict, reason, p99Ms } = window;
    const { q50PerSec, intervalPerSec } = this.#search.findings();
    const leftMs = Math.max(0, plan.budgetMs - this.#elapsedMs());
    const parts = [
      `window ${this.#windows.length}`,
      `${kind} ${formatPerSec(ratePerSec)}`,
      `${verdict}${reason === '' ? '' : ` (${reason})`}`,
      ...(p99Ms === null ? [] : [`P99 ${formatMs(p99Ms)}`]),
      ...(q50PerSec === null || intervalPerSec === null
        ? []
        : [`about ${formatPerSec(q50PerSec)} [${intervalPerSec.map(formatPerSec).join(', ')}]`]),
      `${Math.round(leftMs / 1000)} s left`,
    ];
    this.#context.stderr.write(`${parts.join(' · ')}\n`);
  }

  async #keep(ending: CapacityReport['ending']): Promise<CapacityReport> {
    const report = this.#report(ending);
    await this.#folder.write(REPORT_FILE, `${JSON.stringify(report, null, 2)}\n`);
    return report;
  }

  #report(ending: CapacityReport['ending']): CapacityReport {
    const { plan, identity } = this.#asked;
    const { argv } = this.#context;
    return capacityReportOf({
      run: {
        id: this.#folder.runId,
        startedAt: formatIsoTime(this.#startedWallMs),
        command: shellCommand(argv),
        ...identity,
        budgetMs: plan.budgetMs,
        durationMs: Math.round(this.#elapsedMs()),
      },
      windows: this.#windows,
      findings: this.#search.findings(),
      ending,
    });
  }
}
