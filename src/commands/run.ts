/** `ecomsim run <scenario>`: plan, start, drive, audit, report: the story of one run. */
import path from 'node:path';
import { assembleResult } from '../analysis/assemble.ts';
import type { BusinessFacts } from '../analysis/result-parts.ts';
import { calibrationDoubt } from '../analysis/warnings.ts';
import { unjudged } from '../audit/audit.ts';
import { messageOf } from '../base/errors.ts';
import { EXIT, type ExitCode } from '../base/exit-codes.ts';
import { formatIsoTime } from '../base/units.ts';
import { capacitySamples } from '../capacity/samples.ts';
import { estimateCapacity, noEstimate } from '../capacity/utilisation-law.ts';
import type { AuditReport } from '../contract/audit.ts';
import type { ClientSpec } from '../contract/call.ts';
import type { PlanSummary } from '../contract/load.ts';
import type { RunResult, ThresholdResult } from '../contract/run-result.ts';
import type { Target } from '../contract/target.ts';
import { summarisePlan } from '../engine/plan-summary.ts';
import { createProgress, type Progress } from '../reporters/progress.ts';
import { resolveReporter } from '../reporters/registry.ts';
import { emulatedStrategyPart } from '../targets/reference/strategies.ts';
import { evaluateThreshold } from '../thresholds/evaluate.ts';
import type { CommandContext, OptionValues } from './command.ts';
import { type AuditPhaseResult, runAuditPhase } from './run/audit-phase.ts';
import { countBusiness } from './run/business-facts.ts';
import { type Interrupts, StoppedNow, watchInterrupts } from './run/interrupts.ts';
import { withOwnProducts } from './run/live-setup.ts';
import { type LoadPhaseResult, runLoadPhase } from './run/load-phase.ts';
import { plannedText, userCountOver } from './run/planned-text.ts';
import { restockedUnits } from './run/restocked-units.ts';
import { machineFacts, shellCommand, toolFacts } from './run/run-facts.ts';
import { createRunFolder, HISTORY_DIR, type RunFolder, writeAtomically } from './run/run-folder.ts';
import { type RunSetup, readSetup } from './run/setup.ts';
import { storeAudit } from './run/stored-audit.ts';
import { withinEvidence } from './run/threshold-evidence.ts';

export async function execute(
  args: readonly string[],
  options: OptionValues,
  context: CommandContext,
): Promise<ExitCode> {
  const setup = await withOwnCatalogue(await readSetup(args[0] ?? '', options, context), context);
  const plan = summarisePlan(setup.scenario);
  const folder = await createRunFolder({
    reportsDir: setup.reportsDir,
    scenario: setup.scenario.name,
    wallMs: context.clock.wallMs(),
    cwd: context.cwd,
  });
  const run = new Run(setup, plan, folder, context);
  return run.execute();
}

/** The plan draws from what is on sale, so a live target is asked before anything is planned. */
async function withOwnCatalogue(setup: RunSetup, { stderr }: CommandContext): Promise<RunSetup> {
  const { target, scenario } = setup;
  if (target.products === undefined) return setup;
  if (setup.insecure) {
    stderr.write('ecomsim: WARNING: --insecure: certificates of the target are not verified\n');
  }
  try {
    await target.open();
    return { ...setup, scenario: await withOwnProducts(target, scenario) };
  } catch (error) {
    await target.close();
    throw error;
  }
}

const PROBE_HISTORY = 'probes.history';

/** One run from start to report; owns the target's life. */
class Run {
  readonly #setup: RunSetup;
  readonly #plan: PlanSummary;
  readonly #folder: RunFolder;
  readonly #context: CommandContext;
  readonly #progress: Progress;
  readonly #interrupts: Interrupts;
  readonly #target: Target;
  readonly #startedWallMs: number;

