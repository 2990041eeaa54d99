/** @file `promptune search`: searches for a text prompt. */
import { stat } from 'node:fs/promises';
import { Command, Option } from 'commander';
import {
  resolveSearchConfig,
  type SearchEvent,
  type SearchPromptResult,
  searchMethods,
  searchPrompt,
  searchSchemas,
  UsageError,
  withTextBefore,
} from '../../index.js';
import { say } from '../../say.js';
import { openPieces, searchByPieces, writeJsonAtomic } from '../../workspace/index.js';
import { textHelp } from '../options/arguments.js';
import { type DistributionFlags, openDistribution, piecesOptions } from '../options/distribution-options.js';
import {
  addOptions,
  deviceOptions,
  type ModelFlags,
  modelOptions,
  openModel,
} from '../options/model-options.js';
import { flagsOfChoice } from '../options/schema-flags.js';
import { exampleFlags } from '../options/train-flags.js';
import { formatLoss, shellWord } from '../terminal/format.js';
import { interruptSignal } from '../terminal/interrupt.js';
import { counted, progressLine } from '../terminal/progress-line.js';
import { padEnd, padStart } from '../terminal/text-width.js';

interface SearchFlags extends ModelFlags, DistributionFlags, Record<string, unknown> {
  output?: string;
  json?: boolean;
}

/** Flags of all methods. */
const flags = (...only: string[]) =>
  flagsOfChoice(
    searchMethods.map((name) => ({ name, schema: searchSchemas[name] })),
    { only },
  );

export const searchCommand = new Command('search')
  .description(
    'search for a text prompt: by gradients (gcg, pez), or by asking another language model (opro)',
  )
  .addHelpText('after', textHelp())
  .action(runSearch);

/** Lets a key come from the environment, instead of the visible command line. */
function fromEnvironment(option: Option): Option {
  if (option.long === '--api-key')
    option.description = option.description.replace('none', 'the environment variable PROMPTUNE_API_KEY');
  return option;
}

addOptions(searchCommand, 'Model:', Object.values(modelOptions()));
addOptions(searchCommand, 'Data:', [...flags('data', 'validation'), ...exampleFlags()]);
addOptions(searchCommand, 'Search:', [
  new Option('--method <name>', `how to search: ${searchMethods.join(', ')} (default: gcg)`).choices(
    searchMethods,
  ),
  ...flags('initText', 'numTokens', 'steps', 'numCandidates', 'seed'),
]);
addOptions(
  searchCommand,
  'Search by gradients (gcg, pez):',
  flags('characters', 'batchSize', 'evalEvery', 'topK', 'learningRate', 'weightDecay'),
);
addOptions(
  searchCommand,
  'Search by another language model (opro):',
  flags('endpoint', 'endpointModel', 'apiKey', 'temperature', 'numExamples', 'timeoutSeconds').map(
    fromEnvironment,
  ),
);
addOptions(searchCommand, 'Output:', [
  new Option('--output <file>', 'write the result, its history and all settings to a JSON file'),
  new Option('--json', 'print one JSON object per line, for programs'),
]);
addOptions(searchCommand, 'Device:', deviceOptions());
addOptions(searchCommand, 'Where it is computed:', piecesOptions());

async function runSearch({
  model: name,
  revision,
  offline,
  output,
  json,
  workers,
  queue,
  for: purpose,
  store,
  ...flags
}: SearchFlags): Promise<void> {
  const config = settingsOf(flags);
  if (output !== undefined) await checkIsFile(output);
  const line = progressLine();
  const note = () =>
    console.error(say`Stopping with the best text so far. Press Ctrl-C again to end at once.`);
  const signal = interruptSignal(note, () => line.clear());
  const pretrained = await openModel({ model: name, revision, offline }, signal);
  const { device, threads } = config;
  const where = await openDistribution({ workers, queue, for: purpose, store }, { threads, device });
  try {
    const of = { model: name, revision, offline, device, threads };
    const { engine } = where;
    const pieces = engine && (await openPieces({ engine, of, signal }, pretrained));
    const result = await searchPrompt({
      ...config,
      ...pretrained,
      ...(pieces && searchByPieces(pieces, pretrained.model)),
      signal,
      onDataProgress: (progress) => line.show(counted(say`Reading the data`, progress)),
      onEvent: (event) => {
        if (!json && event.type === 'step') return line.show(stepLine(event));
        line.clear();
        if (json) console.log(JSON.stringify(event));
        else printEvent(event);
      },
    });
    line.clear();
    if (json) console.log(JSON.stringify({ type: 'end', ...result }));
    else printResult(result, config.template);
    if (output !== undefined) await writeJsonAtomic(output, result);
    if (result.stopped) process.exitCode = 130;
  } finally {
    line.clear();
    await where.close();
  }
}

