/** @file `promptune generate`: continues a prompt and streams the text. */
import { text as readText } from 'node:stream/consumers';
import { Command, Option } from 'commander';
import {
  type Adapter,
  type AdapterUsage,
  chatFormatOf,
  createTextGenerator,
  type FileOptions,
  type GenerationOptions,
  type Pretrained,
  type Prompt,
  promptTemplate,
  resolveGenerationOptions,
  type TextGenerator,
  type Tokenizer,
  UsageError,
} from '../../index.js';
import { say } from '../../say.js';
import {
  generateFile,
  inProcessEngine,
  openAdapter,
  readJsonList,
  readJsonObject,
} from '../../workspace/index.js';
import { countingNumber, fieldsOrText, text as oneText, textHelp, texts } from '../options/arguments.js';
import {
  type DistributionFlags,
  distributionOptions,
  openDistribution,
} from '../options/distribution-options.js';
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
import { flagName } from '../options/schema-flags.js';
import { fileFlags } from '../options/train-flags.js';
import { interruptSignal } from '../terminal/interrupt.js';
import { counted, progressLine } from '../terminal/progress-line.js';

interface GenerateFlags
  extends ModelFlags,
    AdapterFlags,
    DeviceFlags,
    DistributionFlags,
    FileOptions,
    Omit<GenerationOptions, 'jsonSchema'> {
  prompt?: string[];
  raw?: boolean;
  chat?: boolean;
  system?: string;
  tools?: string;
  template?: string;
  json?: boolean;
  jsonSchema?: string;
  data?: string;
  output?: string;
  batchSize?: number;
}

export const generateCommand = new Command('generate')
  .description('continue prompts, with an adapter or without')
  .addHelpText('after', textHelp('A prompt from standard input loses its last line break.'))
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
  new Option(
    '--tools <file>',
    'with --chat: tools that the model may call, as a JSON list in the form of OpenAI (default: none)',
  ),
  ...lengthOptions(),
  new Option('--json-schema <file>', 'the text is JSON that is valid by the JSON Schema in this file'),
  new Option('--json', 'print one JSON object per prompt, at the end'),
]);
for (const [heading, options] of choiceOptions()) addOptions(generateCommand, heading, options);
addOptions(generateCommand, 'Files:', [
  new Option(
    '--data <file>',
    'texts to continue: rows with a prompt, the fields of a template, or a conversation, as in training',
  ),
  ...fileFlags(),
  new Option(
    '--output <file>',
    'with --data: write one JSON object per row to this file, once all are there',
  ),
  new Option('--batch-size <n>', 'with --data: rows that are generated together (default: 16)').argParser(
    countingNumber,
  ),
]);
addOptions(generateCommand, 'Device:', deviceOptions());
addOptions(generateCommand, 'Where it is computed (with --data):', distributionOptions());

