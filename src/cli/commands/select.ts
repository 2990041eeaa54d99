/** @file `promptune select`: trains and uses a selector, which predicts the best of several prompts for each input. */
import { text as readText } from 'node:stream/consumers';
import { Command, Option } from 'commander';
import {
  createSelectiveGenerator,
  evaluateSelector,
  type Fields,
  type FileOptions,
  type GenerationOptions,
  readRows,
  resolveGenerationOptions,
  type SelectionEvent,
  type SelectionFiles,
  type SelectionReport,
  type Selector,
  type SelectorConfig,
  selectionFilesSchema,
  selectorSchema,
  trainSelector,
  UsageError,
  writeJson,
} from '../../index.js';
import { say } from '../../say.js';
import {
  type OpenedSelector,
  openPieces,
  openSelector,
  readCandidatesFile,
  selectionByPieces,
} from '../../workspace/index.js';
import { textHelp, texts } from '../options/arguments.js';
import { type DistributionFlags, openDistribution, piecesOptions } from '../options/distribution-options.js';
import { choiceOptions, generationOf, lengthOptions } from '../options/generation-options.js';
import {
  addOptions,
  type DeviceFlags,
  deviceOptions,
  type ModelFlags,
  modelOptions,
  openModel,
} from '../options/model-options.js';
import { flagsOf } from '../options/schema-flags.js';
import { fileFlags } from '../options/train-flags.js';
import { shellWord } from '../terminal/format.js';
import { interruptSignal } from '../terminal/interrupt.js';
import { promptune } from '../terminal/invocation.js';
import { jobProgress } from '../terminal/job-progress.js';
import { counted, type ProgressLine, progressLine } from '../terminal/progress-line.js';
import { padEnd, padStart, widthOf } from '../terminal/text-width.js';

const trainCommand = new Command('train')
  .description('train a selector of prompts from their losses on a data set')
  .addHelpText('after', textHelp())
  .action(runTrain);

const evalCommand = new Command('eval')
  .description('evaluate a selector on other data, compared with every candidate alone and the best per row')
  .argument('<selector>', 'its folder')
  .action(runEval);

const applyCommand = new Command('apply')
  .description('choose a prompt for each input, and generate with it')
  .argument('<selector>', 'its folder')
  .addHelpText('after', textHelp('Standard input has one input per line.'))
  .action(runApply);

export const selectCommand = new Command('select').description(
  'choose the best of several prompts for each input, with a model that predicts it',
);
for (const command of [trainCommand, evalCommand, applyCommand]) selectCommand.addCommand(command);

interface TrainFlags
  extends ModelFlags,
    DeviceFlags,
    DistributionFlags,
    SelectorConfig,
    Partial<SelectionFiles> {
  json?: boolean;
}

const flags = (...only: (keyof SelectorConfig)[]) => flagsOf(selectorSchema, { only });
const files = (...only: (keyof SelectionFiles)[]) => flagsOf(selectionFilesSchema, { only });

addOptions(trainCommand, 'Model:', Object.values(modelOptions()));
addOptions(trainCommand, 'Data:', [
  ...files('candidates', 'data', 'validation'),
  ...fileFlags(),
  ...flags('inputField', 'completionTemplate'),
]);
addOptions(trainCommand, 'Selector:', flags('selector', 'temperature', 'width', 'layers'));
addOptions(trainCommand, 'Training:', flags('learningRate', 'weightDecay', 'epochs', 'batchSize', 'seed'));
addOptions(trainCommand, 'Output:', [
  ...files('output', 'overwrite'),
  new Option('--json', 'print events and results as JSON objects, one per line'),
]);
addOptions(trainCommand, 'Device:', deviceOptions());
addOptions(trainCommand, 'Where it is computed:', piecesOptions());

interface EvalFlags extends ModelFlags, DeviceFlags, FileOptions {
  data?: string;
  json?: boolean;
}

const storedModel = () => {
  const options = modelOptions();
  options.model.description =
    'a folder, or a model of the Hugging Face Hub (default: the one that the selector names)';
  return Object.values(options);
};

addOptions(evalCommand, 'Model:', storedModel());
addOptions(evalCommand, 'Data:', [...files('data'), ...fileFlags()]);
addOptions(evalCommand, 'Output:', [new Option('--json', 'print the results as a JSON object')]);
addOptions(evalCommand, 'Device:', deviceOptions());

