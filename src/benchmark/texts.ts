/** @file What a benchmark of generated texts compares: prompts of text and learned ones, as writers of answers. */
import { optionError } from '../errors.js';
import { type EvaluationExample, readExamples } from '../evaluation/examples.js';
import { batchGenerator, generateOutputs, type OutputOptions } from '../evaluation/outputs.js';
import { drawnShots } from '../prompting/shots.js';
import type { Fields } from '../records/record-formats.js';
import { trainFromConfig } from '../runs/train-adapter.js';
import { say } from '../say.js';
import { searchPrompt } from '../search/search-prompt.js';
import { conversationForm } from '../text/conversations.js';
import { layoutWords } from '../text/layout-words.js';
import type { PromptText } from '../text/prompt-text.js';
import { type Contender, type ContenderOptions, type ReadyContender, sizeOf } from './contenders.js';

export type WriterOptions = Omit<ContenderOptions, 'verbalizer'>;

/** How a contender's prompts are written. */
interface Writing {
  readonly template?: string;
  /** Before every prompt. */
  readonly prefix?: string;
  /** See BenchmarkRow. Default: the template. */
  readonly text?: string;
  readonly adapter?: OutputOptions['adapter'];
  readonly bytes?: number;
}

/** In the order of what they cost to make. Conversations are written by the model's template, without examples. */
export async function writersOf(options: WriterOptions): Promise<Contender[]> {
  const { prompts, shots, methods, searchSteps, rows } = options;
  const chat = isChat(options);
  if (chat && prompts.length > 0)
    throw optionError('prompts', say`conversations have their own prompts; leave the templates out`);
  const longest = await longestAnswer(options);
  const byText = (name: string, writing: () => Promise<Writing>): Contender => ({
    name,
    kind: 'text',
    prepare: async () => writer(options, longest, await writing()),
  });
  return [
    byText(say`no examples`, async () => ({})),
    ...prompts.map((template, i) => byText(say`prompt ${i + 1}`, async () => ({ template }))),
    ...(shots > 0 && !chat
      ? [byText(say`${shots} example|examples`, async () => ({ prefix: await examplesBefore(options) }))]
      : []),
    ...(searchSteps > 0 && !chat ? [byText(say`searched text`, () => searched(options))] : []),
    // A head writes no text.
    ...methods
      .filter((method) => method !== 'head')
      .map(
        (method): Contender => ({
          name: method,
          kind: 'learned',
          prepare: async () => writer(options, longest, await learned(method, rows, options)),
        }),
      ),
  ];
}

/** The right answers of rows, without surrounding spaces. */
export const referencesOf = async (rows: readonly Fields[], options: WriterOptions) =>
  (await examplesOf(rows, options)).map(({ references }) => references);

const isChat = ({ rows, template, completionTemplate, tokenizer }: WriterOptions): boolean =>
  template === undefined &&
  completionTemplate === undefined &&
  tokenizer.chatTemplate !== undefined &&
  conversationForm(rows[0]!) !== undefined;

async function examplesOf(
  rows: readonly Fields[],
  options: WriterOptions,
  template = options.template,
): Promise<readonly EvaluationExample[]> {
  const { tokenizer, completionTemplate, layoutLanguage, referenceField, signal } = options;
  const reading = {
    template,
    completionTemplate,
    layoutLanguage,
    referenceField,
    chat: isChat(options),
    signal,
  };
  return (await readExamples([...rows], { tokenizer, ...reading })).examples;
}

/** Most tokens of an answer to learn from, with its end. */
async function longestAnswer(options: WriterOptions): Promise<number> {
  const { tokenizer, rows, maxNewTokens } = options;
  if (maxNewTokens !== undefined) return maxNewTokens;
  const answers = (await examplesOf(rows, options)).flatMap(({ references }) => references);
  return 1 + Math.max(...answers.map((answer) => tokenizer.encode(answer).length));
}

async function writer(
  options: WriterOptions,
  maxNewTokens: number,
  { template, prefix = '', adapter, bytes = 0, text = template }: Writing,
): Promise<ReadyContender> {
  const { model, tokenizer, batchSize, device, threads, signal, rows } = options;
  const chat = isChat(options);
  const settings = { model, tokenizer, adapter, batchSize, device, threads, signal };
  const isOneLine = (await examplesOf(rows, options)).every(
    ({ completion = '', references }) => ![completion, ...references].some((text) => text.includes('\n')),
  );
  const generator = await batchGenerator(settings);
  const promptsOf = async (given: readonly Fields[]) =>
    (await examplesOf(given, options, template)).map((example) => ({
      ...example,
      prompt: withPrefix(prefix, example.prompt),
    }));
  return {
    bytes,
    text,
    async answer(given) {
      const outputs = await generateOutputs(
        await promptsOf(given),
        // Where answers have one line, a model without an end of its own is not asked for more.
        { maxNewTokens, chat, ...(isOneLine && !chat && { stop: ['\n'] }) },
        {
          ...settings,
          createBatchGenerator: async () => ({ ...generator, [Symbol.asyncDispose]: async () => {} }),
        },
      );
      return outputs.map(({ prediction }) => prediction);
    },
    async tokensOf(given) {
      const texts = (await promptsOf(given)).map(({ prompt }) => [prompt].flat().join(''));
      return texts.map((text) => tokenizer.encode(text).length + (adapter?.numVirtualTokens ?? 0));
    },
    [Symbol.asyncDispose]: () => generator[Symbol.asyncDispose](),
  };
}

const withPrefix = (prefix: string, prompt: PromptText): PromptText =>
  typeof prompt === 'string' ? prefix + prompt : [prefix, ...prompt];

/** Examples with their answers, one after the other, drawn by the seed. */
async function examplesBefore(options: WriterOptions): Promise<string> {
  const { rows, shots, seed, layoutLanguage = 'en' } = options;
  const { gap } = layoutWords(layoutLanguage);
  const drawn = drawnShots(rows.length, shots, seed).map((i) => rows[i]!);
  const examples = await examplesOf(drawn, options);
  return examples
    .map(
      ({ prompt, completion, references }) =>
        `${[prompt].flat().join('')}${completion ?? `${gap}${references[0]}`}\n\n`,
    )
    .join('');
}

/** The text that a search finds (PEZ), before every prompt. */
async function searched(options: WriterOptions): Promise<Writing> {
  const { model, tokenizer, rows, template, completionTemplate, layoutLanguage, searchSteps, seed } = options;
  const { device, threads, signal } = options;
  const { text } = await searchPrompt({
    ...{ model, tokenizer, template, completionTemplate, layoutLanguage, seed, device, threads, signal },
    data: [...rows],
    method: 'pez',
    steps: searchSteps,
  });
  return { text, prefix: text, bytes: new TextEncoder().encode(text).length };
}

async function learned(method: string, rows: readonly Fields[], options: WriterOptions): Promise<Writing> {
  const { model, tokenizer, template, completionTemplate, layoutLanguage, maxSteps, batchSize, seed } =
    options;
  const { device, threads, signal, onEvent } = options;
  const { adapter } = await trainFromConfig({
    ...{ model, tokenizer, template, completionTemplate, layoutLanguage, maxSteps, batchSize, seed },
    ...{ device, threads, signal, onEvent, method, data: [...rows] },
  });
  return { adapter, bytes: await sizeOf(adapter) };
}
