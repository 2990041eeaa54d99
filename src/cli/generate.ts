/** @file `promptune generate`: continues a prompt, and prints it as it comes. */
import { text as readText } from 'node:stream/consumers';
import { Command, Option } from 'commander';
import { type ChatFormat, chatFormatOf } from '../data/chat.js';
import type { Tokenizer } from '../data/tokenizer.js';
import { UsageError } from '../errors.js';
import { type GenerationOptions, resolveGenerationOptions } from '../generation/options.js';
import { createTextGenerator, type TextGenerator } from '../generation/text-generator.js';
import { countingNumber, decimalNumber, textHelp, texts, wholeNumber } from './arguments.js';
import { interruptSignal } from './interrupt.js';
import {
  type AdapterFlags,
  adapterOptions,
  addOptions,
  type DeviceFlags,
  deviceOptions,
  loadAdapterIfGiven,
  loadModel,
  type ModelFlags,
  modelOptions,
} from './model-options.js';

interface GenerateFlags extends ModelFlags, AdapterFlags, DeviceFlags, GenerationOptions {
  prompt?: string[];
  chat?: boolean;
  system?: string;
  json?: boolean;
}

export const generateCommand = new Command('generate')
  .description('continue prompts, with a learned prompt or without')
  .addHelpText('after', `${textHelp} A prompt that is piped in is taken as it is, less its last line break.`)
  .action(runGenerate);

addOptions(generateCommand, 'Model:', [...Object.values(modelOptions()), ...adapterOptions()]);
addOptions(generateCommand, 'Texts:', [
  new Option(
    '--prompt <text>',
    'the text to go on from; several make one batch (default: what is piped in)',
  ).argParser(texts),
  new Option(
    '--chat',
    "each prompt is what a user says, and the model's chat template writes it; prints the answer alone",
  ),
  new Option('--system <text>', "with --chat: the system's message before it (default: the template's own)"),
  new Option('--max-new-tokens <n>', 'most tokens to generate (default: 64)').argParser(countingNumber),
  new Option('--stop <text>', 'end before this text; may be given several times (default: none)').argParser(
    texts,
  ),
  new Option('--json', 'print a JSON object a prompt when all are done'),
]);
addOptions(generateCommand, 'Drawing tokens (default: always take the likeliest):', [
  new Option('--temperature <x>', 'bolder above 1, safer below (default: 1)').argParser(decimalNumber),
  new Option('--top-k <n>', 'among the n likeliest; 0: among all (default: 50)').argParser(wholeNumber),
  new Option('--top-p <x>', 'among the likeliest that make up this probability (default: 1)').argParser(
    decimalNumber,
  ),
  new Option('--seed <n>', 'the same seed draws the same tokens (default: 0)').argParser(wholeNumber),
]);
addOptions(generateCommand, 'Other ways to choose tokens:', [
  new Option('--num-beams <n>', 'beam search with n beams (default: 1, none)').argParser(countingNumber),
  new Option('--length-penalty <x>', 'of beam search; above 0 favours long texts (default: 1)').argParser(
    decimalNumber,
  ),
  new Option(
    '--repetition-penalty <x>',
    'above 1, tokens that were used become less likely (default: 1)',
  ).argParser(decimalNumber),
]);
addOptions(generateCommand, 'Device:', Object.values(deviceOptions()));

async function runGenerate(flags: GenerateFlags): Promise<void> {
  const {
    model: name,
    revision,
    offline,
    device,
    threads,
    adapter: folder,
    task,
    prompt,
    chat,
    system,
    json,
    ...options
  } = flags;
  if (system !== undefined && !chat) throw new UsageError('--system: it is a part of a chat; add --chat');
  resolveGenerationOptions(options); // whatever is wrong with them is better told before a model is loaded
  const signal = interruptSignal();
  const { model, tokenizer } = await loadModel({ model: name, revision, offline }, signal);
  const adapter = await loadAdapterIfGiven({ adapter: folder, task }, model);
  const prompts = prompt ?? [await pipedPrompt()];
  const request = { ...options, signal };
  const format = chat ? chatFormatOf(tokenizer) : undefined;
  if (format) request.eosTokenId = endTokens(tokenizer, format);
  const texts = prompts.map((text) => (format ? asChat(format, text, system) : text));
  const generator = createTextGenerator({ model, tokenizer, adapter, device, threads });
  try {
    if (prompts.length === 1 && !json)
      return await printStream(generator, texts[0]!, chat ? '' : texts[0]!, request);
    const rows = await generator.generate(texts, request);
    for (const [i, row] of rows.entries()) {
      if (json) console.log(JSON.stringify({ prompt: prompts[i], ...row }));
      else console.log(`${chat ? '' : prompts[i]}${row.text}\n`);
    }
  } finally {
    await generator.dispose();
  }
}

function asChat(format: ChatFormat, text: string, system: string | undefined): string {
  const user = { role: 'user', content: text };
  const messages = system === undefined ? [user] : [{ role: 'system', content: system }, user];
  return format.format(messages, { addGenerationPrompt: true });
}

/** What ends an answer: the end of a turn, and that of a text. */
function endTokens({ eosTokenId }: Tokenizer, { endTokenId }: ChatFormat): number[] {
  return [eosTokenId, endTokenId].filter(
    (id, i, all) => id !== undefined && all.indexOf(id) === i,
  ) as number[];
}

/** What is shown of the prompt appears together with the first new text: where there is none to come, an error stands alone. */
async function printStream(
  generator: TextGenerator,
  prompt: string,
  shown: string,
  options: GenerationOptions & { signal: AbortSignal },
): Promise<void> {
  let begun = false;
  const write = (text: string) => {
    process.stdout.write(begun ? text : shown + text);
    begun = true;
  };
  try {
    for await (const text of generator.stream(prompt, options)) write(text);
    write('');
  } finally {
    if (begun) process.stdout.write('\n');
  }
}

async function pipedPrompt(): Promise<string> {
  const piped = process.stdin.isTTY ? '' : (await readText(process.stdin)).replace(/\r?\n$/, '');
  if (piped === '') throw new UsageError('no prompt is given; add --prompt "...", or pipe one in');
  return piped;
}
