/**
 * @file Prompt tuning (Lester, Al-Rfou, Constant 2021, arXiv:2104.08691): the model reads [E; embed(x)], and only
 * E [P, hidden] is learned. Projected, E = W_p x for the embeddings x of a prompt text, and only W_p is learned.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { FileError, UsageError } from '../errors.js';
import { type PeftAdapter, readPeftAdapter, writePeftAdapter } from '../formats/peft.js';
import { constant, matmul } from '../graph/index.js';
import { embedTokens } from '../models/embed-tokens.js';
import type { CausalLM } from '../models/model.js';
import { seededRandom } from '../random.js';
import { float32Tensor, type Tensor } from '../tensor.js';
import { type Adapter, defineMethod, type Learner, type LearnerOptions, type TextEncoder } from './method.js';

/** The tensor's name in PEFT's files, and here. */
const prompt = 'prompt_embeddings';

const schema = z
  .strictObject({
    /** P. Default: as many as the tokens of `initText`, else 20. */
    numVirtualTokens: z.int().positive().optional(),
    /** What E starts from. Default: 'text' where `initText` is given, else 'sample-vocab'. */
    init: z.enum(['random', 'sample-vocab', 'text', 'labels', 'adapter']).optional(),
    /** For 'text': the prompt's text. Its tokens are repeated or cut to P of them, as PEFT does. */
    initText: z.string().min(1).optional(),
    /** For 'labels': the classes' names. Row i starts as the mean embedding of the tokens of name i, then round again. */
    initLabels: z.array(z.string().min(1)).min(1).optional(),
    /** For 'adapter': the folder of an earlier prompt, which training goes on from. */
    initAdapter: z.string().min(1).optional(),
    /** Learn W_p [hidden, hidden] in E = W_p x instead of E. It starts as the identity, so from the text `initText` itself. */
    projected: z.boolean().default(false),
  })
  .superRefine((config, context) => {
    const init = initOf(config);
    const needs = { text: 'initText', labels: 'initLabels', adapter: 'initAdapter' } as const;
    const missing = init in needs ? needs[init as keyof typeof needs] : undefined;
    if (missing && config[missing] === undefined) {
      context.addIssue({ code: 'custom', path: [missing], message: `init "${init}" needs it` });
    }
    if (config.projected && init !== 'text') {
      context.addIssue({
        code: 'custom',
        path: ['projected'],
        message: 'a projected prompt needs init "text" and initText',
      });
    }
  });
export type PromptTuningConfig = z.infer<typeof schema>;

function initOf({ init, initText }: { init?: PromptTuningConfig['init']; initText?: string }) {
  return init ?? (initText === undefined ? 'sample-vocab' : 'text');
}

async function createLearner({
  model,
  config,
  tokenizer,
  seed,
}: LearnerOptions<PromptTuningConfig>): Promise<Learner> {
  const { start, description } = await startingPrompt({ model, config, tokenizer, seed });
  const learner = config.projected ? projectedPrompt(start) : directPrompt(start);
  const numVirtualTokens = start.shape[0]!;
  return {
    ...learner,
    method: promptTuning.name,
    numVirtualTokens,
    startsFrom: config.projected ? `W_p = identity over ${description}` : description,
    save: async (folder) => {
      await writePeftAdapter(folder, {
        config: peftConfig(model, config, numVirtualTokens),
        tensors: new Map([[prompt, learner.currentPrompt()]]),
      });
    },
  };
}

/** E itself is trained. */
function directPrompt(start: Tensor<'float32'>) {
  const tensors = new Map([[prompt, start]]);
  return {
    tensors,
    attach: (values: Parameters<Adapter['attach']>[0]) => ({ prompt: values.get(prompt)! }),
    currentPrompt: () => tensors.get(prompt)!,
  };
}

/** p = W_p x for each row x of `text`: W_p [hidden, hidden] is trained, from the identity. */
function projectedPrompt(text: Tensor<'float32'>) {
  const [rows, size] = text.shape as [number, number];
  const identity = float32Tensor([size, size]);
  for (let i = 0; i < size; i++) identity.data[i * size + i] = 1;
  const tensors = new Map([['prompt_projection', identity]]);
  return {
    tensors,
    attach: (values: Parameters<Adapter['attach']>[0]) => ({
      prompt: matmul(constant(text), values.get('prompt_projection')!, { transposeB: true }),
    }),
    currentPrompt: () => {
      const projection = tensors.get('prompt_projection')!.data;
      const projected = float32Tensor([rows, size]);
      for (let row = 0; row < rows; row++) {
        for (let out = 0; out < size; out++) {
          let sum = 0;
          for (let i = 0; i < size; i++) sum += projection[out * size + i]! * text.data[row * size + i]!;
          projected.data[row * size + out] = sum;
        }
      }
      return projected;
    },
  };
}

/** The prompt's first vectors [P, hidden], by the way that the configuration names. */
async function startingPrompt(
  options: LearnerOptions<PromptTuningConfig>,
): Promise<{ start: Tensor<'float32'>; description: string }> {
  const { model, config, tokenizer, seed } = options;
  const random = seededRandom(seed);
  const randomIds = (count: number) =>
    Array.from({ length: count }, () => random.below(model.config.vocabSize));
  const count = config.numVirtualTokens ?? 20;
  switch (initOf(config)) {
    case 'random':
      return {
        start: await randomVectors(model, count, randomIds, random.normal),
        description: `${count} random vectors at the embeddings' scale`,
      };
    case 'sample-vocab':
      return {
        start: await embedTokens(model, randomIds(count)),
        description: `${count} tokens drawn from the vocabulary`,
      };
    case 'text': {
      const ids = textIds(tokenizer, config.initText!);
      const used = cycle(ids, config.numVirtualTokens ?? ids.length);
      return {
        start: await embedTokens(model, used),
        description: `the text ${JSON.stringify(config.initText)} (${ids.length} tokens)`,
      };
    }
    case 'labels':
      return {
        start: await labelVectors(model, tokenizer, cycle(config.initLabels!, count)),
        description: `the labels ${config.initLabels!.join(', ')}`,
      };
    case 'adapter':
      return { start: await earlierPrompt(model, config), description: `the adapter ${config.initAdapter}` };
  }
}

