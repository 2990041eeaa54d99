/** @file `promptune merge`: merges an adapter into its model's weights. */

import { Command, Option } from 'commander';
import {
  exportModelAsGguf,
  type GgufDtype,
  ggufDtypes,
  loadAdapter,
  mergeAdapter,
  UsageError,
  type WeightDtype,
  weightDtypes,
} from '../../index.js';
import { say } from '../../say.js';
import { findAdapter, requireNewFolder } from '../../workspace/index.js';
import { messages } from '../messages/index.js';
import { addOptions, type ModelFlags, modelOptions, openModel } from '../options/model-options.js';
import { interruptSignal } from '../terminal/interrupt.js';

interface MergeFlags extends Omit<ModelFlags, 'dtype'> {
  adapter?: string;
  output?: string;
  dtype?: WeightDtype | GgufDtype;
}

const dtypes = [...new Set([...weightDtypes, ...ggufDtypes])];

export const mergeCommand = new Command('merge')
  .description('merge an adapter (LoRA, IA3) into the weights of its model, which then needs no adapter')
  .action(runMerge);

addOptions(mergeCommand, 'Model:', [
  ...Object.values(modelOptions()),
  new Option('--adapter <folder>', 'trained adapter, such as runs/cats'),
]);
addOptions(mergeCommand, 'Output:', [
  new Option('--output <path>', 'folder to write, for --model; or a .gguf file, for llama.cpp'),
  new Option(
    '--dtype <name>',
    `type of the stored weights: ${dtypes.join(', ')} (default: float32, in .gguf float16; bfloat16 is for folders, q8_0 and q4_1 for .gguf)`,
  ).choices(dtypes),
]);

async function runMerge(flags: MergeFlags): Promise<void> {
  const { adapter: folder, output, dtype, ...modelFlags } = flags;
  if (!folder) throw new UsageError(say`there is no adapter; add --adapter with its folder`);
  if (!output) throw new UsageError(say`there is no folder for the model; add one, such as --output merged`);
  const isGguf = output.toLowerCase().endsWith('.gguf');
  const known: readonly string[] = isGguf ? ggufDtypes : weightDtypes;
  if (dtype !== undefined && !known.includes(dtype))
    throw new UsageError(say`--dtype ${dtype} is not possible for ${output}; use one of ${known.join(', ')}`);
  if (isGguf) await requireNewFolder(output);
  const signal = interruptSignal();
  const { model, tokenizer } = await openModel({ ...modelFlags, adapter: folder }, signal);
  const adapter = await loadAdapter(await findAdapter(folder), model, { signal });
  if (isGguf) {
    await exportModelAsGguf({
      model,
      tokenizer,
      adapter,
      output,
      dtype: dtype as GgufDtype | undefined,
      signal,
    });
    console.log(messages().files.merged(output, model.name, adapter.method));
    return;
  }
  const { changed } = await mergeAdapter({
    model,
    adapter,
    output,
    dtype: dtype as WeightDtype | undefined,
    signal,
  });
  console.log(
    say`${output}: ${model.name} with ${adapter.method} in ${changed} of its ${model.parameters.size} tensors`,
  );
}
