/** What a command is given and what it answers; every verb file exports one `execute`. */
import type { Clock } from '../base/clock.ts';
import type { ExitCode } from '../base/exit-codes.ts';

/** A stream a command prints to; writing to a closed one is silently given up. */
export interface OutputStream {
  write(text: string): void;
  readonly columns: number;
  readonly isTerminal: boolean;
}

export interface CommandContext {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Environment variables; handed to src/config, which alone interprets them. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly clock: Clock;
  /** The arguments as typed, for the reproducing command line. */
  readonly argv: readonly string[];
}

/** Values as commander delivers them: strings, booleans, or arrays for repeatable flags. */
export type OptionValues = Readonly<Record<string, unknown>>;

export interface CommandModule {
  execute(
    args: readonly string[],
    options: OptionValues,
    context: CommandContext,
  ): Promise<ExitCode>;
}
