/** Looks for the owner's consent before the load and again every 3 s: once it is gone, load ends. */
import type { Clock, TimerHandle } from '../../base/clock.ts';
import { EcomsimError } from '../../base/errors.ts';
import { consentLine, consentRecordName, holdsConsent, WELL_KNOWN_PATH } from './consent.ts';
import type { ConsentSource } from './consent-sources.ts';

const CHECK_EVERY_MS = 3000;
/** Without a clear answer for so long nobody can say that the owner still agrees. */
const UNCLEAR_LIMIT_MS = 30_000;

export interface ConsentWatchOptions {
  readonly host: string;
  /** '' when the target file has none: then there can be no consent. */
  readonly runKey: string;
  readonly sources: readonly ConsentSource[];
  readonly clock: Clock;
}

type Finding = { readonly kind: 'yes' | 'no' } | { readonly kind: 'unclear'; readonly why: string };

export class ConsentWatch {
  readonly #options: ConsentWatchOptions;
  /** Where the consent was found; only these places are watched. */
  #sources: readonly ConsentSource[];
  #timer: TimerHandle | null = null;
  #isChecking = false;
  #lastYesUs = 0;
  #isOver = false;

  constructor(options: ConsentWatchOptions) {
    this.#options = options;
    this.#sources = options.sources;
  }

  /** Throws EGRESS_REFUSED with what the owner has to place, and where. */
  async demand(): Promise<void> {
    const { runKey, host, sources, clock } = this.#options;
    if (runKey === '') throw refused(host, 'the target file has no runKey', ['', ...howTo(host)]);
    const given: ConsentSource[] = [];
    const found: string[] = [];
    for (const source of sources) {
      const finding = await this.#ask(source);
      if (finding.kind === 'yes') given.push(source);
      else found.push(`${source.place}: ${describe(finding)}`);
    }
    if (given.length === 0) {
      const line = `its owner places this line: ${consentLine(host, runKey)}`;
      const where = `at https://${host}${WELL_KNOWN_PATH} or as DNS TXT ${consentRecordName(host)}`;
      throw refused(host, 'its owner has not consented', [line, where, ...found]);
    }
    this.#sources = given;
    this.#lastYesUs = clock.nowUs();
  }

  /** `onGone` is called once, at most one interval and one look after the consent has gone. */
  watch(onGone: (reason: string) => void): void {
    this.#timer = this.#options.clock.every(CHECK_EVERY_MS, () => void this.#check(onGone));
  }

  async close(): Promise<void> {
    this.#isOver = true;
    if (this.#timer !== null) this.#options.clock.cancel(this.#timer);
    this.#timer = null;
    await Promise.all(this.#options.sources.map((source) => source.close()));
  }

  async #check(onGone: (reason: string) => void): Promise<void> {
    if (this.#isChecking || this.#isOver) return;
    this.#isChecking = true;
    const findings = await Promise.all(this.#sources.map((source) => this.#ask(source)));
    this.#isChecking = false;
    const reason = this.#reasonToStop(findings);
    if (reason === '' || this.#isOver) return;
    this.#isOver = true;
    onGone(reason);
  }

  #reasonToStop(findings: readonly Finding[]): string {
    const { clock, host } = this.#options;
    if (findings.some(({ kind }) => kind === 'yes')) {
      this.#lastYesUs = clock.nowUs();
      return '';
    }
    const unclear = findings.find((finding) => finding.kind === 'unclear');
    if (unclear === undefined) return `the consent of the owner of ${host} was withdrawn`;
    const silentMs = (clock.nowUs() - this.#lastYesUs) / 1000;
    if (silentMs < UNCLEAR_LIMIT_MS) return '';
    return `the consent of the owner of ${host} could not be seen for ${Math.round(silentMs / 1000)} s (${describe(unclear)})`;
  }

  async #ask(source: ConsentSource): Promise<Finding> {
    const answer = await source.read();
    if (answer.kind === 'unclear') return answer;
    const { host, runKey } = this.#options;
    const isThere = answer.kind === 'text' && holdsConsent(answer.text, host, runKey);
    return { kind: isThere ? 'yes' : 'no' };
  }
}

function describe(finding: Finding): string {
  if (finding.kind === 'unclear') return `no clear answer (${finding.why})`;
  return finding.kind === 'yes' ? 'consent' : 'no such line';
}

function refused(host: string, why: string, details: readonly string[]): EcomsimError {
  return new EcomsimError(
    'EGRESS_REFUSED',
    `${host} is on the public internet and may not be put under load: ${why}`,
    { details: details.filter((line) => line !== '') },
  );
}

function howTo(host: string): string[] {
  return [
    `choose a secret of 16 characters or more, keep it in a variable of the environment, and name`,
    `it in the target file: runKey: '{env.ECOMSIM_RUN_KEY}'; the next try prints the line that the`,
    `owner of ${host} has to place`,
  ];
}