  constructor(setup: RunSetup, plan: PlanSummary, folder: RunFolder, context: CommandContext) {
    this.#setup = setup;
    this.#plan = plan;
    this.#folder = folder;
    this.#context = context;
    this.#target = setup.target;
    this.#interrupts = watchInterrupts(context.clock);
    this.#startedWallMs = context.clock.wallMs();
    const totalMs = setup.scenario.phases.reduce((sum, phase) => sum + phase.durationMs, 0);
    const { stderr } = context;
    const sink = setup.quiet
      ? { write: () => {}, columns: undefined, isTTY: false }
      : { write: stderr.write, columns: stderr.columns, isTTY: stderr.isTerminal };
    const usersAt = userCountOver(setup.scenario);
    this.#progress = createProgress(sink, {
      totalMs,
      color: sink.isTTY && setup.color,
      ...(usersAt !== undefined && { usersAt }),
    });
  }

  async execute(): Promise<ExitCode> {
    const lastResort = (): void => this.#target.kill();
    process.once('exit', lastResort);
    try {
      return await this.#drive();
    } catch (error) {
      if (!(error instanceof StoppedNow)) throw error;
      this.#progress.end();
      this.#target.kill();
      this.#context.stderr.write(
        `ecomsim: stopped at once by a second signal; ${this.#folder.shownPath} holds what was ` +
          'written until then\n',
      );
      return EXIT.interrupted;
    } finally {
      this.#progress.end();
      this.#interrupts.dispose();
      await this.#target.close();
      process.off('exit', lastResort);
      await this.#folder.discard();
    }
  }

  async #drive(): Promise<ExitCode> {
    const { scenario } = this.#setup;
    this.#warnBeforehand();
    this.#progress.step(
      `${scenario.name}: ${plannedText(this.#plan)}, seed ${scenario.seed}, ` +
        `plan ${this.#plan.digest.slice(0, 12)}; starting the target`,
    );
    const client = await this.#prepare();
    this.#progress.step(`load running against ${this.#target.url}`);
    const load = await this.#load(client);
    await this.#folder.write('histograms.hlog', load.load.histogramLog);
    const keepsNone = this.#setup.history === 'off';
    const why = keepsNone
      ? 'no history was kept (--history off), so nothing can be proven'
      : 'the run ended before the audit';
    const unaudited = this.#assemble(client, load, unjudged(why), this.#noBusiness());
    if (keepsNone) return this.#report(unaudited);
    // Kept even when a later phase fails.
    await this.#writeResult(unaudited);
    const audit = await Promise.race([this.#audit(client, load), this.#interrupts.second]);
    await storeAudit(this.#folder, audit.input);
    await this.#adoptHistory(load);
    const business = countBusiness(scenario, audit.input);
    const result = this.#assemble(client, load, audit.report, business, audit.problems);
    return this.#report(result);
  }

  /** While it can still be given up without loss. */
  #warnBeforehand(): void {
    const { aboveCalibration, scenario, quiet } = this.#setup;
    if (aboveCalibration === null || quiet) return;
    const { message, advice } = calibrationDoubt(aboveCalibration, scenario.model?.kind ?? 'open');
    this.#context.stderr.write(`ecomsim: warning: ${message} ${advice}\n`);
  }

  async #prepare(): Promise<ClientSpec> {
    const { scenario, profile } = this.#setup;
    const target = this.#target;
    await Promise.race([target.open(), this.#interrupts.second]);
    this.#progress.step('loading catalogue, stock and customers');
    const spec = await target.prepare({
      catalogue: scenario.catalogue,
      currency: scenario.currency,
      hotItems: scenario.sale.hotItems,
      perCustomer: scenario.sale.perCustomer,
      customers: this.#plan.customers,
    });
    const { maxConnections, timeoutMs } = profile.load;
    return { ...spec, maxConnections, timeoutMs, ...this.#setup.client };
  }

  /** A target that outlives this run remembers the keys of earlier ones. */
  get #keyPrefix(): string {
    const own = this.#folder.runId.slice(-4);
    return this.#setup.isLive ? `${this.#startedWallMs.toString(36)}${own}` : own;
  }

  #load(client: ClientSpec): Promise<LoadPhaseResult> {
    const { scenario, profile, workers, tightestThresholdMs, history } = this.#setup;
    return runLoadPhase({
      scenario,
      target: this.#target,
      client,
      workers,
      drainMs: profile.load.drainMs,
      history,
      historyDir: this.#folder.file(HISTORY_DIR),
      keyPrefix: this.#keyPrefix,
      tightestThresholdMs,
      clock: this.#context.clock,
      interrupts: this.#interrupts,
      onProgress: (sample, observed) => this.#progress.update(sample, observed),
    });
  }

  #audit(client: ClientSpec, load: LoadPhaseResult): Promise<AuditPhaseResult> {
    const { scenario } = this.#setup;
    return runAuditPhase({
      known: {
        runId: this.#folder.runId,
        seed: scenario.seed,
        replayCommand: this.#command(),
        catalogue: scenario.catalogue,
        sale: scenario.sale,
        currency: scenario.currency,
        promises: this.#target.promises,
        historyKept: true,
        historyScope: this.#setup.history === 'all' ? 'all' : 'writes',
        faults: load.interventions.faults,
        requiredGoals: scenario.requiredGoals,
        startUs: load.startUs,
        ...restockedUnits(scenario.catalogue, load.interventions.restocks),
      },
      target: this.#target,
      targetDead: load.targetDeath !== '',
      client,
      clock: this.#context.clock,
      historyFiles: load.load.historyFiles,
      customers: this.#plan.customers,
      keyPrefix: this.#keyPrefix,
      runFolder: path.dirname(this.#folder.file(HISTORY_DIR)),
      probeHistoryFile: this.#folder.file(`${HISTORY_DIR}/${PROBE_HISTORY}`),
      perCustomer: scenario.sale.perCustomer,
      onStep: (step) => this.#progress.step(step),
    });
  }

  async #adoptHistory({ load }: LoadPhaseResult): Promise<void> {
    const segments = load.historyFiles.map((file) => path.basename(file));
    for (const name of [...segments, PROBE_HISTORY]) {
      await this.#folder.adopt(`${HISTORY_DIR}/${name}`);
    }
  }

  #assemble(
    client: ClientSpec,
    phase: LoadPhaseResult,
    audit: AuditReport,
    business: BusinessFacts,
    phaseProblems: readonly string[] = [],
  ): RunResult {
    const { load } = phase;
    const { profile } = this.#setup;
    return assembleResult({
      run: this.#runSection(load.measuredMs + load.warmupMs),
      load,
      audit,
      thresholds: this.#thresholds(phase, audit, business),
      capacity: this.#setup.isLive
        ? noEstimate('not available on a live target: its processors cannot be read')
        : estimateCapacity({
            samples: capacitySamples({
              timeline: load.timeline,
              observations: phase.observations,
              startUs: phase.startUs,
              warmupMs: load.warmupMs,
            }),
            cores: machineFacts().cores,
            seed: this.#setup.scenario.seed,
          }),
      business,
      observations: phase.observations,
      startUs: phase.startUs,
      artefacts: [...this.#folder.artefacts()],
      targetDeath: phase.targetDeath,
      interrupted: this.#interrupts.interrupted,
      internalError: '',
      auditProblems: [
        ...phase.interventions.problems,
        ...phaseProblems,
        ...this.#folder.problems(),
      ],
      faults: phase.interventions.faults,
      leftUndone: phase.interventions.problems,
      tightestLatencyMs: this.#setup.tightestThresholdMs,
      maxConnections: client.maxConnections,
      aboveCalibration: this.#setup.aboveCalibration,
      sharesMachine: !this.#setup.isLive && profile.target === 'reference',
      emulatedStrategy: this.#setup.isLive ? '' : emulatedStrategyPart(profile.system.inventory),
    });
  }

  #noBusiness(): BusinessFacts {
    const { scenario } = this.#setup;
    return {
      unitsForSale: scenario.sale.hotItems.reduce(
        (sum, item) => sum + (scenario.catalogue[item]?.units ?? 0),
        0,
      ),
      ordersConfirmed: null,
      revenueMinor: null,
      currency: scenario.currency,
      saleOpensAtMs: scenario.sale.opensAtMs,
      soldOutAtMs: null,
    };
  }

  #thresholds(
    { load }: LoadPhaseResult,
    audit: AuditReport,
    business: BusinessFacts,
  ): ThresholdResult[] {
    const { ordersConfirmed } = business;
    const loadSec = (load.warmupMs + load.measuredMs) / 1000;
    // Counts of an audit that proved nothing are not observations.
    const counted = (value: number): number | null =>
      audit.verdict === 'unknown' && value === 0 ? null : value;
    const scalars = {
      goodput: ordersConfirmed !== null && loadSec > 0 ? ordersConfirmed / loadSec : null,
      achieved_rate: load.journeysDue > 0 ? load.journeysStarted / load.journeysDue : null,
      oversold_units: counted(audit.oversoldUnits),
      undersold_units: counted(audit.undersoldUnits),
      stranded_holds: counted(audit.strandedHolds),
      double_charges: counted(audit.doubleCharges),
      charges_without_order: counted(audit.chargesWithoutOrder),
      orders_without_charge: counted(audit.ordersWithoutCharge),
      lost_orders: counted(audit.lostOrders),
    };
    const { scenario, askedThresholds: asked } = this.#setup;
    return this.#setup.thresholds.map((threshold) =>
      withinEvidence(threshold, evaluateThreshold(threshold, load.metrics, scalars), {
        audit,
        scenario,
        asked,
      }),
    );
  }

  #command(): string {
    const { argv } = this.#context;
    const seeded = argv.some((word) => word === '--seed' || word.startsWith('--seed='));
    return shellCommand(seeded ? argv : [...argv, '--seed', String(this.#setup.scenario.seed)]);
  }

  #runSection(durationMs: number): RunResult['run'] {
    const { scenario, profile } = this.#setup;
    const { system } = profile;
    return {
      id: this.#folder.runId,
      scenario: scenario.name,
      profile: profile.name,
      seed: scenario.seed,
      planDigest: this.#plan.digest,
      startedAt: formatIsoTime(this.#startedWallMs),
      durationMs,
      command: this.#command(),
      tool: toolFacts(),
      machine: machineFacts(),
      target: {
        kind: this.#target.kind,
        name: this.#target.name,
        url: this.#target.url,
        ...(this.#setup.insecure && { insecure: true }),
      },
      system: this.#setup.isLive
        ? {}
        : {
            strategy: system.inventory.strategy,
            storage: system.storage,
            layout: system.layout,
          },
    };
  }

  async #writeResult(result: RunResult): Promise<void> {
    const reporter = await resolveReporter('json').load({ columns: 80, color: false });
    await this.#folder.write('result.json', reporter.render(result));
  }

  async #report(result: RunResult): Promise<ExitCode> {
    const { stdout, stderr } = this.#context;
    await this.#writeResult(result);
    this.#progress.end();
    const problems = [...this.#folder.problems()];
    for (const { format, path } of this.#setup.outs) {
      const reporter = await resolveReporter(format).load({ columns: 80, color: false });
      await writeAtomically(path, reporter.render(result)).catch((error: unknown) => {
        problems.push(`${path} could not be written: ${messageOf(error)}`);
      });
    }
    const page = await resolveReporter('terminal').load({
      columns: stdout.columns,
      color: this.#setup.color,
      folder: this.#folder.shownPath,
    });
    stdout.write(String(page.render(result)));
    if (problems.length === 0) return result.exitCode;
    const lines = problems.map((problem) => `ecomsim: ${problem}\n`);
    stderr.write(lines.join(''));
    // Whoever asked for a file must not go on without it believing that all is well.
    return result.exitCode === EXIT.pass ? EXIT.invalidInput : result.exitCode;
  }
}