async function runGenerate(flags: GenerateFlags): Promise<void> {
  const { device, threads, prompt, raw, json, jsonSchema } = flags;
  const schema = jsonSchema === undefined ? {} : { jsonSchema: await readJsonObject(jsonSchema) };
  const options = { ...generationOf({ ...flags, jsonSchema: undefined }), ...schema };
  resolveGenerationOptions(options); // reports invalid options before a model is loaded
  const signal = interruptSignal();
  const { model, tokenizer } = await openModel(flags, signal);
  const adapter = await openAdapter(adapterChoice(flags), model, signal);
  if (flags.data !== undefined) return generateToFile(flags, options, { model, tokenizer, adapter }, signal);
  for (const name of ['output', 'encoding', 'columns', 'batchSize', 'workers', 'part', 'store'] as const)
    if (flags[name] !== undefined) throw new UsageError(say`${flagName(name)} requires --data`);
  const isWritten = raw || flags.template !== undefined;
  const usage = adapter ? adapter.usage : model.source.usage;
  const chat = flags.chat ?? (!isWritten && usage?.chat === true);
  for (const name of ['system', 'tools'] as const)
    if (flags[name] !== undefined && !chat) throw new UsageError(say`${flagName(name)} requires --chat`);
  const tools = flags.tools === undefined ? undefined : await readTools(flags.tools, tokenizer);
  const prompts = prompt ?? [await pipedPrompt()];
  const request: GenerationOptions & { signal: AbortSignal } = { ...options, signal };
  const { ask, standsAlone } = asking({ ...flags, chat, tools }, adapter, usage);
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

async function generateToFile(
  flags: GenerateFlags,
  generation: GenerationOptions,
  { adapter, ...pretrained }: Pretrained & { adapter: Adapter | undefined },
  signal: AbortSignal,
): Promise<void> {
  const { data, encoding, columns, header, output, batchSize, template, raw, prompt, system, json } = flags;
  if (prompt) throw new UsageError(say`--prompt and --data cannot be used together`);
  if (system !== undefined)
    throw new UsageError(say`--system: with --data, the system message is in the data`);
  if (flags.tools !== undefined) throw new UsageError(say`--tools: with --data, the tools are in the data`);
  if (output === undefined) throw new UsageError(say`there is no file for the texts; add --output`);
  const { model, revision, offline, dtype, adapter: adapters, task, device, threads } = flags;
  const where = await openDistribution(flags, { threads, device });
  const engine = where.engine ?? inProcessEngine();
  const line = progressLine();
  try {
    const result = await generateFile({
      ...pretrained,
      ...where.options,
      ...{
        adapter,
        engine,
        data: data!,
        encoding,
        columns,
        header,
        output,
        batchSize,
        template,
        generation,
        signal,
      },
      of: {
        model: model ?? pretrained.model.name,
        revision,
        offline,
        dtype,
        adapters,
        task,
        device,
        threads,
      },
      chat: flags.chat ?? (raw ? false : undefined),
      onProgress: (progress) => line.show(counted(say`Generating`, progress)),
    });
    line.clear();
    if (json) console.log(JSON.stringify({ ...result, output }));
    else if (flags.part) {
      const { number, of } = flags.part;
      console.log(
        say`Part ${number} of ${of}: ${result.rows} row|rows is|are in ${where.options.store?.url}`,
      );
      console.log(say`When all parts are done, the same command without --part writes the file`);
    } else
      console.log(
        say`${result.rows} row|rows is|are in ${output}, ${result.generated} of them generated now`,
      );
  } finally {
    line.clear();
    await where.close();
    if (!where.engine) await engine.close();
  }
}

/** @throws UsageError if the model's chat template does not show tools */
async function readTools(path: string, tokenizer: Tokenizer): Promise<unknown[]> {
  const tools = await readJsonList(path);
  const { format } = chatFormatOf(tokenizer);
  const messages = [{ role: 'user', content: 'a' }];
  if (format(messages, { tools }) !== format(messages)) return tools;
  throw new UsageError(say`--tools: this model's chat template does not show tools to the model`);
}

function asChat(text: string, { system, tools }: Pick<Asked, 'system' | 'tools'>): Prompt {
  const user = { role: 'user', content: text };
  return { messages: system === undefined ? [user] : [{ role: 'system', content: system }, user], tools };
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

type Asked = Omit<GenerateFlags, 'tools'> & { tools?: readonly unknown[] };

/** Converts a prompt for the generator, and tells whether the answer is printed without the prompt. */
function asking(
  { template, raw, chat = false, system, tools }: Asked,
  adapter: Adapter | undefined,
  usage: AdapterUsage | undefined,
): { ask(text: string): Prompt; standsAlone: boolean } {
  if (chat) return { ask: (text) => asChat(text, { system, tools }), standsAlone: true };
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
        say`--template: soft tokens belong to the template that the adapter was trained with`,
      );
    };
    return { ask: written, standsAlone: true };
  }
  const used = raw ? undefined : usage?.promptTemplate;
  const isPlaced = adapter?.placement !== undefined;
  const hasFields = isPlaced || used !== undefined;
  const ask = (text: string) => ({ text: hasFields ? fieldsOrText(text) : text, raw });
  return { ask, standsAlone: used !== undefined && !isPlaced };
}

async function pipedPrompt(): Promise<string> {
  const piped = process.stdin.isTTY ? '' : (await readText(process.stdin)).replace(/\r?\n$/, '');
  if (piped === '') throw new UsageError(say`there is no prompt; add --prompt "...", or pipe one in`);
  return piped;
}
