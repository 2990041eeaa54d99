/**
 * @file Multitask prompt tuning (Wang et al. 2023, arXiv:2303.02861): all tasks share E [P, hidden], and task t has
 *   low-rank factors. Its prompt is E ∘ (cols[t]·rows[t]), elementwise. A new task can start from the others.
 */
import * as z from 'zod';
import { type Adapter, defineMethod, type Learner, type LearnerOptions } from '../attach/method.js';
import { tensorError } from '../attach/peft-tensors.js';
import { FileError, UsageError } from '../errors.js';
import { configPath, expectPeft, nameOf, type PeftContent } from '../formats/adapter-content.js';
import { constant, gather, matmul, multiply, slice, type Value } from '../graph/index.js';
import { embedTokens } from '../models/embed-tokens.js';
import type { LanguageModel } from '../models/model.js';
import { seededRandom } from '../random.js';
import { say } from '../say.js';
import { float32Tensor, int64Tensor, type Tensor, type TrainableTensors } from '../tensor.js';
import { earlierAdapter, earlierContent } from './parts/earlier-adapter.js';
import {
  loadPromptVectors,
  promptLearningConfig,
  promptName,
  storedVectors,
} from './parts/prompt-vectors.js';
import { startingIds, virtualTokensOption } from './parts/starting-prompt.js';
import { configFields } from './parts/stored-config.js';

const schema = z
  .strictObject({
    numVirtualTokens: virtualTokensOption('soft prompt', 'initText or initAdapter'),
    numTasks: z.int().positive().default(1).describe('number of tasks; each has its own data file, in order'),
    numRanks: z.int().positive().default(1).describe("rank of a task's factors"),
    initText: z
      .string()
      .min(1)
      .optional()
      .describe('the text whose embeddings the shared prompt starts from (default: random tokens)'),
    initAdapter: earlierAdapter
      .optional()
      .describe('an earlier multitask prompt for new tasks to start from'),
    initFrom: z
      .enum(['average', 'task', 'shared'])
      .default('average')
      .describe(
        "what new tasks take besides the shared prompt: the mean of the earlier tasks' factors, those of initTask, or nothing",
      ),
    initTask: z.int().nonnegative().default(0).describe('the task to use with initFrom task'),
  })
  .refine(({ initText, initAdapter }) => !initText || !initAdapter, {
    path: ['initText'],
    error: () => say`use it or initAdapter, not both`,
  });
type Config = z.output<typeof schema>;

const colsName = 'prefix_task_cols'; // [tasks, P, rank]
const rowsName = 'prefix_task_rows'; // [tasks, rank, hidden]

async function createLearner(options: LearnerOptions<Config>): Promise<Learner> {
  const { model, config } = options;
  const { tensors, numVirtualTokens, initialization } = await startingTensors(options);
  return {
    ...multitaskAdapter(tensors, numVirtualTokens),
    initialization,
    content: () => ({
      form: 'peft',
      config: {
        ...promptLearningConfig(model, 'MULTITASK_PROMPT_TUNING', numVirtualTokens),
        num_transformer_submodules: tensors.get(promptName)!.shape[0]! / numVirtualTokens,
        num_ranks: tensors.get(colsName)!.shape[2]!,
        num_tasks: config.numTasks,
        prompt_tuning_init: 'RANDOM',
        prompt_tuning_init_state_dict_path: null,
        prompt_tuning_init_task: 0,
        prompt_tuning_init_text: null,
        tokenizer_kwargs: null,
        tokenizer_name_or_path: null,
      },
      tensors,
    }),
  };
}

/** PEFT's adapters for encoder-decoders may have vectors from `numVirtualTokens` on: those are for the decoder. */
function multitaskAdapter(tensors: TrainableTensors, numVirtualTokens: number): Adapter {
  const count = tensors.get(colsName)!.shape[0]!;
  const vectors = tensors.get(promptName)!.shape[0]!;
  const prompts = (values: ReadonlyMap<string, Value>) =>
    multiply(values.get(promptName)!, matmul(values.get(colsName)!, values.get(rowsName)!));
  const sites = (all: Value) => ({
    prompt: slice(all, 1, 0, numVirtualTokens),
    ...(vectors > numVirtualTokens && { decoderPrompt: slice(all, 1, numVirtualTokens, vectors) }),
  });
  const method = multitaskPromptTuning.name;
  return {
    method,
    tensors,
    numVirtualTokens,
    tasks: {
      count,
      adapterFor: (task) => {
        if (!(Number.isInteger(task) && task >= 0 && task < count))
          throw new UsageError(say`there is no task ${task}; expected 0 to ${count - 1}`, {
            code: 'not-found',
          });
        const index = constant(int64Tensor([1], [task]));
        const attach = (values: ReadonlyMap<string, Value>) => sites(gather(prompts(values), index));
        return { method, tensors, numVirtualTokens, attach };
      },
    },
    attach: (values) => sites(prompts(values)),
  };
}

/** PEFT's initial factors make a prompt of almost nothing. Here the product starts near ones, so each task near E. */
function startingFactors(tasks: number, count: number, ranks: number, hidden: number, seed: number) {
  const random = seededRandom(seed);
  const cols = float32Tensor([tasks, count, ranks]);
  const rows = float32Tensor([tasks, ranks, hidden]);
  for (const tensor of [cols, rows])
    for (let i = 0; i < tensor.data.length; i++)
      tensor.data[i] = 1 / Math.sqrt(ranks) + 0.02 * random.normal();
  return { cols, rows };
}

