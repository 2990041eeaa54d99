/**
 * @file Prompt tuning (Lester, Al-Rfou, Constant 2021, arXiv:2104.08691): the model reads [E; embed(x)], and only E
 *   [P, hidden] is trained. In the projected form, E = W_p x for the embeddings x of a text, and only W_p is trained.
 */

import * as z from 'zod';
import { type Adapter, defineMethod, type Learner, type LearnerOptions } from '../attach/method.js';
import type { PeftContent } from '../formats/adapter-content.js';
import { constant, matmul, type Value } from '../graph/index.js';
import { embedTokens } from '../models/embed-tokens.js';
import type { LanguageModel } from '../models/model.js';
import { seededRandom } from '../random.js';
import { say } from '../say.js';
import { float32Tensor, type Tensor } from '../tensor.js';
import { softPrompts } from './parts/combine-prompts.js';
import { compute } from './parts/compute.js';
import { earlierAdapter, earlierContent } from './parts/earlier-adapter.js';
import {
  earlierPromptVectors,
  loadPromptVectors,
  promptName as prompt,
  promptLearningConfig,
  promptOf,
} from './parts/prompt-vectors.js';
import {
  cycle,
  defaultVirtualTokens,
  labelVectors,
  randomLike,
  sampleEmbeddings,
  sampleIds,
  textIds,
  virtualTokensOption,
} from './parts/starting-prompt.js';

const schema = z
  .strictObject({
    numVirtualTokens: virtualTokensOption('soft prompt', 'initText or initAdapter'),
    init: z
      .enum(['random', 'sample-vocab', 'text', 'labels', 'adapter'])
      .optional()
      .describe('what it starts from (default: as the other init options imply, else sample-vocab)'),
    initText: z
      .string()
      .min(1)
      .optional()
      .describe('the text that it starts from, repeated or cut to P tokens'),
    initLabels: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('names of the classes, whose mean embeddings it starts from'),
    initAdapter: earlierAdapter.optional().describe('an earlier adapter to continue from'),
    projected: z
      .boolean()
      .default(false)
      .describe(
        'learn W, from the identity on, in prompt = W x for the embeddings x of initText (default: learn the prompt itself)',
      ),
  })
  .superRefine((config, context) => {
    const init = initOf(config);
    for (const [kind, option] of Object.entries(sources)) {
      const given = config[option] !== undefined;
      if (given === (kind === init)) continue;
      const message = given ? say`not used by init "${init}"` : say`required by init "${init}"`;
      context.addIssue({ code: 'custom', path: [option], message });
    }
    if (config.projected && init !== 'text') {
      context.addIssue({
        code: 'custom',
        path: ['projected'],
        message: say`a projected prompt needs init "text" and initText`,
      });
    }
  });
const peftType = 'PROMPT_TUNING';

export type PromptTuningConfig = z.infer<typeof schema>;

/** The option that each init starts from. */
const sources = { text: 'initText', labels: 'initLabels', adapter: 'initAdapter' } as const;

type StartOptions = Partial<Pick<PromptTuningConfig, 'init' | (typeof sources)[keyof typeof sources]>>;

function initOf(config: StartOptions): NonNullable<StartOptions['init']> {
  if (config.init) return config.init;
  if (config.initText !== undefined) return 'text';
  if (config.initLabels !== undefined) return 'labels';
  return config.initAdapter === undefined ? 'sample-vocab' : 'adapter';
}

async function createLearner({
  model,
  config,
  ...options
}: LearnerOptions<PromptTuningConfig>): Promise<Learner> {
  const { start, description } = await startingPrompt({ model, config, ...options });
  const learner = config.projected ? projectedPrompt(start) : directPrompt(start);
  const numVirtualTokens = start.shape[0]!;
  return {
    ...learner,
    method: promptTuning.name,
    numVirtualTokens,
    initialization: config.projected ? say`W_p = identity over ${description}` : description,
    content: async () => ({
      form: 'peft',
      config: peftConfig(model, config, numVirtualTokens),
      tensors: new Map([[prompt, await learner.currentPrompt()]]),
      ...(config.projected && { trainable: learner.tensors }),
    }),
  };
}

