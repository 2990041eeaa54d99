/** @file `promptune merge`: a whole model of a model and an adapter. */
import { Command, Option } from 'commander';
import { loadAdapter, mergeAdapter, UsageError, type WeightDtype, weightDtypes } from '../../index.js';
import { findAdapter } from '../../workspace/index.js';
import { addOptions, type ModelFlags, modelOptions, openModel } from '../options/model-options.js';
import { interruptSignal } from '../terminal/interrupt.js';

interface MergeFlags extends Omit<ModelFlags, 'dtype'> {
  adapter?: string;
  output?: string;
  dtype?: WeightDtype;
}

export const mergeCommand = new Command('merge')
  .description('a whole model with an adapter in its weights (LoRA, IA3), which needs the adapter no more')
  .action(runMerge);

addOptions(mergeCommand, 'Model:', [
  ...Object.values(modelOptions()),
  new Option('--adapter <folder>', 'what was learned, such as runs/cats'),
]);
addOptions(mergeCommand, 'Output:', [
  new Option('--output <folder>', 'the folder to make, for --model'),
  new Option(
    '--dtype <name>',
    `how the weights are stored: ${weightDtypes.join(', ')} (default: float32)`,
  ).choices(weightDtypes),
]);

async function runMerge(flags: MergeFlags): Promise<void> {
  const { adapter: folder, output, dtype, ...modelFlags } = flags;
  if (!folder) throw new UsageError('no adapter is given; add --adapter with its folder');
  if (!output) throw new UsageError('no folder for the model is given; add --output');
  const { model, tokenizer } = await openModel({ ...modelFlags, adapter: folder }, interruptSignal());
  const adapter = await loadAdapter(await findAdapter(folder), model);
  const { changed } = await mergeAdapter({ model, adapter, output, dtype, tokenizer });
  console.log(
    `${output}: ${model.name} with ${adapter.method} in ${changed} of its ${model.parameters.size} tensors`,
  );
}
