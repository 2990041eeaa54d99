/**
 * @file Heads in files: in PEFT adapters next to the method's tensors, in whole models in transformers' layout, and as
 *   a separate part (`head-alone`) next to AdapterHub's or several adapters.
 */
import { FileError } from '../errors.js';
import {
  type AdapterContent,
  baseModelOf,
  configPath,
  type ModelContent,
  type PeftContent,
  type SingleContent,
} from '../formats/adapter-content.js';
import type { HeadTaskType, LanguageModel } from '../models/model.js';
import { say } from '../say.js';
import type { TrainableTensors } from '../tensor.js';
import { type Head, headDesign, headTensorNames, labelNames, pascalCase, withHead } from './head.js';
import type { Learner } from './method.js';
import { tensorError } from './peft-tensors.js';

/** PEFT's `task_type` of each task, and the modules that PEFT then trains and saves. */
const peftTasks: Readonly<Record<HeadTaskType, { type: string; modules: readonly string[] }>> = {
  'sequence-classification': { type: 'SEQ_CLS', modules: ['classifier', 'score'] },
  'token-classification': { type: 'TOKEN_CLS', modules: ['classifier', 'score'] },
  'question-answering': { type: 'QUESTION_ANS', modules: ['qa_outputs'] },
};

/**
 * Key of an encoder's adapter_config.json: the pooled token is the text's first. PEFT pools the prompt's first vector.
 */
const poolsTextKey = 'pools_text';

/**
 * Key of adapter_config.json: label vectors at a mask. No transformers model has such a head, so PEFT loads everything
 * else.
 */
const atMaskKey = 'label_vectors_at_mask';

/** Prefixes of modules in PEFT's files: prompts wrap the model once, changes of layers wrap it twice. */
const prefixes = ['base_model.model.', 'base_model.'];

/**
 * Splits an adapter's files into the method's and the head.
 * @throws FileError if the task needs a head and there is none that fits the model
 */
export function splitHead(files: PeftContent, model: LanguageModel): { files: PeftContent; head?: Head } {
  const { config } = files;
  const found = Object.entries(peftTasks).find(([, { type }]) => type === config.task_type);
  if (!found) return { files };
  const taskType = found[0] as HeadTaskType;
  const design = headDesign(model, taskType, config[atMaskKey] === true);
  const tensors: TrainableTensors = new Map();
  const rest = new Map(files.tensors);
  const lastLayer = design.layers.at(-1);
  for (const name of headTensorNames(design)) {
    const stored = prefixes.map((prefix) => prefix + name).find((candidate) => rest.has(candidate));
    const tensor = stored === undefined ? undefined : rest.get(stored);
    const rows = name.startsWith(`${lastLayer}.`) ? design.labels?.length : model.config.hiddenSize;
    const shape = name.endsWith('.bias') ? [rows] : [rows, model.config.hiddenSize];
    const fits =
      tensor?.shape.length === shape.length &&
      shape.every((size, i) => size === undefined || size === tensor.shape[i]);
    if (!fits) throw tensorError(files, stored ?? prefixes[1] + name, shape, tensor);
    tensors.set(name, tensor);
    rest.delete(stored!);
  }
  const count = tensors.get(`${lastLayer}.weight`)!.shape[0]!;
  const labels = design.labels ?? labelNames(config.id2label, count);
  const poolsPrompt = design.pools === 'first' && config[poolsTextKey] !== true;
  return {
    files: { ...files, config: { ...config, modules_to_save: null }, tensors: rest },
    head: { taskType, labels, design, tensors, poolsPrompt },
  };
}

/** Whether an adapter's files have a head, which operations on bare files would lose. */
export const hasHead = ({ config }: PeftContent): boolean =>
  Object.values(peftTasks).some(({ type }) => type === config.task_type);

/** Whether a tensor of an adapter's files belongs to a head rather than to the method. */
export function isOfHead({ config }: PeftContent, name: string): boolean {
  const modules = [config.modules_to_save ?? []].flat();
  return modules.some((module) => prefixes.some((prefix) => name.startsWith(`${prefix}${module}.`)));
}

