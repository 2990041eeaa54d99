/**
 * @file Heads: a few trained layers that turn hidden states into scores of labels, in the place of the vocabulary.
 *   They are transformers' own (GPT2ForSequenceClassification and its kin), and stand on the real tokens, wherever
 *   virtual ones are.
 */
import { UsageError } from '../errors.js';
import { readWeight } from '../formats/model-folder.js';
import { linear, tanh, type Value } from '../graph/index.js';
import { requireNoEncoder } from '../models/causal-only.js';
import { type HeadDesign, type HeadTask, headTasks, type LanguageModel } from '../models/model.js';
import type { Weights } from '../models/weights.js';
import { seededRandom } from '../random.js';
import { float32Tensor, type TrainableTensors } from '../tensor.js';
import type { Adapter } from './method.js';

export const taskTypes = ['causal-lm', ...headTasks] as const;
export type TaskType = (typeof taskTypes)[number];

export interface Head {
  readonly task: HeadTask;
  /** Names of what is scored, in the order of the scores. */
  readonly labels: readonly string[];
  readonly design: HeadDesign;
  /** The layers' weights [out, in] and biases [out], by transformers' names. */
  readonly tensors: TrainableTensors;
  /**
   * The pooled "first" token is the first vector of the learned prompt, and not that of the text: so PEFT reads
   * prompts for encoders, and what it trained works in no other way.
   */
  readonly poolsPrompt?: boolean;
}

/** The heads of most decoders. */
const decoderHeads: Readonly<Record<HeadTask, HeadDesign>> = {
  'sequence-classification': { layers: ['score'], bias: false, pools: 'last' },
  'token-classification': { layers: ['score'], bias: true },
  'question-answering': { layers: ['qa_outputs'], bias: true, labels: ['start', 'end'] },
};

/** Whether a head scores each token as the first and as the last of an answer. */
export const findsSpans = (head: Head | undefined): boolean => head?.task === 'question-answering';

/**
 * Label vectors at a mask (WARP, Hambardzumyan et al. 2021, arXiv:2101.00121; a soft verbalizer): they score what the
 * masked language model makes of the mask, in the place of the words' own vectors.
 */
const maskHead = ({ head, headParameters = [] }: LanguageModel): HeadDesign => ({
  layers: ['label_vectors'],
  bias: true,
  pools: 'mask',
  pooler: {
    parameters: headParameters,
    apply: (weights, hidden) => head(weights).transform?.(hidden) ?? hidden,
  },
});

/**
 * @param atMask the head stands on a mask, and not where transformers puts that of the task
 * @throws UsageError where the model lacks what the head stands on
 */
export function headDesign(model: LanguageModel, task: HeadTask, atMask = false): HeadDesign {
  requireNoEncoder(model, 'a head that labels texts');
  const design = atMask ? maskHead(model) : (model.headDesigns?.[task] ?? decoderHeads[task]);
  const missing = design.pooler?.parameters.find((name) => !model.files.locations.has(name));
  if (missing === undefined) return design;
  throw new UsageError(
    `${task}: the head reads what ${missing} makes of a text, which the files of ${model.name} do not have; ` +
      'take a model that was saved with it',
  );
}

/**
 * A head to be trained: weights normal at the model's `initializer_range`, as in transformers, and biases 0.
 * @param given names of the labels, where the task leaves a choice
 */
export function createHead(
  model: LanguageModel,
  task: HeadTask,
  given: readonly string[],
  seed: number,
  atMask = false,
): Head {
  const design = headDesign(model, task, atMask);
  const { labels = given } = design;
  const { hiddenSize } = model.config;
  const range = model.source.config.initializer_range;
  const deviation = typeof range === 'number' ? range : 0.02;
  const random = seededRandom(seed);
  const tensors: TrainableTensors = new Map();
  for (const [i, layer] of design.layers.entries()) {
    const outSize = i === design.layers.length - 1 ? labels.length : hiddenSize;
    const weight = float32Tensor([outSize, hiddenSize]);
    for (let at = 0; at < weight.data.length; at++) weight.data[at] = deviation * random.normal();
    tensors.set(`${layer}.weight`, weight);
    if (design.bias) tensors.set(`${layer}.bias`, float32Tensor([outSize]));
  }
  return { task, labels, design, tensors };
}

/** The names of a head's tensors. */
export const headTensorNames = ({ layers, bias }: HeadDesign): string[] =>
  layers.flatMap((layer) => [`${layer}.weight`, ...(bias ? [`${layer}.bias`] : [])]);

/** Scores [n, labels] of hidden states [n, hidden]. */
export function headScores(
  { design }: Head,
  values: ReadonlyMap<string, Value>,
  weights: Weights,
  hidden: Value,
): Value {
  let x = design.pooler ? design.pooler.apply(weights, hidden) : hidden;
  for (const [i, layer] of design.layers.entries()) {
    if (i > 0) x = tanh(x);
    const [weight, bias] = [values.get(`${layer}.weight`)!, values.get(`${layer}.bias`)];
    x = linear(x, weight, bias, { transposeWeight: true });
  }
  return x;
}

/** The adapter with a head, whose tensors join its own. */
export function withHead(adapter: Adapter, head: Head): Adapter {
  const { tasks } = adapter;
  return {
    ...adapter,
    head,
    tensors: new Map([...adapter.tensors, ...head.tensors]),
    ...(tasks && {
      tasks: { ...tasks, select: (task: number) => withHead(tasks.select(task), head) },
    }),
  };
}

/** Throws a UsageError for an adapter that labels texts, where one is needed that writes them. */
export function refuseHead(adapter: Adapter | undefined): void {
  if (adapter?.head)
    throw new UsageError(
      `the adapter was learned to label texts (${adapter.head.task}) and not to write them; use it with classify`,
      { code: 'unsupported' },
    );
}

/** The head that a model's own files have, such as after full fine-tuning. */
export async function ownHead(model: LanguageModel): Promise<Head | undefined> {
  const [architecture] = [model.source.config.architectures].flat();
  const task = headTasks.find((candidate) => `${architecture}`.endsWith(`For${pascalCase(candidate)}`));
  if (!task) return undefined;
  const design = headDesign(model, task);
  const tensors: TrainableTensors = new Map();
  for (const name of headTensorNames(design)) tensors.set(name, await readWeight(model.source, name));
  const rows = tensors.get(`${design.layers.at(-1)}.weight`)!.shape[0]!;
  return { task, labels: design.labels ?? labelNames(model.source.config.id2label, rows), design, tensors };
}

/** `id2label` as a list; LABEL_0, LABEL_1, … as in transformers where it is not given. */
export function labelNames(id2label: unknown, count: number): string[] {
  const names = (id2label ?? {}) as Readonly<Record<string, unknown>>;
  return Array.from({ length: count }, (_, i) => `${names[i] ?? `LABEL_${i}`}`);
}

/** SequenceClassification */
export const pascalCase = (dashed: string) =>
  dashed.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