async function startingTensors({ model, config, tokenizer, seed, files }: LearnerOptions<Config>) {
  const { numTasks, numRanks, initText } = config;
  const earlier = await earlierContent({ config, files });
  if (earlier) return transferred(expectPeft(earlier), model, config, seed);
  const ids = startingIds({ model, tokenizer }, config, seededRandom(seed));
  const count = ids.length;
  const { cols, rows } = startingFactors(numTasks, count, numRanks, model.config.hiddenSize, seed);
  return {
    tensors: new Map([
      [promptName, await embedTokens(model, ids)],
      [colsName, cols],
      [rowsName, rows],
    ]),
    numVirtualTokens: count,
    initialization:
      initText === undefined
        ? say`${count} random tokens of the vocabulary`
        : say`the text ${JSON.stringify(initText)}`,
  };
}

/** New tasks from an earlier adapter's shared prompt and, unless `initFrom` is 'shared', its tasks' factors. */
function transferred(files: PeftContent, model: LanguageModel, config: Config, seed: number) {
  const source = load(files, model);
  const { numTasks, initFrom, initTask, numVirtualTokens } = config;
  const [shared, cols, rows] = [promptName, colsName, rowsName].map((name) => source.tensors.get(name)!);
  const [tasks, count, ranks] = cols!.shape as [number, number, number];
  if (numVirtualTokens !== undefined && numVirtualTokens !== source.numVirtualTokens)
    throw new UsageError(
      say`${nameOf(files)} has ${source.numVirtualTokens} virtual token|tokens; leave numVirtualTokens out
        to use that number`,
    );
  if (initFrom === 'task' && initTask >= tasks)
    throw new UsageError(say`initTask is ${initTask}, but ${nameOf(files)} has the tasks 0 to ${tasks - 1}`);
  const taken = initFrom === 'task' ? [initTask] : Array.from({ length: tasks }, (_, task) => task);
  const factors =
    initFrom === 'shared'
      ? startingFactors(numTasks, count, ranks, model.config.hiddenSize, seed)
      : { cols: repeated(meanOf(cols!, taken), numTasks), rows: repeated(meanOf(rows!, taken), numTasks) };
  return {
    tensors: new Map([
      [promptName, structuredClone(shared!)],
      [colsName, factors.cols],
      [rowsName, factors.rows],
    ]),
    numVirtualTokens: source.numVirtualTokens,
    initialization: say`the tasks of ${nameOf(files)} (${initFrom === 'task' ? `task ${initTask}` : initFrom})`,
  };
}

/** The mean of the slices `taken` along the first axis. */
function meanOf({ shape, data }: Tensor<'float32'>, taken: readonly number[]): Tensor<'float32'> {
  const mean = float32Tensor(shape.slice(1));
  const size = mean.data.length;
  for (const index of taken)
    for (let i = 0; i < size; i++) mean.data[i]! += data[index * size + i]! / taken.length;
  return mean;
}

function repeated({ shape, data }: Tensor<'float32'>, times: number): Tensor<'float32'> {
  const result = float32Tensor([times, ...shape]);
  for (let i = 0; i < times; i++) result.data.set(data, i * data.length);
  return result;
}

/** With PEFT's defaults. */
const storedSchema = z.object({
  num_tasks: z.int().positive().default(1),
  num_ranks: z.int().positive().default(1),
});

function load(files: PeftContent, model: LanguageModel): Adapter {
  const shared = loadPromptVectors(files, model, model.config.hiddenSize);
  const cols = files.tensors.get(colsName);
  const rows = files.tensors.get(rowsName);
  const [tasks, count, ranks] = cols?.shape ?? [];
  if (cols?.shape.length !== 3 || count !== shared.shape[0])
    throw tensorError(files, colsName, [undefined, shared.shape[0], undefined], cols);
  const { num_tasks, num_ranks } = configFields(files, storedSchema);
  for (const [field, stated, found] of [
    ['num_tasks', num_tasks, tasks],
    ['num_ranks', num_ranks, ranks],
  ] as const)
    if (stated !== found) {
      const problem = say`it is ${stated}, but the tensor ${colsName} has ${found}`;
      throw new FileError(configPath(files), field, problem);
    }
  if (`${rows?.shape}` !== `${[tasks, ranks, shared.shape[1]]}`)
    throw tensorError(files, rowsName, [tasks, ranks, shared.shape[1]], rows);
  return multitaskAdapter(
    new Map([
      [promptName, shared],
      [colsName, cols],
      [rowsName, rows!],
    ]),
    storedVectors(files).count,
  );
}

export const multitaskPromptTuning = defineMethod({
  name: 'multitask-prompt-tuning',
  summary: 'a prompt shared by tasks, each with its own factors (Wang et al. 2023)',
  schema,
  defaultLearningRate: 0.01,
  suitsEncoders: true,
  createLearner,
  peftType: 'MULTITASK_PROMPT_TUNING',
  isInPeft: true,
  load,
});
