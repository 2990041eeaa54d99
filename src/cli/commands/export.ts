/** @file `promptune export`: an adapter or a model in another form. */
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
  .description(
    'an adapter or a model in another form: a soft prompt as a prefix for PEFT, GGUF for llama.cpp',
  )
  .action(runExport);

addOptions(exportCommand, 'Model:', [...Object.values(modelOptions()), ...adapterOptions()]);
addOptions(exportCommand, 'Output:', [
  new Option(
    '--as <form>',
    "prefix: a soft prompt's keys and values; gguf: a LoRA, or without --adapter the model (default: prefix)",
  )
    .choices(['prefix', 'gguf'])
    .default('prefix'),
  new Option('--output <path>', 'what to make: a folder, or a file for gguf'),
  new Option(
    '--dtype <name>',
    `how the matrices of a model in GGUF are stored: ${ggufDtypes.join(', ')} (default: float16)`,
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
  if (!adapter) throw new UsageError('no adapter is given; add --adapter with its folder');
  if (dtype !== undefined) throw new UsageError('--dtype is for a model in GGUF; adapters keep float32');
  if (flags.as === 'gguf') {
    await exportAsGguf(adapter, model, output);
    console.log(`${output}: a LoRA, which llama.cpp loads with --lora`);
    return;
  }
  await exportAsPrefix(adapter, model, output);
  console.log(`${adapter.numVirtualTokens} keys and values per layer are in ${output}`);
}
