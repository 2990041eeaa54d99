/**
 * @file Context-aware prompt tuning (CPT: Blau et al. 2024, arXiv:2410.17222): the prompt is the embeddings of a few
 *   examples plus a learned δ. Each row of δ stays in a ball, |δ_i| ≤ ε √(hidden / 2048), with one ε for the words of
 *   inputs and one for the format around them. Labels do not move (δ_i = 0) but are learned from: the loss of the
 *   examples' own labels is added to that of each text, weighted by γ for the last example, γ² for the one before it,
 *   and so on.
 */
import * as z from 'zod';
import {
  type Adapter,
  defineMethod,
  type Learner,
  type LearnerOptions,
  type PromptLabel,
} from '../attach/method.js';
import { FileError, UsageError } from '../errors.js';
import {
  type AdapterContent,
  configPath,
  expectPeft,
  nameOf,
  type PeftContent,
} from '../formats/adapter-content.js';
import { add, constant, multiply } from '../graph/index.js';
import { requireDecoderOnly } from '../models/causal-only.js';
import { embedTokens } from '../models/embed-tokens.js';
import type { LanguageModel } from '../models/model.js';
import { recordOf } from '../records/data.js';
import { say } from '../say.js';
import { float32Tensor, type Tensor } from '../tensor.js';
import { readContextExamples, tokenKinds } from './parts/context-examples.js';
import { earlierAdapter, earlierContent } from './parts/earlier-adapter.js';
import { fileReader } from './parts/option-files.js';
import { loadPromptVectors, promptLearningConfig, promptName } from './parts/prompt-vectors.js';
import { configFields } from './parts/stored-config.js';

const defaultEpsilon = 0.1;
const epsilonOption = (of: string) =>
  z
    .number()
    .positive()
    .optional()
    .describe(
      `ε: embeddings of ${of} move by at most ε·√(hidden / 2048) (default: that of initAdapter, else ${defaultEpsilon})`,
    );

const schema = z
  .strictObject({
    examples: z
      .array(z.record(z.string(), z.unknown()))
      .min(1)
      .optional()
      .describe('the few examples that make the prompt, as rows (in TypeScript)'),
    examplesFile: z
      .string()
      .min(1)
      .optional()
      .meta({ description: 'a data file with the few examples that make the prompt', format: 'path' }),
    examplesTemplate: z
      .string()
      .min(1)
      .default('{prompt}{completion}\n')
      .describe('template of an example, with its fields in braces; the last field is its label'),
    projectionEpsilon: epsilonOption('the words of inputs'),
    projectionFormatEpsilon: epsilonOption('the words around inputs and labels'),
    lossDecayFactor: z
      .number()
      .nonnegative()
      .optional()
      .describe(
        'γ, the weight of the last label; earlier ones have γ², γ³, … (default: that of initAdapter, else 1)',
      ),
    initAdapter: earlierAdapter.optional().describe('an earlier adapter to continue from, with its examples'),
  })
  .superRefine(({ examples, examplesFile, initAdapter }, context) => {
    const given = [examples, examplesFile, initAdapter].filter((value) => value !== undefined);
    if (given.length === 1) return;
    const message =
      given.length === 0
        ? say`the prompt is made of a few examples; set it to a data file`
        : say`${initAdapter ? say`initAdapter has its own examples` : say`the examples are given as rows`};
          use one of the two`;
    const option = examplesFile === undefined && examples ? 'examples' : 'examplesFile';
    context.addIssue({ code: 'custom', path: [option], message });
  });
type CptConfig = z.output<typeof schema>;

const peftType = 'CPT';
/** δ [P, hidden], by PEFT's name. */
const deltaName = 'delta_embedding.weight';

/** The examples' tokens, and the weights of their labels. */
interface Context {
  readonly ids: readonly number[];
  /** PEFT's `cpt_tokens_type_mask`: each token's kind (`tokenKinds`) plus 4 times its example's index. */
  readonly types: readonly number[];
  readonly inputEpsilon: number;
  readonly formatEpsilon: number;
  /** γ */
  readonly decay: number;
}

