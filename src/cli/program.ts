/** @file The commands of `promptune`, and how errors become messages and exit codes. */

import { Command, CommanderError } from 'commander';
import { PromptuneError, UsageError } from '../index.js';
import { packageVersion, withoutSecrets } from '../workspace/index.js';
import { benchmarkCommand } from './commands/benchmark.js';
import { chatCommand } from './commands/chat.js';
import { classifyCommand } from './commands/classify.js';
import { combineCommand } from './commands/combine.js';
import { compareCommand } from './commands/compare.js';
import { dataCommand } from './commands/data.js';
import { evalCommand } from './commands/eval.js';
import { exportCommand } from './commands/export.js';
import { generateCommand } from './commands/generate.js';
import { inspectCommand } from './commands/inspect.js';
import { mergeCommand } from './commands/merge.js';
import { modelsCommand } from './commands/models.js';
import { pretrainCommand } from './commands/pretrain.js';
import { pushCommand } from './commands/push.js';
import { queueCommand } from './commands/queue.js';
import { quickstartCommand } from './commands/quickstart.js';
import { runsCommand } from './commands/runs.js';
import { searchCommand } from './commands/search.js';
import { selectCommand } from './commands/select.js';
import { serveCommand } from './commands/serve.js';
import { studioCommand } from './commands/studio.js';
import { trainCommand } from './commands/train.js';
import { workerCommand } from './commands/worker.js';
import { helpText, messages, speak } from './messages/index.js';
import { languageOf } from './messages/language.js';
import { examplesOf } from './options/examples.js';
import { withMeant } from './options/foreign-flags.js';
import { messageFor } from './options/problems.js';
import { spokenHelp } from './terminal/spoken-help.js';

/** 1: failure. 2: invalid command line. 130: ended by Ctrl-C, as shells expect. */
export const exitCodes = { failure: 1, usage: 2, interrupted: 130 } as const;

/** All commands, for tests. */
export const program = new Command('promptune')
  .description('Learn prompts for language models, measure them, and generate with them.')
  .version(packageVersion, '-V, --version', 'print the version')
  .option(
    '--lang <name>', // `languageOf` takes it out of the arguments
    'language of the output: en, zh; before or after a command (default: by LC_ALL or LANG)',
  )
  .addHelpText(
    'after',
    () => `\n${helpText('Exit codes: 0 success, 1 failure, 2 invalid command line, 130 interrupted.')}`,
  )
  .addHelpText('after', () => examplesOf('promptune'));
for (const command of [
  quickstartCommand,
  trainCommand,
  generateCommand,
  chatCommand,
  serveCommand,
  studioCommand,
  classifyCommand,
  evalCommand,
  compareCommand,
  benchmarkCommand,
  inspectCommand,
  selectCommand,
  searchCommand,
  mergeCommand,
  combineCommand,
  exportCommand,
  pretrainCommand,
  runsCommand,
  dataCommand,
  modelsCommand,
  pushCommand,
  workerCommand,
  queueCommand,
]) {
  program.addCommand(command);
}
const withSubcommands = (command: Command): Command[] => [
  command,
  ...command.commands.flatMap(withSubcommands),
];
const fullName = (command: Command): string =>
  command.parent ? `${fullName(command.parent)} ${command.name()}` : command.name();
for (const command of withSubcommands(program)) {
  command
    .exitOverride()
    .addHelpText('after', () => (command === program ? '' : examplesOf(fullName(command))))
    .helpOption('-h, --help', 'print this help')
    .configureHelp({ ...command.configureHelp(), ...spokenHelp })
    .configureOutput({
      outputError: (message, write) => write(messages().help.error(withMeant(message, command))),
    });
}

let running: Command | undefined;
program.hook('preAction', (_, command) => {
  running = command;
});

/**
 * Runs a command line.
 * @param args without the program's name
 * @returns the exit code; undefined if the command is done and says nothing else (see `process.exitCode`)
 */
export async function runCommandLine(args: readonly string[]): Promise<number | undefined> {
  try {
    const { language, args: own } = languageOf(args, process.env);
    speak(language);
    for (const command of withSubcommands(program))
      command.showHelpAfterError(messages().help.afterError(fullName(command)));
    await program.parseAsync(own, { from: 'user' });
    return undefined;
  } catch (error) {
    return report(error);
  }
}

/** Errors of the operating system that no code can prevent, wherever they occur. */
const machineErrors = new Set(['EMFILE', 'ENFILE', 'ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'ENOMEM']);

const isOfTheMachine = (error: unknown): boolean =>
  error instanceof Error &&
  'syscall' in error &&
  machineErrors.has((error as NodeJS.ErrnoException).code ?? '');

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage;
  if ((error as Error).name === 'AbortError') return exitCodes.interrupted;
  const isUsage = error instanceof UsageError;
  const isToldInFull = error instanceof PromptuneError || isOfTheMachine(error);
  const known = isUsage ? messageFor(error, running) : isToldInFull && (error as Error).message;
  console.error(`promptune: ${withoutSecrets(known || ((error as Error).stack ?? String(error)))}`);
  return isUsage ? exitCodes.usage : exitCodes.failure;
}
