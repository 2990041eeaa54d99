/** @file `promptune generate`: continues a prompt and streams the text. */
import { text as readText } from 'node:stream/consumers';
import { Command, Option } from 'commander';
import {
  type Adapter,
  createTextGenerator,
  type GenerationOptions,
  type Prompt,
  promptTemplate,
  resolveGenerationOptions,
  type TextGenerator,
  UsageError,
} from '../../index.js';
import { openAdapter, readJsonObject } from '../../workspace/index.js';
import { fieldsOrText, text as oneText, textHelp, texts } from '../options/arguments.js';
import { choiceOptions, generationOf, lengthOptions } from '../options/generation-options.js';
import {
  type AdapterFlags,
  adapterChoice,
  adapterOptions,
  addOptions,
  type DeviceFlags,
  deviceOptions,
  dtypeOption,
  type ModelFlags,
  modelOptions,
  openModel,
} from '../options/model-options.js';
import { interruptSignal } from '../terminal/interrupt.js';

interface GenerateFlags extends ModelFlags, AdapterFlags, DeviceFlags, Omit<GenerationOptions, 'jsonSchema'> {
  prompt?: string[];
  raw?: boolean;
  chat?: boolean;
  system?: string;
  template?: string;
  json?: boolean;
  jsonSchema?: string;
}

export const generateCommand = new Command('generate')
  .description('continue prompts, with an adapter or without')
  .addHelpText('after', `${textHelp} A prompt from standard input loses its last line break.`)
  .action(runGenerate);

addOptions(generateCommand, 'Model:', [...Object.values(modelOptions()), dtypeOption(), ...adapterOptions()]);
addOptions(generateCommand, 'Texts:', [
  new Option(
    '--prompt <text>',
    'text to continue; may be repeated for a batch; a JSON object for a template with several fields (default: standard input)',
  ).argParser(texts),
  new Option(
    '--template <text>',
    'put each prompt into this, such as "{question}\\nAnswer:" (default: as the adapter was trained)',
  ).argParser(oneText),
  new Option(
    '--chat',
    "each prompt is a user's message, formatted by the model's chat template; prints only the answer (default: as the adapter was trained)",
  ),
  new Option(
    '--no-chat',
    'do not format prompts as messages, though the adapter was trained on conversations',
  ),
  new Option('--raw', 'take the prompt as it is, however the adapter was trained').conflicts([
    'chat',
    'template',
  ]),
  new Option('--system <text>', 'with --chat: system message before it (default: that of the template)'),
  ...lengthOptions(),
  new Option('--json-schema <file>', 'the text is JSON that is valid by the JSON Schema in this file'),
  new Option('--json', 'print one JSON object per prompt, at the end'),
]);
for (const [heading, options] of choiceOptions()) addOptions(generateCommand, heading, options);
addOptions(generateCommand, 'Device:', deviceOptions());

async function runGenerate(flags: GenerateFlags): Promise<void> {
  const { device, threads, prompt, raw, system, json, jsonSchema } = flags;
  const schema = jsonSchema === undefined ? {} : { jsonSchema: await readJsonObject(jsonSchema) };
  const options = { ...generationOf({ ...flags, jsonSchema: undefined }), ...schema };
  resolveGenerationOptions(options); // reports invalid options before a model is loaded
  const signal = interruptSignal();
  const { model, tokenizer } = await openModel(flags, signal);
  const adapter = await openAdapter(adapterChoice(flags), model, signal);
  const isWritten = raw || flags.template !== undefined;
  const chat = flags.chat ?? (!isWritten && adapter?.usage?.chat === true);
  if (system !== undefined && !chat) throw new UsageError('--system requires --chat');
  const prompts = prompt ?? [await pipedPrompt()];
  const request: GenerationOptions & { signal: AbortSignal } = { ...options, signal };
  const { ask, standsAlone } = asking({ ...flags, chat }, adapter);
  const inputs = prompts.map(ask);
  // A decoder continues its prompt. An answer in a chat, or from an encoder-decoder, stands alone.
  const shown = (text: string) => (standsAlone || model.encoder ? '' : text);
  const generator = createTextGenerator({ model, tokenizer, adapter, device, threads });
  try {
    if (prompts.length === 1 && !json)
      return await printStream(generator, inputs[0]!, shown(prompts[0]!), request);
    const rows = await generator.generate(inputs, request);
    for (const [i, row] of rows.entries()) {
      if (json) console.log(JSON.stringify({ prompt: prompts[i], ...row }));
      else console.log(`${shown(prompts[i]!)}${row.text}\n`);
    }
  } finally {
    await generator.dispose();
  }
}

function asChat(text: string, system: string | undefined): Prompt {
  const user = { role: 'user', content: text };
  return { messages: system === undefined ? [user] : [{ role: 'system', content: system }, user] };
}

/**
 * Prints the prompt together with the first new text, so that an error before any text appears alone.
 */
async function printStream(
  generator: TextGenerator,
  prompt: Prompt,
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

/** Converts a prompt for the generator, and tells whether the answer is printed without the prompt. */
function asking(
  { template, raw, chat = false, system }: GenerateFlags,
  adapter: Adapter | undefined,
): { ask(text: string): Prompt; standsAlone: boolean } {
  if (chat) return { ask: (text) => asChat(text, system), standsAlone: true };
  if (template !== undefined) {
    const { render, fields } = promptTemplate(template);
    const written = (text: string) => {
      const parsed = fieldsOrText(text);
      const given =
        typeof parsed === 'object'
          ? parsed
          : Object.fromEntries([...fields].slice(0, 1).map((name) => [name, text]));
      const prompt = render(given);
      if (typeof prompt === 'string') return { text: prompt, raw: true };
      throw new UsageError(
        '--template: soft tokens belong to the template that the adapter was trained with',
      );
    };
    return { ask: written, standsAlone: true };
  }
  const used = raw ? undefined : adapter?.usage?.promptTemplate;
  const isPlaced = adapter?.placement !== undefined;
  const hasFields = isPlaced || used !== undefined;
  const ask = (text: string) => ({ text: hasFields ? fieldsOrText(text) : text, raw });
  return { ask, standsAlone: used !== undefined && !isPlaced };
}

async function pipedPrompt(): Promise<string> {
  const piped = process.stdin.isTTY ? '' : (await readText(process.stdin)).replace(/\r?\n$/, '');
  if (piped === '') throw new UsageError('there is no prompt; add --prompt "...", or pipe one in');
  return piped;
}
