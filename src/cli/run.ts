// Runs one command line from its arguments to its exit code. Everything but `serve` talks to the running server by its
// management socket.

import { Command, CommanderError } from 'commander';
import { version } from '../version.ts';
import type { Context } from './command.ts';
import { addServeCommand } from './commands/serve.ts';
import { processTerminal, reportFailure } from './output.ts';

const usageExit = 2;

/** The whole command line; of a server its own command alone, since what the others need would stay in its memory. */
const createProgram = async (context: Context, isServer: boolean): Promise<Command> => {
  const { terminal } = context;
  const program = new Command('kmip-edge')
    .description('KMIP key management server for VMware vSphere and vSAN in front of IBM Key Protect')
    .version(version)
    .showHelpAfterError('(add --help for what it takes)')
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
    })
    // What comes after the name of a command is that command's: a group may have options of its own.
    .enablePositionalOptions()
    .exitOverride();
  addServeCommand(program, context);
  if (!isServer) {
    const { addAllButServe } = await import('./all-but-serve.ts');
    addAllButServe(program, context);
  }
  return program;
};

/** Runs one command line; gives its exit code. */
export const run = async (argv: readonly string[], context: Context): Promise<number> => {
  try {
    const program = await createProgram(context, argv[0] === 'serve');
    await program.parseAsync([...argv], { from: 'user' });
    return 0;
  } catch (error) {
    // Help and --version end this way too, with code 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageExit;
    return reportFailure(context.terminal, error, argv.includes('--json'));
  }
};

/** Runs this process's command line: its arguments, its terminal, its exit code. */
export const runProcess = async (): Promise<void> => {
  process.exitCode = await run(process.argv.slice(2), { terminal: processTerminal, environment: process.env });
};