interface ApplyFlags extends ModelFlags, DeviceFlags, FileOptions, GenerationOptions {
  data?: string;
  text?: string[];
  /** Commander's name for --no-generate. */
  generate: boolean;
  json?: boolean;
}

addOptions(applyCommand, 'Model:', storedModel());
addOptions(applyCommand, 'Inputs:', [
  new Option('--text <text>', 'an input; may be repeated (default: lines of standard input)').argParser(
    texts,
  ),
  new Option(
    '--data <file>',
    "rows whose fields the candidates' templates use: .jsonl, .json, .csv, .tsv or .txt",
  ),
  ...fileFlags(),
]);
addOptions(applyCommand, 'Output:', [
  new Option('--no-generate', 'only print the chosen candidate (default: generate with it)'),
  ...lengthOptions(),
  new Option('--json', 'print one JSON object per input'),
]);
for (const [heading, options] of choiceOptions()) addOptions(applyCommand, heading, options);
addOptions(applyCommand, 'Device:', deviceOptions());

async function runTrain(flags: TrainFlags): Promise<void> {
  const { model: name, revision, offline, candidates: file, data, validation, ...others } = flags;
  const { output, json, workers, queue, for: purpose, store, ...rest } = others;
  if (!file) throw new UsageError(say`there are no candidates; add --candidates with a file`);
  if (!data) throw new UsageError(say`there is no data; add --data with a file`);
  if (!output) throw new UsageError(say`there is no output folder; add --output`);
  const signal = interruptSignal();
  const candidates = await readCandidatesFile(file);
  const adapter = candidates.flatMap((candidate) => candidate.adapter ?? []);
  const pretrained = await openModel({ model: name, revision, offline, adapter }, signal);
  const line = progressLine();
  const { device, threads } = rest;
  const where = await openDistribution({ workers, queue, for: purpose, store }, { threads, device });
  try {
    // The first adapter's own model, where none is named.
    const of = { model: name ?? pretrained.model.name, revision, offline, device, threads };
    const { engine } = where;
    const pieces = engine && (await openPieces({ engine, of, signal }, pretrained));
    const { validation: report, ...result } = await trainSelector({
      ...rest,
      ...pretrained,
      ...(pieces && selectionByPieces(pieces, pretrained.model)),
      candidates,
      data,
      validation,
      output,
      signal,
      onEvent: (event) => showEvent(event, line, json),
    });
    line.clear();
    if (json) {
      console.log(JSON.stringify({ type: 'done', ...result, output, validation: report }));
      return;
    }
    console.log(
      say`Trained on ${result.trainRows} row|rows; the best epoch on the validation rows is ${result.bestEpoch}:`,
    );
    printReport(report);
    console.log(`\n${say`To use it: ${promptune('select', 'apply', shellWord(output))} --text "…"`}`);
  } finally {
    line.clear();
    await where.close();
  }
}

function showEvent(event: SelectionEvent, line: ProgressLine, json = false): void {
  if (json) {
    // One line per candidate for the losses.
    if (event.type !== 'losses' || event.done === event.total) console.log(JSON.stringify(event));
    return;
  }
  if (event.type === 'note') {
    line.clear();
    console.error(event.message);
    return;
  }
  if (event.type === 'losses') {
    line.show(counted(say`Losses of ${event.candidate}`, event));
    return;
  }
  const { epoch, epochs, loss, regret } = event;
  line.show(
    say`epoch ${epoch} of ${epochs}  loss ${loss.toFixed(4)}  regret on the validation rows ${regret.toFixed(4)}`,
  );
}

async function runEval(folder: string, flags: EvalFlags): Promise<void> {
  const { data, encoding, columns, header, json, device, threads } = flags;
  if (!data) throw new UsageError(say`there is no data; add --data with a file`);
  const signal = interruptSignal();
  await withSelector(folder, flags, signal, async ({ selector, ...pretrained }) => {
    const line = progressLine();
    try {
      const report = await evaluateSelector({
        ...pretrained,
        selector,
        data,
        ...{ encoding, columns, header },
        device,
        threads,
        signal,
        onProgress: (progress) => line.show(counted(say`Losses of ${progress.candidate}`, progress)),
      });
      line.clear();
      if (json) console.log(JSON.stringify({ data, ...report }));
      else printReport(report);
    } finally {
      line.clear();
    }
  });
}

