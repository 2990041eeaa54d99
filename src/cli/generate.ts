/** @file `promptune generate`: continues a prompt, and prints it as it comes. */
import { Command } from 'commander';
import { UsageError } from '../errors.js';
import type { GenerationOptions } from '../generation/options.js';
import { createTextGenerator } from '../generation/text-generator.js';
import {
  collect,
  decimalNumber,
  interruptSignal,
  loadAdapterIfGiven,
  loadModel,
  type ModelFlags,
  wholeNumber,
  withModelOptions,
} from './options.js';

interface GenerateFlags extends ModelFlags, GenerationOptions {
  adapter?: string;
  prompt?: string[];
  json?: boolean;
}

export const generateCommand = withModelOptions(new Command('generate'))
  .description('continue prompts, with a learned prompt or without')
  .option('--adapter <folder>', 'what was learned, such as runs/cats/adapter')
  .option('--prompt <text>', 'the text to go on from; several make one batch', collect)
  .option('--max-new-tokens <n>', 'most tokens to generate (default: 64)', wholeNumber)
  .option('--temperature <x>', 'draw tokens, bolder above 1 and safer below', decimalNumber)
  .option('--top-k <n>', 'draw among the n likeliest tokens', wholeNumber)
  .option('--top-p <x>', 'draw among the likeliest tokens that make up this probability', decimalNumber)
  .option('--repetition-penalty <x>', 'makes tokens that were used before less likely', decimalNumber)
  .option('--seed <n>', 'the same seed draws the same tokens (default: 0)', wholeNumber)
  .option('--num-beams <n>', 'beam search with n beams', wholeNumber)
  .option('--length-penalty <x>', 'beam search: above 0 favours longer texts (default: 1)', decimalNumber)
  .option('--stop <text>', 'end before this text; may be given several times', collect)
  .option('--json', 'print one JSON object a prompt')
  .action(runGenerate);

async function runGenerate(flags: GenerateFlags): Promise<void> {
  const {
    model: name,
    revision,
    offline,
    device,
    threads,
    adapter: adapterFolder,
    prompt: prompts = [],
    json,
    ...options
  } = flags;
  if (!name) throw new UsageError('no model is given; add --model with a folder or a name');
  if (prompts.length === 0) throw new UsageError('no prompt is given; add --prompt "..."');
  const signal = interruptSignal();
  const { model, tokenizer } = await loadModel(name, { revision, offline }, signal);
  const adapter = await loadAdapterIfGiven(adapterFolder, model);
  const generator = createTextGenerator({ model, tokenizer, adapter, device, threads });
  try {
    if (prompts.length === 1 && !json) {
      process.stdout.write(prompts[0]!);
      for await (const text of generator.stream(prompts[0]!, { ...options, signal }))
        process.stdout.write(text);
      process.stdout.write('\n');
      return;
    }
    const rows = await generator.generate(prompts, { ...options, signal });
    for (const [i, { text, ids, finishReason, score }] of rows.entries()) {
      const result = { prompt: prompts[i], text, tokens: ids.length, finishReason, score };
      console.log(json ? JSON.stringify(result) : `${prompts[i]}${text}\n`);
    }
  } finally {
    await generator.dispose();
  }
}