async function createLearner(options: LearnerOptions<CptConfig>): Promise<Learner> {
  const { model } = options;
  requireDecoderOnly(model, say`a prompt of examples (cpt)`);
  const { base, delta, context, initialization } = await startingContext(options);
  const adapter = cptAdapter(base, delta, context);
  adapter.constrain();
  const { ids, types, inputEpsilon, formatEpsilon, decay } = context;
  return {
    ...adapter,
    initialization,
    content: () => {
      const prompt = float32Tensor(base.shape);
      const width = model.config.hiddenSize;
      for (const [i, value] of base.data.entries()) {
        const moves = movesFreely(types[Math.floor(i / width)]!);
        prompt.data[i] = moves ? value + adapter.tensors.get(deltaName)!.data[i]! : value;
      }
      return {
        form: 'peft',
        config: {
          ...promptLearningConfig(model, peftType, ids.length),
          cpt_mask: ids.map(() => 1),
          cpt_token_ids: ids,
          cpt_tokens_type_mask: types,
          opt_loss_decay_factor: decay,
          opt_projection_epsilon: inputEpsilon,
          opt_projection_format_epsilon: formatEpsilon,
          opt_weighted_loss_type: decay === 1 ? 'none' : 'decay',
          tokenizer_name_or_path: model.name,
        },
        tensors: new Map([[promptName, prompt]]),
      };
    },
  };
}

/** The examples' embeddings, and δ: zero, or the earlier prompt's difference from them. */
async function startingContext({ model, config, tokenizer, files }: LearnerOptions<CptConfig>) {
  const { examples: rows, examplesFile, examplesTemplate } = config;
  const content = await earlierContent({ config, files });
  const earlier = content && earlierPrompt(content, model);
  const examples =
    earlier?.context ??
    (await readContextExamples(
      rows?.map(recordOf) ?? fileReader('examplesFile', files).records(examplesFile!),
      examplesTemplate,
      tokenizer,
    ));
  const { ids, types } = examples;
  const { maxPositions } = model.config;
  if (ids.length >= maxPositions)
    throw new UsageError(
      say`the examples' ${ids.length} tokens leave no room in the model's ${maxPositions} positions;
        use fewer examples`,
      { code: 'too-long' },
    );
  const base = await embedTokens(model, ids);
  const context: Context = {
    ids,
    types,
    inputEpsilon: config.projectionEpsilon ?? earlier?.context.inputEpsilon ?? defaultEpsilon,
    formatEpsilon: config.projectionFormatEpsilon ?? earlier?.context.formatEpsilon ?? defaultEpsilon,
    decay: config.lossDecayFactor ?? earlier?.context.decay ?? 1,
  };
  return {
    base,
    delta: earlier ? difference(earlier.prompt, base) : float32Tensor(base.shape),
    context,
    initialization: content
      ? nameOf(content)
      : `${rows ? say`${rows.length} example|examples` : say`the examples of ${examplesFile}`} ${say`(${ids.length} token|tokens)`}`,
  };
}

function earlierPrompt(content: AdapterContent, model: LanguageModel) {
  const files = expectPeft(content);
  const found = files.config.peft_type;
  if (found !== peftType)
    throw new FileError(
      nameOf(files),
      'peft_type',
      say`expected an adapter of type ${peftType} to continue from, found ${found}`,
    );
  return readFiles(files, model);
}

const difference = (a: Tensor<'float32'>, b: Tensor<'float32'>) =>
  float32Tensor(
    a.shape,
    a.data.map((value, i) => value - b.data[i]!),
  );

/** Whether a token may move. Labels may not. */
const movesFreely = (type: number) => type % 4 !== 0;

