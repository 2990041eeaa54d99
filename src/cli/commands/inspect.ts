/** @file `promptune inspect`: an adapter's configuration, size and nearest tokens; or its graph. */

import { Command, Option } from 'commander';
import { type AdapterNotes, defaultMethod, graphKinds, methods, UsageError } from '../../index.js';
import { say } from '../../say.js';
import { type AdapterDescription, describeAdapter, type VirtualToken } from '../../workspace/index.js';
import { messages } from '../messages/index.js';
import { countingNumber } from '../options/arguments.js';
import { addOptions, dtypeOption, modelOptions } from '../options/model-options.js';
import { formatBytes, formatLoss } from '../terminal/format.js';
import { interruptSignal } from '../terminal/interrupt.js';
import { jobProgress } from '../terminal/job-progress.js';
import { type GraphFlags, printGraph } from './inspect-graph.js';

interface InspectFlags extends GraphFlags {
  nearest: number;
  full?: boolean;
  json?: boolean;
}

export const inspectCommand = new Command('inspect')
  .description(
    "show an adapter's configuration and size, and the nearest tokens of each virtual token; or, with --graph, " +
      'its graph',
  )
  .argument('[adapter]', 'folder of the adapter or of its run, such as runs/cats')
  .action(runInspect);

const { model, revision, offline } = modelOptions();
model.description =
  'a folder, or a model of the Hugging Face Hub (default: the one that the adapter names, if it is on this machine)';
addOptions(inspectCommand, 'Model:', [model, revision, offline, dtypeOption()]);
addOptions(inspectCommand, 'Output:', [
  new Option('--nearest <n>', 'tokens to show per virtual token (default: 5)')
    .argParser(countingNumber)
    .default(5),
  new Option('--full', 'print every tensor, field and virtual token'),
  new Option('--json', 'print everything as a JSON object'),
]);
addOptions(inspectCommand, 'Graph:', [
  new Option(
    '--graph [kind]',
    `print the graph that ONNX Runtime executes instead, one node per line: ${graphKinds.join(', ')} (default: training)`,
  )
    .choices(graphKinds)
    .preset('training'),
  new Option(
    '--method <name>',
    `method of the graph, without an adapter (default: ${defaultMethod})`,
  ).choices(methods.map(({ name }) => name)),
]);

async function runInspect(path: string | undefined, flags: InspectFlags): Promise<void> {
  const signal = interruptSignal();
  if (flags.graph) return printGraph(path, flags, signal);
  if (path === undefined) throw new UsageError(say`there is no adapter; add its folder, such as runs/cats`);
  const { model, revision, offline, dtype, nearest } = flags;
  const progress = jobProgress();
  const options = { model, revision, offline, dtype, nearest, signal, onProgress: progress.download };
  const { folder, parts, notes } = await describeAdapter(path, options);
  progress.clear();
  for (const { note } of parts) if (note !== undefined) console.error(messages().inspect.notShown(note));
  const reports = parts.map(({ note: _, ...report }) => report);
  if (flags.json)
    return console.log(
      JSON.stringify({ ...(parts.length === 1 ? reports[0] : { folder, parts: reports }), ...notes }),
    );
  for (const report of reports) printReport(report, flags.full ?? false);
  for (const line of notesLines(notes)) console.log(line);
}

/** What it was trained on, and how it is used. */
function* notesLines({ base, usage, training }: AdapterNotes): Generator<string> {
  const { inspect } = messages();
  if (base?.name !== undefined) yield inspect.model(base.name);
  if (training) {
    const { data, examples, steps, validation } = training;
    const sources = data.map(({ name, rows }) => inspect.rows(name, rows.toLocaleString('en')));
    yield inspect.trained(steps, examples.toLocaleString('en'), sources);
    if (validation) {
      const { loss, accuracy, examples: count } = validation;
      yield inspect.validation(formatLoss(loss), accuracy?.toFixed(4), count);
    }
  }
  if (usage?.chat) yield inspect.chat;
  if (usage?.promptTemplate !== undefined) yield inspect.template(JSON.stringify(usage.promptTemplate));
  if (usage?.labels) yield inspect.labels(usage.labels.names);
  for (const [key, value] of Object.entries(usage?.reading ?? {}))
    if (key !== 'template' && key !== 'chat') yield `  ${key}: ${JSON.stringify(value)}`;
}

/** Number of virtual tokens to show without `--full`. */
const shownTokens = 5;

function printReport(description: AdapterDescription, full: boolean): void {
  const { folder, bytes, kind, config, tensors, virtualTokens, problem } = description;
  const parameters = tensors.reduce((sum, tensor) => sum + tensor.parameters, 0);
  const { inspect } = messages();
  console.log(inspect.size(folder, kind, parameters.toLocaleString('en'), formatBytes(bytes)));
  if (problem !== undefined) console.log(inspect.cannotBeLoaded(problem));
  for (const line of full ? tensors.map(tensorLine) : groupedTensors(tensors)) console.log(`  ${line}`);
  for (const [key, value] of Object.entries(config))
    if (full ? value !== null : saysSomething(value)) console.log(`  ${key}: ${JSON.stringify(value)}`);
  if (virtualTokens) printVirtualTokens(virtualTokens, full);
}

type TensorDescription = AdapterDescription['tensors'][number];

const tensorLine = ({ name, shape }: TensorDescription) => `${name} [${shape.join(', ')}]`;

/** Groups tensors that differ only in their layer's index into one line. */
function groupedTensors(tensors: readonly TensorDescription[]): string[] {
  const counts = new Map<string, { first: string; count: number }>();
  for (const tensor of tensors) {
    const line = tensorLine(tensor);
    const key = line.replace(/\.\d+\./, '.*.');
    const known = counts.get(key);
    if (known) known.count++;
    else counts.set(key, { first: line, count: 1 });
  }
  return [...counts].map(([key, { first, count }]) =>
    count === 1 ? first : messages().inspect.inLayers(key, count),
  );
}

/** Whether a field has a meaningful value. */
function saysSomething(value: unknown): boolean {
  if (value === null || value === false || value === 0 || value === '') return false;
  return typeof value !== 'object' || Object.keys(value as object).length > 0;
}

function printVirtualTokens(virtualTokens: readonly VirtualToken[], full: boolean): void {
  const { inspect } = messages();
  console.log(inspect.nearest);
  const shown = full ? virtualTokens : virtualTokens.slice(0, shownTokens);
  for (const [i, { norm, nearest }] of shown.entries()) {
    const list = nearest.map(({ token, similarity }) => `${JSON.stringify(token)} ${similarity.toFixed(2)}`);
    console.log(inspect.token(String(i).padStart(3), norm.toFixed(2), list.join('  ')));
  }
  const rest = virtualTokens.length - shown.length;
  if (rest > 0) console.log(inspect.more(rest));
}
