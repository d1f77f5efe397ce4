/** Operating errors: one catalogue of stable codes, each with its exit code. */
import { EXIT, type ExitCode } from './exit-codes.ts';

const CATALOGUE = {
  USAGE: EXIT.invalidInput,
  UNKNOWN_NAME: EXIT.invalidInput,
  INVALID_FILE: EXIT.invalidInput,
  INVALID_VALUE: EXIT.invalidInput,
  OUTPUT_NOT_WRITABLE: EXIT.invalidInput,
  INVALID_HISTORY: EXIT.invalidInput,
  INVALID_RESULT: EXIT.invalidInput,
  TARGET_START_FAILED: EXIT.targetFailed,
  TARGET_NOT_READY: EXIT.targetFailed,
  TARGET_UNREACHABLE: EXIT.targetFailed,
  TARGET_PREPARE_FAILED: EXIT.targetFailed,
  TARGET_DIED: EXIT.targetFailed,
  TARGET_BAD_ANSWER: EXIT.targetFailed,
  TARGET_FOREIGN: EXIT.targetFailed,
  EGRESS_REFUSED: EXIT.invalidInput,
  PORT_TAKEN: EXIT.targetFailed,
  WORKER_DIED: EXIT.generatorInvalid,
  OUTPUT_FAILED: EXIT.internalError,
  STORE_FAILED: EXIT.targetFailed,
  ILLEGAL_TRANSITION: EXIT.internalError,
} as const satisfies Record<string, ExitCode>;

export type ErrorCode = keyof typeof CATALOGUE;

/** All codes, for the documentation check. */
export const ERROR_CODES: readonly ErrorCode[] = Object.keys(CATALOGUE) as ErrorCode[];

/**
 * An operating error a person can act on. `message` says what is wrong and what to do;
 * `details` carries further lines (one problem each).
 */
export class EcomsimError extends Error {
  override readonly name = 'EcomsimError';
  readonly code: ErrorCode;
  readonly details: readonly string[];

  constructor(
    code: ErrorCode,
    message: string,
    options: { details?: readonly string[]; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? [];
  }

  get exitCode(): ExitCode {
    return CATALOGUE[this.code];
  }
}

/** The message of anything thrown, without assuming that it is an Error. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