function cptAdapter(base: Tensor<'float32'>, delta: Tensor<'float32'>, context: Context) {
  const { types } = context;
  const [count, hiddenSize] = base.shape as [number, number];
  const tensors = new Map([[deltaName, delta]]);
  const moves = float32Tensor(
    [count, 1],
    types.map((type) => Number(movesFreely(type))),
  );
  const promptLabels = labelsOf(context);
  return {
    method: cpt.name,
    tensors,
    numVirtualTokens: count,
    attach: (values) => ({
      prompt: add(constant(base), multiply(values.get(deltaName)!, constant(moves))),
      promptLabels,
    }),
    constrain: () => {
      const { data } = tensors.get(deltaName)!;
      for (const [row, type] of types.entries()) {
        const own = data.subarray(row * hiddenSize, (row + 1) * hiddenSize);
        const radius = radiusOf(type, context) * Math.sqrt(hiddenSize / 2048);
        const length = Math.hypot(...own);
        if (length > radius) for (let i = 0; i < hiddenSize; i++) own[i]! *= radius / length;
      }
    },
  } satisfies Adapter;
}

function radiusOf(type: number, { inputEpsilon, formatEpsilon }: Context): number {
  if (!movesFreely(type)) return 0;
  return type % 4 === tokenKinds.input ? inputEpsilon : formatEpsilon;
}

/** The examples' label tokens, except a first token, which nothing predicts. */
function labelsOf({ ids, types, decay }: Context): PromptLabel[] {
  const labelTypes = [...new Set(types.filter((type) => type > 0 && !movesFreely(type)))].sort(
    (a, b) => b - a,
  );
  return ids.flatMap((id, position) => {
    const fromLast = labelTypes.indexOf(types[position]!);
    return fromLast < 0 || position === 0 ? [] : [{ position, id, weight: decay ** (fromLast + 1) }];
  });
}

const storedSchema = z.object({
  cpt_token_ids: z.array(z.int().nonnegative()),
  cpt_mask: z.array(z.int()).nullish(),
  cpt_tokens_type_mask: z.array(z.int().nonnegative()),
  opt_projection_epsilon: z.number().nonnegative().default(defaultEpsilon),
  opt_projection_format_epsilon: z.number().nonnegative().default(defaultEpsilon),
  opt_weighted_loss_type: z.enum(['none', 'decay']).nullish(),
  opt_loss_decay_factor: z.number().nonnegative().default(1),
});

/** The prompt in an adapter's files, which do not separate δ from the embeddings, and its examples. */
function readFiles(
  files: PeftContent,
  model: LanguageModel,
): { prompt: Tensor<'float32'>; context: Context } {
  const prompt = loadPromptVectors(files, model, model.config.hiddenSize);
  const [rows] = prompt.shape;
  const path = configPath(files);
  const stored = configFields(files, storedSchema);
  const { cpt_token_ids: ids, cpt_tokens_type_mask: types } = stored;
  const foreign = ids.find((id) => id >= model.config.vocabSize);
  if (foreign !== undefined)
    throw new FileError(path, 'cpt_token_ids', say`${model.name} has no token ${foreign}`);
  const lists = { cpt_token_ids: ids, cpt_mask: stored.cpt_mask, cpt_tokens_type_mask: types };
  for (const [name, list] of Object.entries(lists)) {
    if (list && list.length !== rows)
      throw new FileError(
        path,
        name,
        say`expected a number for each of the ${rows} virtual tokens, found ${list.length}`,
      );
  }
  return {
    prompt,
    context: {
      ids,
      types,
      inputEpsilon: stored.opt_projection_epsilon,
      formatEpsilon: stored.opt_projection_format_epsilon,
      decay: stored.opt_weighted_loss_type === 'decay' ? stored.opt_loss_decay_factor : 1,
    },
  };
}

/** As in PEFT, a new δ starts from the whole prompt. */
function load(files: PeftContent, model: LanguageModel): Adapter {
  requireDecoderOnly(model, say`a prompt of examples (cpt)`);
  const { prompt, context } = readFiles(files, model);
  return cptAdapter(prompt, float32Tensor(prompt.shape), context);
}

export const cpt = defineMethod({
  name: 'cpt',
  summary: 'a few examples before the input, whose embeddings move a little (Blau et al. 2024)',
  schema,
  defaultLearningRate: 0.001,
  createLearner,
  peftType,
  isInPeft: true,
  load,
});