function textIds(tokenizer: TextEncoder, text: string): number[] {
  const ids = tokenizer.encode(text);
  if (ids.length === 0)
    throw new UsageError(`the text ${JSON.stringify(text)} has no tokens to start a prompt from`);
  return ids;
}

/** `count` items: the list from its start, repeated as often as needed. */
function cycle<T>(list: readonly T[], count: number): T[] {
  return Array.from({ length: count }, (_, i) => list[i % list.length]!);
}

/** Normal vectors with the mean and deviation that real embeddings have in each of their dimensions. */
async function randomVectors(
  model: CausalLM,
  count: number,
  randomIds: (count: number) => number[],
  normal: () => number,
) {
  const sample = await embedTokens(model, randomIds(1000));
  const size = sample.shape[1]!;
  const vectors = float32Tensor([count, size]);
  for (let column = 0; column < size; column++) {
    const values = Float64Array.from({ length: 1000 }, (_, row) => sample.data[row * size + column]!);
    const mean = values.reduce((a, b) => a + b) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    for (let row = 0; row < count; row++) vectors.data[row * size + column] = mean + deviation * normal();
  }
  return vectors;
}

async function labelVectors(model: CausalLM, tokenizer: TextEncoder, labels: readonly string[]) {
  const vectors = float32Tensor([labels.length, model.config.hiddenSize]);
  const size = model.config.hiddenSize;
  for (const [row, label] of labels.entries()) {
    const { shape, data } = await embedTokens(model, textIds(tokenizer, label));
    for (let i = 0; i < data.length; i++) vectors.data[row * size + (i % size)]! += data[i]! / shape[0]!;
  }
  return vectors;
}

async function earlierPrompt(model: CausalLM, { initAdapter, numVirtualTokens }: PromptTuningConfig) {
  const files = await readPeftAdapter(initAdapter!);
  const { peftType } = files.config;
  if (peftType !== promptTuning.peftType) {
    const problem = `expected an adapter of type ${promptTuning.peftType} to go on from, found ${peftType}`;
    throw new FileError(initAdapter!, 'peft_type', problem);
  }
  const earlier = load(files, model).tensors.get(prompt)!;
  const rows = earlier.shape[0]!;
  if (numVirtualTokens !== undefined && numVirtualTokens !== rows) {
    throw new UsageError(
      `${initAdapter} has ${rows} virtual tokens, but numVirtualTokens is ${numVirtualTokens}; leave it out to go on with ${rows}`,
    );
  }
  return earlier;
}

function peftConfig(model: CausalLM, config: PromptTuningConfig, numVirtualTokens: number) {
  const fromText = initOf(config) === 'text';
  return {
    auto_mapping: null,
    base_model_name_or_path: model.name,
    inference_mode: true,
    modules_to_save: null,
    num_attention_heads: model.config.numAttentionHeads,
    num_layers: model.config.numLayers,
    num_transformer_submodules: 1,
    num_virtual_tokens: numVirtualTokens,
    peft_type: 'PROMPT_TUNING',
    prompt_tuning_init: fromText ? 'TEXT' : initOf(config) === 'sample-vocab' ? 'SAMPLE_VOCAB' : 'RANDOM',
    prompt_tuning_init_text: fromText ? config.initText : null,
    revision: null,
    task_type: 'CAUSAL_LM',
    token_dim: model.config.hiddenSize,
    tokenizer_kwargs: null,
    tokenizer_name_or_path: fromText ? model.name : null,
  };
}

function load(files: PeftAdapter, model: CausalLM): Adapter {
  const path = join(files.folder, 'adapter_model.safetensors');
  const learned = files.tensors.get(prompt);
  if (!learned)
    throw new FileError(
      path,
      prompt,
      `the tensor is missing; found ${[...files.tensors.keys()].join(', ') || 'none'}`,
    );
  const [rows, size] = learned.shape;
  if (learned.shape.length !== 2 || size !== model.config.hiddenSize) {
    throw new FileError(
      path,
      prompt,
      `the prompt is [${learned.shape.join(', ')}], but ${model.name} has vectors of ${model.config.hiddenSize} numbers; ` +
        `it was learned for another model (${files.config.baseModelNameOrPath ?? 'not named'})`,
    );
  }
  if (rows === 0)
    throw new FileError(path, prompt, `the prompt is [0, ${size}], expected at least one vector`);
  if (rows! >= model.config.maxPositions) {
    throw new FileError(
      path,
      prompt,
      `${rows} virtual tokens leave no room in the model's ${model.config.maxPositions} positions`,
    );
  }
  return {
    ...directPrompt(learned),
    method: promptTuning.name,
    numVirtualTokens: rows!,
  };
}

export const promptTuning = defineMethod({
  name: 'prompt-tuning',
  summary: 'learned vectors before the input (Lester et al. 2021)',
  schema,
  defaultLearningRate: 0.01,
  createLearner,
  peftType: 'PROMPT_TUNING',
  load,
});
