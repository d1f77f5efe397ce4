/** What one check found: how much it looked at, what is violated, and what it could not judge. */
import type { InvariantResult, Violation } from '../contract/audit.ts';
import type { InvariantInfo } from './invariants.ts';

const VIOLATIONS_LISTED = 20;
const WITNESS_LINES = 10;

export class Findings {
  checked = 0;
  violationCount = 0;
  isBeyondJudgement = false;
  readonly #violations: Violation[] = [];
  readonly #reasons = new Set<string>();

  check(count = 1): void {
    this.checked += count;
  }

  /** `witness` is asked only for violations that are listed. */
  violation(summary: string, witness: () => readonly string[]): void {
    this.violationCount++;
    if (this.#violations.length < VIOLATIONS_LISTED) {
      this.#violations.push({ summary, witness: witness().slice(0, WITNESS_LINES) });
    }
  }

  /** Makes its own what another one has found, when it has found nothing itself yet. */
  takeOver(other: Findings): void {
    this.checked += other.checked;
    this.violationCount += other.violationCount;
    this.#violations.push(...other.#violations);
    for (const reason of other.#reasons) this.#reasons.add(reason);
    this.isBeyondJudgement ||= other.isBeyondJudgement;
  }

  /** Something that should have been judged could not be. */
  unknown(reason: string): void {
    this.#reasons.add(reason);
  }

  /** The run was too short for it: it has no part in the verdict, unless something is proven. */
  beyondJudgement(reason: string): void {
    this.unknown(reason);
    this.isBeyondJudgement = true;
  }

  /** A violation stands whatever could not be judged beside it. */
  result(info: InvariantInfo): InvariantResult {
    const reason = [...this.#reasons].join('; ');
    const open = reason === '' ? 'pass' : 'unknown';
    return {
      id: info.id,
      title: info.title,
      verdict: this.violationCount > 0 ? 'fail' : open,
      checked: this.checked,
      violations: this.#violations,
      violationCount: this.violationCount,
      reason,
    };
  }
}
