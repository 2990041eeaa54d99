/**
 * @file Heads: a few trained layers that map hidden states to scores of labels instead of vocabulary scores. They are
 *   transformers' own (GPT2ForSequenceClassification and so on), and are applied to real tokens, never to virtual
 *   ones.
 */
import { UsageError } from '../errors.js';
import { readWeight } from '../formats/model-folder.js';
import { linear, tanh, type Value } from '../graph/index.js';
import { requireNoEncoder } from '../models/causal-only.js';
import { type HeadDesign, type HeadTaskType, headTaskTypes, type LanguageModel } from '../models/model.js';
import type { Weights } from '../models/weights.js';
import { seededRandom } from '../random.js';
import { say } from '../say.js';
import { float32Tensor, type TrainableTensors } from '../tensor.js';
import type { Adapter } from './method.js';

export const taskTypes = ['causal-lm', ...headTaskTypes] as const;

export interface Head {
  readonly taskType: HeadTaskType;
  /** Names of the labels, in the order of the scores. */
  readonly labels: readonly string[];
  readonly design: HeadDesign;
  /** The layers' weights [out, in] and biases [out], by transformers' names. */
  readonly tensors: TrainableTensors;
  /**
   * Whether the pooled "first" token is the learned prompt's first vector instead of the text's. PEFT pools that way in
   * encoders, and what it trained only works like that.
   */
  readonly poolsPrompt?: boolean;
}

/** The heads of most decoders. */
const decoderHeads: Readonly<Record<HeadTaskType, HeadDesign>> = {
  'sequence-classification': { layers: ['score'], bias: false, pools: 'last' },
  'token-classification': { layers: ['score'], bias: true },
  'question-answering': { layers: ['qa_outputs'], bias: true, labels: ['start', 'end'] },
};

/** Whether a head scores each token as the start and as the end of an answer. */
export const findsSpans = (head: Head | undefined): boolean => head?.taskType === 'question-answering';

/**
 * Label vectors at a mask (WARP, Hambardzumyan et al. 2021, arXiv:2101.00121; a soft verbalizer): they score the
 * masked language model's output at the mask, in place of word embeddings.
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
 * @param atMask whether the head is applied to a mask, instead of where transformers applies the task's
 * @throws UsageError if the model lacks a layer that the head needs
 */
export function headDesign(model: LanguageModel, taskType: HeadTaskType, atMask = false): HeadDesign {
  requireNoEncoder(model, say`a head that labels texts`);
  const design = atMask ? maskHead(model) : (model.headDesigns?.[taskType] ?? decoderHeads[taskType]);
  const missing = design.pooler?.parameters.find((name) => !model.files.locations.has(name));
  if (missing === undefined) return design;
  throw new UsageError(
    say`${taskType}: the head needs ${missing}, which the files of ${model.name} do not have; use a
      model that was saved with it`,
    { code: 'unsupported' },
  );
}

/**
 * A head to train: weights normal with deviation `initializer_range`, as in transformers, and biases 0.
 * @param labelNames names of the labels, if the task does not fix them
 */
export function createHead(
  model: LanguageModel,
  taskType: HeadTaskType,
  labelNames: readonly string[],
  seed: number,
  atMask = false,
): Head {
  const design = headDesign(model, taskType, atMask);
  const { labels = labelNames } = design;
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
  return { taskType, labels, design, tensors };
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

/** The adapter with a head. Its tensors include the head's. */
export function withHead(adapter: Adapter, head: Head): Adapter {
  const { tasks } = adapter;
  return {
    ...adapter,
    head,
    tensors: new Map([...adapter.tensors, ...head.tensors]),
    ...(tasks && {
      tasks: { ...tasks, adapterFor: (task: number) => withHead(tasks.adapterFor(task), head) },
    }),
  };
}

/** Throws a UsageError for an adapter that labels texts; for use where text is generated. */
export function refuseHead(adapter: Adapter | undefined): void {
  if (adapter?.head)
    throw new UsageError(
      say`the adapter was trained to label texts (${adapter.head.taskType}), not to generate them;
        use it with classify`,
      { code: 'unsupported' },
    );
}

/** The head in a model's own files, such as after full fine-tuning. */
export async function ownHead(model: LanguageModel): Promise<Head | undefined> {
  const [architecture] = [model.source.config.architectures].flat();
  const taskType = headTaskTypes.find((candidate) =>
    `${architecture}`.endsWith(`For${pascalCase(candidate)}`),
  );
  if (!taskType) return undefined;
  const design = headDesign(model, taskType);
  const tensors: TrainableTensors = new Map();
  for (const name of headTensorNames(design)) tensors.set(name, await readWeight(model.source, name));
  const rows = tensors.get(`${design.layers.at(-1)}.weight`)!.shape[0]!;
  return {
    taskType,
    labels: design.labels ?? labelNames(model.source.config.id2label, rows),
    design,
    tensors,
  };
}

/** `id2label` as a list; LABEL_0, LABEL_1, … as in transformers, if there is none. */
export function labelNames(id2label: unknown, count: number): string[] {
  const names = (id2label ?? {}) as Readonly<Record<string, unknown>>;
  return Array.from({ length: count }, (_, i) => `${names[i] ?? `LABEL_${i}`}`);
}

/** Such as SequenceClassification for sequence-classification. */
export const pascalCase = (dashed: string) =>
  dashed.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
