#!/usr/bin/env node
/** The command line: argv → one lazily loaded command → exit code. No logic lives here. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { createSystemClock } from './base/clock.ts';
import { EcomsimError } from './base/errors.ts';
import { EXIT, type ExitCode } from './base/exit-codes.ts';
import type { CommandContext, OutputStream } from './commands/command.ts';
import { COMMANDS, type CommandEntry } from './commands/manifest.ts';

/** Stops printing, not the run, once the reader has gone away. */
function openStream(stream: NodeJS.WriteStream): OutputStream {
  let gone = false;
  stream.on('error', () => {
    gone = true;
  });
  return {
    write: (text) => {
      if (!gone) stream.write(text);
    },
    get columns() {
      return stream.columns ?? 80;
    },
    get isTerminal() {
      return stream.isTTY === true && !gone;
    },
  };
}

function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}

function addCommand(
  program: Command,
  entry: CommandEntry,
  context: CommandContext,
  finish: (code: ExitCode) => void,
): void {
  const command = program.command(entry.name).summary(entry.summary).description(entry.summary);
  for (const argument of entry.args) command.argument(argument.name, argument.text);
  for (const option of entry.options) {
    const added = new Option(option.flags, option.text);
    if (option.repeatable === true) added.argParser(collect);
    command.addOption(added);
  }
  const examples = entry.examples.map((example) => `  ${example}`).join('\n');
  command.addHelpText('before', `Examples:\n${examples}\n`);
  command.action(async (...received: unknown[]) => {
    // An argument that may be repeated comes as a list.
    const args = received
      .slice(0, entry.args.length)
      .flat()
      .filter((value) => value !== undefined);
    const module = await entry.load();
    finish(await module.execute(args.map(String), command.opts(), context));
  });
}

function buildProgram(context: CommandContext, finish: (code: ExitCode) => void): Command {
  const manifestUrl = new URL('../package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(manifestUrl, 'utf8')) as { version: string };
  const program = new Command('ecomsim')
    .description('Load simulator and capacity planner for e-commerce flash sales')
    .version(version, '-V, --version')
    .showHelpAfterError('(add --help for examples)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
    })
    .addHelpText('before', 'Examples:\n  ecomsim run flash-sale\n  ecomsim list\n');
  for (const entry of COMMANDS) addCommand(program, entry, context, finish);
  for (const command of program.commands) command.exitOverride();
  return program;
}

function explain(error: unknown, stderr: OutputStream): ExitCode {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? EXIT.pass : EXIT.invalidInput;
  }
  if (error instanceof EcomsimError) {
    const lines = [`ecomsim: ${error.message}`, ...error.details.map((line) => `  ${line}`)];
    stderr.write(`${lines.join('\n')}\n`);
    return error.exitCode;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  stderr.write(`ecomsim: internal error, please report it\n${stack}\n`);
  return EXIT.internalError;
}

/** Resolves when everything written has been handed to the reader, or the reader is gone. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.destroyed || stream.writableLength === 0) return Promise.resolve();
  return new Promise((resolve) => {
    stream.once('error', () => resolve());
    stream.write('', () => resolve());
  });
}

async function main(): Promise<void> {
  const context: CommandContext = {
    stdout: openStream(process.stdout),
    stderr: openStream(process.stderr),
    env: process.env,
    cwd: process.cwd(),
    clock: createSystemClock(),
    argv: process.argv.slice(2),
  };
  let code: ExitCode = EXIT.pass;
  try {
    const program = buildProgram(context, (result) => {
      code = result;
    });
    if (context.argv.length === 0) program.outputHelp();
    else await program.parseAsync(process.argv);
  } catch (error) {
    code = explain(error, context.stderr);
  }
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  process.exit(code);
}

await main();
