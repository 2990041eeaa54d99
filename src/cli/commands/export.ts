/** @file `promptune export`: an adapter or a model in another format. */

import { Command, Option } from 'commander';
import {
  exportAsGguf,
  exportAsPrefix,
  exportModelAsFolder,
  exportModelAsGguf,
  type GgufDtype,
  ggufDtypes,
  UsageError,
  type WeightDtype,
  weightDtypes,
} from '../../index.js';
import { say } from '../../say.js';
import { openAdapter, requireNewFolder } from '../../workspace/index.js';
import { messages } from '../messages/index.js';
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
  as: 'prefix' | 'gguf' | 'huggingface';
  output?: string;
  dtype?: GgufDtype | WeightDtype;
}

const dtypes = [...new Set([...weightDtypes, ...ggufDtypes])];

export const exportCommand = new Command('export')
  .description('convert an adapter or model: a soft prompt to a prefix for PEFT, or to GGUF for llama.cpp')
  .action(runExport);

addOptions(exportCommand, 'Model:', [...Object.values(modelOptions()), ...adapterOptions()]);
addOptions(exportCommand, 'Output:', [
  new Option(
    '--as <form>',
    'prefix: keys and values of a soft prompt; gguf: a LoRA, or the model without --adapter; huggingface: a model, such as a GGUF file, as a folder for transformers (default: prefix)',
  )
    .choices(['prefix', 'gguf', 'huggingface'])
    .default('prefix'),
  new Option('--output <path>', 'folder to write, or file for gguf'),
  new Option(
    '--dtype <name>',
    `type of the weights of a model: ${dtypes.join(', ')} (default: float32, for gguf float16; bfloat16 is not for gguf, and q8_0 and q4_1 are for gguf alone)`,
  ).choices(dtypes),
]);

async function runExport({ dtype, ...flags }: ExportFlags): Promise<void> {
  const output = await requireNewFolder(flags.output);
  const known: readonly string[] = flags.as === 'gguf' ? ggufDtypes : weightDtypes;
  if (dtype !== undefined && !known.includes(dtype))
    throw new UsageError(say`--dtype ${dtype} is not for ${flags.as}; use one of ${known.join(', ')}`);
  const signal = interruptSignal();
  const { model, tokenizer } = await openModel(flags, signal);
  const adapter = await openAdapter(adapterChoice(flags), model, signal);
  if (adapter && flags.as === 'huggingface')
    throw new UsageError(
      say`--as huggingface is for a model; merge writes one with an adapter in its weights`,
    );
  if (!adapter && flags.as !== 'prefix') {
    if (flags.as === 'gguf')
      await exportModelAsGguf({ model, tokenizer, output, dtype: dtype as GgufDtype | undefined, signal });
    else await exportModelAsFolder({ model, output, dtype: dtype as WeightDtype | undefined, signal });
    console.log(`${output}: ${model.name}`);
    return;
  }
  if (!adapter) throw new UsageError(say`there is no adapter; add --adapter with its folder`);
  if (dtype !== undefined) throw new UsageError(say`--dtype is for a model in GGUF; adapters keep float32`);
  if (flags.as === 'gguf') {
    await exportAsGguf(adapter, model, output, { signal });
    console.log(messages().files.lora(output));
    return;
  }
  await exportAsPrefix(adapter, model, output, { signal });
  console.log(messages().files.prefix(adapter.numVirtualTokens, output));
}
