/** @file `promptune inspect`: what an adapter is, how large, and which tokens its vectors are near to. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { nearestTokens } from '../evaluation/nearest-tokens.js';
import { readPeftAdapter } from '../formats/peft.js';
import { loadAdapter } from '../methods/registry.js';
import { formatBytes } from './format.js';
import { interruptSignal, loadModel, type ModelFlags, wholeNumber, withModelOptions } from './options.js';

interface InspectFlags extends ModelFlags {
  nearest: number;
  json?: boolean;
}

export const inspectCommand = withModelOptions(new Command('inspect'))
  .description(
    "an adapter's configuration and size, and each virtual token's nearest tokens of the vocabulary",
  )
  .argument('<adapter>', 'the folder, such as runs/cats/adapter')
  .option('--nearest <n>', 'how many tokens to show for each virtual one', wholeNumber, 5)
  .option('--json', 'print everything as JSON')
  .action(runInspect);

async function runInspect(folder: string, flags: InspectFlags): Promise<void> {
  const signal = interruptSignal();
  const files = await readPeftAdapter(folder);
  const tensors = [...files.tensors].map(([name, { shape, data }]) => ({
    name,
    shape,
    parameters: data.length,
  }));
  const sizes = await Promise.all(
    (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size),
  );
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const modelName = flags.model ?? files.config.baseModelNameOrPath;
  const virtualTokens =
    modelName === undefined ? undefined : await describeVirtualTokens(folder, modelName, flags, signal);

  if (flags.json) {
    console.log(JSON.stringify({ folder, bytes, config: files.config.raw, tensors, virtualTokens }));
    return;
  }
  console.log(`${folder}: ${files.config.peftType}, ${formatBytes(bytes)}`);
  for (const { name, shape, parameters } of tensors) {
    console.log(`  ${name} [${shape.join(', ')}]: ${parameters.toLocaleString('en')} numbers`);
  }
  for (const [key, value] of Object.entries(files.config.raw)) {
    if (value !== null) console.log(`  ${key}: ${JSON.stringify(value)}`);
  }
  if (!virtualTokens)
    return console.log('The base model is not named; give --model to see the nearest tokens.');
  console.log('Nearest tokens (cosine of the embeddings):');
  for (const [i, { norm, nearest }] of virtualTokens.entries()) {
    const list = nearest
      .map(({ token, similarity }) => `${JSON.stringify(token)} ${similarity.toFixed(2)}`)
      .join('  ');
    console.log(`  ${String(i).padStart(3)}  length ${norm.toFixed(2)}  ${list}`);
  }
}

async function describeVirtualTokens(
  folder: string,
  modelName: string,
  flags: InspectFlags,
  signal: AbortSignal,
) {
  const { model, tokenizer } = await loadModel(modelName, flags, signal);
  const vectors = (await loadAdapter(folder, model)).tensors.get('prompt_embeddings');
  if (!vectors) return [];
  const size = vectors.shape[1]!;
  const rows = await nearestTokens(model, vectors, flags.nearest);
  return rows.map((row, i) => ({
    norm: Math.hypot(...vectors.data.subarray(i * size, (i + 1) * size)),
    nearest: row.map(({ id, similarity }) => ({ token: tokenizer.tokenOf(id), id, similarity })),
  }));
}
