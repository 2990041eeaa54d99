/** @file `promptune export`: an adapter or a model in another format. */
import { Command, Option } from 'commander';
import {
  exportAsGguf,
  exportAsPrefix,
  exportModelAsGguf,
  type GgufDtype,
  ggufDtypes,
  UsageError,
} from '../../index.js';
import { openAdapter, requireNewFolder } from '../../workspace/index.js';
import {
  type AdapterFlags,
  adapterChoice,
  adapterOptions,
  addOptions,
  type ModelFlags,
  modelOptions,
  openModel,
} from '../options/model-options.js';
import { interruptSignal } from '../terminal/interrupt.js';

interface ExportFlags extends Omit<ModelFlags, 'dtype'>, AdapterFlags {
  as: 'prefix' | 'gguf';
  output?: string;
  dtype?: GgufDtype;
}

export const exportCommand = new Command('export')
  .description('convert an adapter or model: a soft prompt to a prefix for PEFT, or to GGUF for llama.cpp')
  .action(runExport);

addOptions(exportCommand, 'Model:', [...Object.values(modelOptions()), ...adapterOptions()]);
addOptions(exportCommand, 'Output:', [
  new Option(
    '--as <form>',
    'prefix: keys and values of a soft prompt; gguf: a LoRA, or the model without --adapter (default: prefix)',
  )
    .choices(['prefix', 'gguf'])
    .default('prefix'),
  new Option('--output <path>', 'folder to write, or file for gguf'),
  new Option(
    '--dtype <name>',
    `type of the matrices of a model in GGUF: ${ggufDtypes.join(', ')} (default: float16)`,
  ).choices(ggufDtypes),
]);

async function runExport({ dtype, ...flags }: ExportFlags): Promise<void> {
  const output = await requireNewFolder(flags.output);
  const { model, tokenizer } = await openModel(flags, interruptSignal());
  const adapter = await openAdapter(adapterChoice(flags), model);
  if (!adapter && flags.as === 'gguf') {
    await exportModelAsGguf({ model, tokenizer, output, dtype });
    console.log(`${output}: ${model.name}`);
    return;
  }
  if (!adapter) throw new UsageError('there is no adapter; add --adapter with its folder');
  if (dtype !== undefined) throw new UsageError('--dtype is for a model in GGUF; adapters keep float32');
  if (flags.as === 'gguf') {
    await exportAsGguf(adapter, model, output);
    console.log(`${output}: a LoRA, which llama.cpp loads with --lora`);
    return;
  }
  await exportAsPrefix(adapter, model, output);
  console.log(`${adapter.numVirtualTokens} keys and values per layer are in ${output}`);
}