/** Starts a head from an earlier adapter's, if that has one. Throws a FileError if the labels differ. */
export function takeOverHead(head: Head, model: LanguageModel, content: AdapterContent): void {
  const own =
    content.form === 'parts' ? content.parts.find(({ name }) => name === headPart)?.content : content;
  if (own?.form !== 'peft') return;
  const earlier = splitHead(own, model).head;
  if (earlier?.taskType !== head.taskType || earlier.design.pools !== head.design.pools) return;
  if (`${earlier.labels}` !== `${head.labels}`) {
    const [theirs, ours] = [earlier, head].map(({ labels }) => labels.join(', '));
    const problem = say`its head knows the labels ${theirs}, but this run has ${ours}; list the same labels in the
      same order`;
    throw new FileError(configPath(own), 'id2label', problem);
  }
  for (const [name, { data }] of head.tensors) data.set(earlier.tensors.get(name)!.data);
}

/**
 * The learner with a head that is trained and saved together with it.
 * @param start what the head starts from, in words
 */
export function learnerWithHead(learner: Learner, head: Head, start = say`a random head`): Learner {
  return {
    ...withHead(learner, head),
    initialization: `${learner.initialization}, and ${start} for ${head.labels.join(', ')}`,
    content: async () => contentWithHead(await learner.content(), head, learner.method),
  };
}

/** The name of a head's part next to the adapters that it was trained with. `head-alone` reads and writes it. */
export const headPart = 'head-alone';
export const headPeftType = 'HEAD';

/** @param method the name of the adapter as a part, if the head becomes another part */
function contentWithHead(content: AdapterContent, head: Head, method: string): AdapterContent {
  switch (content.form) {
    case 'peft':
      return adapterWithHead(content, head);
    case 'model':
      return modelWithHead(content, head);
    case 'adapterhub':
      return { form: 'parts', parts: [{ name: method, content }, partOf(head, content)] };
    case 'parts':
      return { ...content, parts: [...content.parts, partOf(head, content.parts[0]!.content)] };
  }
}

/** @param beside an adapter for the same model */
function partOf(head: Head, beside: SingleContent): { name: string; content: PeftContent } {
  const config = { base_model_name_or_path: baseModelOf(beside) ?? null, peft_type: headPeftType };
  return { name: headPart, content: adapterWithHead({ form: 'peft', config, tensors: new Map() }, head) };
}

function adapterWithHead(content: PeftContent, head: Head): PeftContent {
  const { config, tensors } = content;
  const prefix = 'num_virtual_tokens' in config ? 'base_model.' : 'base_model.model.';
  const { type, modules } = peftTasks[head.taskType];
  return {
    ...content,
    config: {
      ...config,
      task_type: type,
      modules_to_save: head.design.pools === 'mask' ? head.design.layers : modules,
      ...(!head.design.labels && { id2label: { ...head.labels } }),
      ...(head.design.pools === 'first' && { [poolsTextKey]: true }),
      ...(head.design.pools === 'mask' && { [atMaskKey]: true }),
    },
    tensors: new Map([
      ...tensors,
      ...[...head.tensors].map(([name, tensor]) => [prefix + name, tensor] as const),
    ]),
  };
}

/** A whole model that classifies, as transformers saves it. */
function modelWithHead(content: ModelContent, head: Head): ModelContent {
  const { config, tensors } = content;
  const [architecture] = [config.architectures].flat();
  const backbone = /^(.*?)(?:LMHeadModel|Model|For\w+)$/.exec(`${architecture}`)?.[1] ?? '';
  return {
    ...content,
    config: {
      ...config,
      architectures: [`${backbone}For${pascalCase(head.taskType)}`],
      ...(!head.design.labels && {
        id2label: { ...head.labels },
        label2id: Object.fromEntries(head.labels.map((label, i) => [label, i])),
      }),
    },
    tensors: new Map([...tensors, ...head.tensors]),
  };
}