/** The flags as a configuration, checked before a model is loaded. */
function settingsOf(flags: Readonly<Record<string, unknown>>) {
  if (flags.data === undefined) throw new UsageError(say`there is no data; add --data with a file`);
  const key = flags.method === 'opro' ? (flags.apiKey ?? process.env.PROMPTUNE_API_KEY) : flags.apiKey;
  return resolveSearchConfig({ ...flags, apiKey: key || undefined });
}

async function checkIsFile(output: string): Promise<void> {
  const found = await stat(output).catch(() => undefined);
  if (found?.isDirectory())
    throw new UsageError(say`--output: ${output} is a folder, expected a file, such as found.json`);
}

function stepLine({ step, totalSteps, loss, text }: Extract<SearchEvent, { type: 'step' }>): string {
  const figures = loss === undefined ? '' : `  ${say`loss ${formatLoss(loss)}`}`;
  return `${say`step ${`${step}/${totalSteps}`}`}${figures}  ${JSON.stringify(text)}`;
}

function printEvent(event: SearchEvent): void {
  if (event.type === 'warning') console.log(say`Warning: ${event.message}`);
  if (event.type === 'start') {
    const { method, model, examples, validationExamples, start } = event;
    const from =
      start.text === ''
        ? say`no prompt`
        : say`${JSON.stringify(start.text)} (${start.tokenIds.length} token|tokens)`;
    console.log(say`${method} on ${model}, from ${from}`);
    console.log(say`${examples} example|examples, and ${validationExamples} held out for comparison`);
    if (event.recognized !== undefined) console.log(say`read as ${event.recognized}`);
    for (const note of event.notes ?? []) console.log(note);
    console.log(say`step ${0}: validation loss ${formatLoss(start.loss)}`);
  }
  if (event.type === 'validation' && event.loss === event.best)
    console.log(
      say`step ${event.step}: validation loss ${formatLoss(event.loss)}, best so far: ${JSON.stringify(event.text)}`,
    );
}

function printResult(result: SearchPromptResult, template: string | undefined): void {
  const {
    text: found,
    tokenIds,
    step,
    start,
    noPrompt,
    betterThanStart,
    betterThanNoPrompt,
    labelTokens,
  } = result;
  const isNothing = found === '';
  if (!betterThanStart) {
    const from = start.text === '' ? say`no prompt` : say`the text that it started from`;
    console.log(`\n${say`Nothing better was found than ${from}.`}`);
  }
  if (!isNothing) {
    console.log(
      betterThanStart ? `\n${say`Found in step ${step}: ${JSON.stringify(found)}`}` : JSON.stringify(found),
    );
    console.log(say`token ids: ${tokenIds.join(' ')}`);
  }
  console.log(
    `\n${' '.repeat(24)}${padStart(say`loss`, 10)}${padStart(say`perplexity`, 14)}   ` +
      say`(${labelTokens} held-out label tokens)`,
  );
  const row = (title: string, { loss, perplexity }: { loss: number; perplexity: number }) =>
    console.log(`${padEnd(title, 24)}${loss.toFixed(4).padStart(10)}${perplexity.toFixed(2).padStart(14)}`);
  if (betterThanStart) row(say`the text found`, result);
  if (start.text !== '') row(say`the start`, start);
  row(say`no prompt`, noPrompt);
  if (isNothing) return;
  if (!betterThanNoPrompt) {
    console.log(`\n${say`The model does as well or better without a prompt.`}`);
    return;
  }
  const whole = withTextBefore(found, template ?? '{prompt}');
  console.log(`\n${say`Use it: --template ${shellWord(asArgument(whole))}`}`);
  console.log(say`   or: --init-text ${shellWord(asArgument(found))}, to train a soft prompt from it`);
}

/** Escapes a text for the command line, the inverse of `text`. */
function asArgument(written: string): string {
  return written.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t');
}
