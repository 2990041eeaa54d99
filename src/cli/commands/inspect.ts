/** @file `promptune inspect`: what an adapter is, how large, and which tokens its vectors are near to; or its graph. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { loadAdapter } from '../../adapters/load-adapter.js';
import { PromptuneError, UsageError } from '../../errors.js';
import { graphKinds } from '../../evaluation/graph-text.js';
import { nearestTokens } from '../../evaluation/nearest-tokens.js';
import { architectureOf, baseModelOf, type SingleContent, singlesIn } from '../../formats/adapter-content.js';
import { readAdapter } from '../../formats/adapter-folder.js';
import { methods } from '../../methods/registry.js';
import { countingNumber } from '../options/arguments.js';
import { adapterFolder, addOptions, dtypeOption, modelOptions, openModel } from '../options/model-options.js';
import { formatBytes } from '../terminal/format.js';
import { interruptSignal } from '../terminal/interrupt.js';
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
  new Option('--method <name>', 'without an adapter, whose graph (default: prompt-tuning)').choices(
    methods.map(({ name }) => name),
  ),
]);

interface VirtualToken {
  /** Length of the vector. */
  norm: number;
  nearest: { token: string; id: number; similarity: number }[];
}

/** What is said of one adapter. */
interface Report {
  folder: string;
  bytes: number;
  /** PEFT's type, or AdapterHub's. */
  kind: string;
  config: Readonly<Record<string, unknown>>;
  tensors: { name: string; shape: readonly number[]; parameters: number }[];
  virtualTokens?: VirtualToken[];
}

async function runInspect(path: string | undefined, flags: InspectFlags): Promise<void> {
  const signal = interruptSignal();
  if (flags.graph) return printGraph(path, flags, signal);
  if (path === undefined) throw new UsageError('no adapter is given; give its folder, such as runs/cats');
  const folder = await adapterFolder(path);
  const parts = singlesIn(await readAdapter(folder));
  const reports: Report[] = [];
  for (const part of parts) reports.push(await describeAdapter(part, flags, signal));
  if (!flags.json) for (const report of reports) printReport(report);
  else console.log(JSON.stringify(parts.length === 1 ? reports[0] : { folder, parts: reports }));
}

async function describeAdapter(
  files: SingleContent,
  flags: InspectFlags,
  signal: AbortSignal,
): Promise<Report> {
  const folder = files.where!;
  const bytes = await folderBytes(folder);
  const virtualTokens = await virtualTokensIfKnown(files, flags, signal);
  const tensors = [...files.tensors].map(([name, { shape, data }]) => ({
    name,
    shape,
    parameters: data.length,
  }));
  const kind = files.form === 'adapterhub' ? `${architectureOf(files)} (AdapterHub)` : files.config.peft_type;
  return { folder, bytes, kind, config: files.config, tensors, virtualTokens };
}

function printReport({ folder, bytes, kind, config, tensors, virtualTokens }: Report): void {
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

async function folderBytes(folder: string): Promise<number> {
  const sizes = (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** A model that nobody asked for is not downloaded, and does without an error where it cannot be had. */
async function virtualTokensIfKnown(
  files: SingleContent,
  flags: InspectFlags,
  signal: AbortSignal,
): Promise<VirtualToken[] | undefined> {
  if (flags.model !== undefined) return describeVirtualTokens(files, flags, signal);
  const baseModel = baseModelOf(files);
  if (baseModel === undefined) {
    console.error(
      'The nearest tokens are not shown; give --model to see them. The adapter does not name its base model.',
    );
    return undefined;
  }
  try {
    return await describeVirtualTokens(files, { ...flags, model: baseModel, offline: true }, signal);
  } catch (error) {
    if (!(error instanceof PromptuneError)) throw error;
    console.error(`The nearest tokens are not shown; give --model to see them. ${error.message}`);
    return undefined;
  }
}

async function describeVirtualTokens(
  files: SingleContent,
  flags: InspectFlags,
  signal: AbortSignal,
): Promise<VirtualToken[] | undefined> {
  const { model, tokenizer } = await openModel(flags, signal);
  const vectors = (await loadAdapter(files, model)).tensors.get('prompt_embeddings');
  const size = model.config.hiddenSize;
  if (vectors?.shape[1] !== size) return undefined; // such as a prefix, which holds keys and values
  const rows = await nearestTokens(model, vectors, Math.min(flags.nearest, model.config.vocabSize));
  return rows.map((row, i) => ({
    norm: Math.hypot(...vectors.data.subarray(i * size, (i + 1) * size)),
    nearest: row.map(({ id, similarity }) => ({ token: tokenizer.tokenOf(id), id, similarity })),
  }));
}