/** E itself is trained. */
function directPrompt(start: Tensor<'float32'>) {
  const tensors = new Map([[prompt, start]]);
  return {
    tensors,
    attach: (values: Parameters<Adapter['attach']>[0]) => ({ prompt: values.get(prompt)! }),
    currentPrompt: async () => tensors.get(prompt)!,
  };
}

/** p = W_p x for each row x of `text`. W_p [hidden, hidden] is trained, from the identity on. */
function projectedPrompt(text: Tensor<'float32'>) {
  const size = text.shape[1]!;
  const identity = float32Tensor([size, size]);
  for (let i = 0; i < size; i++) identity.data[i * size + i] = 1;
  const tensors = new Map([['prompt_projection', identity]]);
  const projected = (values: ReadonlyMap<string, Value>) =>
    matmul(constant(text), values.get('prompt_projection')!, { transposeB: true });
  return {
    tensors,
    attach: (values: Parameters<Adapter['attach']>[0]) => ({ prompt: projected(values) }),
    currentPrompt: () => compute(tensors, projected),
  };
}

/** The initial prompt [P, hidden], by the configuration's `init`. */
async function startingPrompt(
  options: LearnerOptions<PromptTuningConfig>,
): Promise<{ start: Tensor<'float32'>; description: string }> {
  const { model, config, tokenizer, seed } = options;
  const count = config.numVirtualTokens ?? defaultVirtualTokens;
  switch (initOf(config)) {
    case 'random':
      return {
        start: randomLike(await sampleEmbeddings(model, seed), count, seededRandom(seed)),
        description: say`${count} random vectors at the embeddings' scale`,
      };
    case 'sample-vocab':
      return {
        start: await embedTokens(model, sampleIds(model, count, seededRandom(seed))),
        description: say`${count} random tokens of the vocabulary`,
      };
    case 'text': {
      const ids = textIds(tokenizer, config.initText!);
      const used = cycle(ids, config.numVirtualTokens ?? ids.length);
      return {
        start: await embedTokens(model, used),
        description: say`the text ${JSON.stringify(config.initText)} (${ids.length} token|tokens)`,
      };
    }
    case 'labels':
      return {
        start: await labelVectors(model, tokenizer, cycle(config.initLabels!, count)),
        description: say`the labels ${config.initLabels!.join(', ')}`,
      };
    case 'adapter':
      return earlierPromptVectors((await earlierContent(options))!, model, {
        peftTypes: [peftType],
        width: model.config.hiddenSize,
        numVirtualTokens: config.numVirtualTokens,
      });
  }
}

function peftConfig(model: LanguageModel, config: PromptTuningConfig, numVirtualTokens: number) {
  const fromText = initOf(config) === 'text';
  return {
    ...promptLearningConfig(model, peftType, numVirtualTokens),
    prompt_tuning_init: fromText ? 'TEXT' : initOf(config) === 'sample-vocab' ? 'SAMPLE_VOCAB' : 'RANDOM',
    prompt_tuning_init_text: fromText ? config.initText : null,
    tokenizer_kwargs: null,
    tokenizer_name_or_path: fromText ? model.name : null,
  };
}

function load(files: PeftContent, model: LanguageModel): Adapter {
  loadPromptVectors(files, model, model.config.hiddenSize);
  const vectors = promptOf(files);
  return { ...directPrompt(vectors), method: promptTuning.name, numVirtualTokens: vectors.shape[0]! };
}

export const promptTuning = defineMethod({
  name: 'prompt-tuning',
  summary: 'learned vectors before the input (Lester et al. 2021)',
  schema,
  defaultLearningRate: 0.01,
  suitsEncoders: true,
  createLearner,
  peftType,
  isInPeft: true,
  combining: softPrompts,
  load,
});