/** Inputs per batch. */
const applyAtOnce = 16;

async function runApply(folder: string, flags: ApplyFlags): Promise<void> {
  const { device, threads, data, encoding, columns, header, text: given, generate, json } = flags;
  const options = generationOf({ ...flags });
  if (data !== undefined && given) throw new UsageError(say`--text and --data cannot be used together`);
  resolveGenerationOptions(options); // reports invalid options before a model is loaded
  const signal = interruptSignal();
  await withSelector(folder, flags, signal, async ({ selector, ...pretrained }) => {
    const generator = createSelectiveGenerator({ ...pretrained, selector, device, threads });
    try {
      const rowsGiven =
        data === undefined ? typed(given, selector) : readRows(data, { encoding, columns, header, signal });
      for await (const rows of inChunks(rowsGiven)) {
        const chosen = await generator.choose(rows, { signal });
        const outputs = generate ? await generator.generate(chosen, { ...options, signal }) : undefined;
        for (const [i, { input, candidate, prompt, probabilities, index }] of chosen.entries()) {
          const output = outputs?.[i];
          if (json) {
            const shown = { input, candidate: candidate.name, probability: probabilities[index], prompt };
            console.log(writeJson({ ...shown, ...output }));
          } else {
            console.log(`[${candidate.name}] ${prompt}${output?.text ?? ''}`);
          }
        }
      }
    } finally {
      await generator.dispose();
    }
  });
}

async function* typed(
  given: readonly string[] | undefined,
  { inputField }: Selector,
): AsyncGenerator<Fields> {
  const inputs = given ?? (await pipedLines());
  yield* readRows(inputs.map((input) => ({ [inputField]: input })));
}

async function* inChunks(rows: AsyncIterable<Fields>): AsyncGenerator<Fields[]> {
  let chunk: Fields[] = [];
  for await (const row of rows) {
    chunk.push(row);
    if (chunk.length < applyAtOnce) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

async function pipedLines(): Promise<string[]> {
  const piped = process.stdin.isTTY ? '' : await readText(process.stdin);
  const lines = piped.split(/\r?\n/).filter((line) => line !== '');
  if (lines.length === 0)
    throw new UsageError(say`there is no input; add --text "..." or --data, or pipe inputs in`);
  return lines;
}

/** Loads the selector and its model: that of the options, or the one that it names. */
async function withSelector(
  folder: string,
  flags: ModelFlags & DeviceFlags,
  signal: AbortSignal,
  use: (opened: OpenedSelector) => Promise<void>,
): Promise<void> {
  const { model, revision, offline, device, threads } = flags;
  const progress = jobProgress();
  const options = { model, revision, offline, device, threads, signal, onProgress: progress.download };
  const opened = await openSelector(folder, options);
  progress.clear();
  if (opened.note !== undefined) console.error(opened.note);
  try {
    await use(opened);
  } finally {
    await opened.selector.dispose();
  }
}

function printReport({ candidates, ...report }: SelectionReport): void {
  const rows = [
    ...candidates.map(({ name, loss, chosen, best }) => [name, loss.toFixed(4), `${chosen}`, `${best}`]),
    [say`best single candidate: ${report.bestSingle.name}`, report.bestSingle.loss.toFixed(4), '', ''],
    [say`selector`, report.selector.toFixed(4), '', ''],
    [say`best candidate per row`, report.oracle.toFixed(4), '', ''],
  ];
  const width = Math.max(...rows.map(([title]) => widthOf(title!)));
  const print = ([title, ...figures]: readonly string[]) =>
    console.log(`${padEnd(title!, width)}${figures.map((figure) => padStart(figure, 9)).join('')}`.trimEnd());
  print(['', say`loss`, say`chosen`, say`best`]);
  for (const row of rows) print(row);
  const share = (100 * report.accuracy).toFixed(1);
  console.log(
    say`${report.rows} row|rows, ${report.labelTokens} label token|tokens; the best candidate was chosen for ${share} %`,
  );
}
