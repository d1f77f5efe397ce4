/**
 * Several checks look at the same records, which have to be read from disk: one pass serves them all,
 * and each keeps what it found, or how it failed, to itself.
 */
import type { OperationRecord } from '../contract/history.ts';
import type { AuditContext } from './context.ts';
import { Findings } from './findings.ts';

export type VisitRecord = (record: Readonly<OperationRecord>, index: number) => void;

/** Makes what one check does with each record, or undefined when it has nothing to do. */
export type RecordCheck = (context: AuditContext, findings: Findings) => VisitRecord | undefined;

/** What the checks of a pass are after. */
export type RecordKind = 'stockRead' | 'checkout';

interface Part {
  readonly kind: RecordKind;
  readonly findings: Findings;
  visit: VisitRecord | undefined;
  error: unknown;
}

export class SharedPass {
  readonly #checks: ReadonlyMap<RecordCheck, RecordKind>;
  readonly #read: (
    context: AuditContext,
    visits: Readonly<Record<RecordKind, VisitRecord>>,
  ) => void;
  readonly #done = new WeakMap<AuditContext, ReadonlyMap<RecordCheck, Part>>();

  constructor(
    checks: readonly (readonly [RecordCheck, RecordKind])[],
    read: (context: AuditContext, visits: Readonly<Record<RecordKind, VisitRecord>>) => void,
  ) {
    this.#checks = new Map(checks);
    this.#read = read;
  }

  /** Adds to `findings` what the check has found; throws what it threw. */
  take(check: RecordCheck, context: AuditContext, findings: Findings): void {
    let parts = this.#done.get(context);
    if (parts === undefined) {
      parts = this.#run(context);
      this.#done.set(context, parts);
    }
    const part = parts.get(check);
    if (part === undefined) return;
    findings.takeOver(part.findings);
    if (part.error !== undefined) throw part.error;
  }

  #run(context: AuditContext): ReadonlyMap<RecordCheck, Part> {
    const parts = new Map<RecordCheck, Part>();
    for (const [check, kind] of this.#checks) {
      const part: Part = { kind, findings: new Findings(), visit: undefined, error: undefined };
      parts.set(check, part);
      try {
        part.visit = check(context, part.findings);
      } catch (error) {
        fail(part, error);
      }
    }
    const open = [...parts.values()].filter(({ visit }) => visit !== undefined);
    if (open.length === 0) return parts;
    this.#read(context, {
      stockRead: visitOf(open.filter(({ kind }) => kind === 'stockRead')),
      checkout: visitOf(open.filter(({ kind }) => kind === 'checkout')),
    });
    return parts;
  }
}

function visitOf(parts: readonly Part[]): VisitRecord {
  return (record, index) => {
    for (const part of parts) {
      try {
        part.visit?.(record, index);
      } catch (error) {
        fail(part, error);
      }
    }
  };
}

/** It is over for this check; whoever asks for what it found is told. */
function fail(part: Part, error: unknown): void {
  part.error = error ?? new Error('a check failed without saying why');
  part.visit = undefined;
}
