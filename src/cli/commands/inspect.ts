/** @file `promptune inspect`: what an adapter is, how large, and which tokens its vectors are near to; or its graph. */
import { Command, Option } from 'commander';
import { defaultMethod, graphKinds, methods, UsageError } from '../../index.js';
import { type AdapterDescription, describeAdapter, type VirtualToken } from '../../workspace/index.js';
import { countingNumber } from '../options/arguments.js';
import { addOptions, dtypeOption, modelOptions } from '../options/model-options.js';
import { formatBytes } from '../terminal/format.js';
import { interruptSignal } from '../terminal/interrupt.js';
import { jobProgress } from '../terminal/job-progress.js';
import { type GraphFlags, printGraph } from './inspect-graph.js';

interface InspectFlags extends GraphFlags {
  nearest: number;
  json?: boolean;
}

export const inspectCommand = new Command('inspect')
  .description(
    "an adapter's configuration and size, and each virtual token's nearest tokens of the vocabulary; or, with --graph, " +
      'what is computed',
  )
  .argument('[adapter]', 'its folder, or that of its run, such as runs/cats')
  .action(runInspect);

const { model, revision, offline } = modelOptions();
model.description =
  'a folder, or a model of the Hugging Face Hub (default: the one that the adapter names, where it is on this machine)';
addOptions(inspectCommand, 'Model:', [model, revision, offline, dtypeOption()]);
addOptions(inspectCommand, 'Output:', [
  new Option('--nearest <n>', 'how many tokens to show for each virtual one (default: 5)')
    .argParser(countingNumber)
    .default(5),
  new Option('--json', 'print everything as a JSON object'),
]);
addOptions(inspectCommand, 'Graph:', [
  new Option(
    '--graph [kind]',
    `print the graph that ONNX Runtime executes instead, a node per line: ${graphKinds.join(', ')} (default: training)`,
  )
    .choices(graphKinds)
    .preset('training'),
  new Option('--method <name>', `without an adapter, whose graph (default: ${defaultMethod})`).choices(
    methods.map(({ name }) => name),
  ),
]);

async function runInspect(path: string | undefined, flags: InspectFlags): Promise<void> {
  const signal = interruptSignal();
  if (flags.graph) return printGraph(path, flags, signal);
  if (path === undefined) throw new UsageError('no adapter is given; give its folder, such as runs/cats');
  const { model, revision, offline, dtype, nearest } = flags;
  const progress = jobProgress();
  const options = { model, revision, offline, dtype, nearest, signal, onProgress: progress.download };
  const { folder, parts } = await describeAdapter(path, options);
  progress.clear();
  for (const { note } of parts)
    if (note !== undefined)
      console.error(`The nearest tokens are not shown; give --model to see them. ${note}`);
  const reports = parts.map(({ note: _, ...report }) => report);
  if (!flags.json) for (const report of reports) printReport(report);
  else console.log(JSON.stringify(parts.length === 1 ? reports[0] : { folder, parts: reports }));
}

function printReport({ folder, bytes, kind, config, tensors, virtualTokens }: AdapterDescription): void {
  console.log(`${folder}: ${kind}, ${formatBytes(bytes)}`);
  for (const { name, shape, parameters } of tensors)
    console.log(`  ${name} [${shape.join(', ')}]: ${parameters.toLocaleString('en')} numbers`);
  for (const [key, value] of Object.entries(config))
    if (value !== null) console.log(`  ${key}: ${JSON.stringify(value)}`);
  if (virtualTokens) printVirtualTokens(virtualTokens);
}

function printVirtualTokens(virtualTokens: readonly VirtualToken[]): void {
  console.log('Nearest tokens (cosine of the embeddings):');
  for (const [i, { norm, nearest }] of virtualTokens.entries()) {
    const list = nearest.map(({ token, similarity }) => `${JSON.stringify(token)} ${similarity.toFixed(2)}`);
    console.log(`  ${String(i).padStart(3)}  length ${norm.toFixed(2)}  ${list.join('  ')}`);
  }
}
