/**
 * @file Heads in files: in PEFT's adapters, beside the method's own tensors, in whole models as transformers saves them, and where several
 * adapters or AdapterHub's were trained with it as an adapter of its own among them.
 */
import { join } from '#platform';
import { FileError } from '../errors.js';
import { isAdapterHub, readAdapterFiles } from '../formats/adapter.js';
import {
  addToComposition,
  compositionName,
  readComposition,
  writeComposition,
} from '../formats/composition.js';
import { listFolder, writeFolderAtomic, writeJsonAtomic } from '../formats/files.js';
import { openModelFolder } from '../formats/model-folder.js';
import { type PeftAdapter, readPeftAdapter, writePeftAdapter } from '../formats/peft.js';
import { readTensorAt, writeSafetensors } from '../formats/safetensors.js';
import type { HeadTask, LanguageModel } from '../models/model.js';
import type { Tensor, TrainableTensors } from '../tensor.js';
import { type Head, headDesign, headTensorNames, labelNames, pascalCase, withHead } from './head.js';
import type { Learner } from './method.js';
import { tensorError } from './peft-tensors.js';

/** PEFT's `task_type` of each, and the modules that it then trains and saves. */
const peftTasks: Readonly<Record<HeadTask, { type: string; modules: readonly string[] }>> = {
  'sequence-classification': { type: 'SEQ_CLS', modules: ['classifier', 'score'] },
  'token-classification': { type: 'TOKEN_CLS', modules: ['classifier', 'score'] },
  'question-answering': { type: 'QUESTION_ANS', modules: ['qa_outputs'] },
};

/** In an encoder's adapter_config.json: the pooled token is the text's first one. PEFT pools its prompt's first vector. */
const poolsTextKey = 'pools_text';

/** In adapter_config.json: label vectors at a mask, which no model of transformers has, so that PEFT loads the rest alone. */
const atMaskKey = 'label_vectors_at_mask';

/** Before a module's name in PEFT's files: what a prompt wraps is the model, what changes layers wraps it once more. */
const prefixes = ['base_model.model.', 'base_model.'];

/**
 * Takes the head out of an adapter's files: what is left is the method's.
 * @throws FileError where the task needs a head and there is none that fits the model
 */
export function splitHead(files: PeftAdapter, model: LanguageModel): { files: PeftAdapter; head?: Head } {
  const { raw, taskType } = files.config;
  const found = Object.entries(peftTasks).find(([, { type }]) => type === taskType);
  if (!found) return { files };
  const task = found[0] as HeadTask;
  const design = headDesign(model, task, raw[atMaskKey] === true);
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
  const labels = design.labels ?? labelNames(raw.id2label, count);
  const poolsPrompt = design.pools === 'first' && raw[poolsTextKey] !== true;
  const config = { ...files.config, raw: { ...raw, modules_to_save: null } };
  return { files: { ...files, config, tensors: rest }, head: { task, labels, design, tensors, poolsPrompt } };
}

/** Whether an adapter's files have a head, which what works on files alone would lose. */
export const hasHead = ({ config }: PeftAdapter): boolean =>
  Object.values(peftTasks).some(({ type }) => type === config.taskType);

/** Whether a tensor of an adapter's files belongs to a head, and not to the method. */
export function isOfHead({ config }: PeftAdapter, name: string): boolean {
  const modules = [config.raw.modules_to_save ?? []].flat();
  return modules.some((module) => prefixes.some((prefix) => name.startsWith(`${prefix}${module}.`)));
}

/** Lets a head go on from that of an earlier adapter, where it has one. Throws a FileError where the labels differ. */
export async function takeOverHead(head: Head, model: LanguageModel, folder: string): Promise<void> {
  const parts = await readComposition(folder);
  const own = parts ? parts.find(({ name }) => name === headPart)?.folder : folder;
  if (own === undefined) return;
  const files = await readAdapterFiles(own);
  const earlier = isAdapterHub(files) ? undefined : splitHead(files, model).head;
  if (earlier?.task !== head.task || earlier.design.pools !== head.design.pools) return;
  if (`${earlier.labels}` !== `${head.labels}`) {
    const [theirs, ours] = [earlier, head].map(({ labels }) => labels.join(', '));
    const problem = `its head knows the labels ${theirs}, and this run has ${ours}; give labels in the same order`;
    throw new FileError(join(own, 'adapter_config.json'), 'id2label', problem);
  }
  for (const [name, { data }] of head.tensors) data.set(earlier.tensors.get(name)!.data);
}

/**
 * The learner with a head that is trained together with it, and saved with what it learned.
 * @param start what the head starts from, for people
 */
export function learnerWithHead(learner: Learner, head: Head, start = 'a random head'): Learner {
  return {
    ...withHead(learner, head),
    startsFrom: `${learner.startsFrom}, and ${start} for ${head.labels.join(', ')}`,
    save: (folder) =>
      writeFolderAtomic(folder, async (temporary) => {
        await learner.save(temporary);
        const names = await listFolder(temporary, 'an adapter folder');
        if (names.has(compositionName)) return addPart(temporary, head);
        if (!names.has('adapter_config.json')) return addToModel(temporary, head);
        if (!isAdapterHub(await readAdapterFiles(temporary))) return addToAdapter(temporary, head);
        await writeComposition(temporary, [{ name: learner.method, save: learner.save }]);
        return addPart(temporary, head);
      }),
  };
}

/** The folder of a head beside the adapters that it was trained with; `head-alone` reads and writes such. */
export const headPart = 'head-alone';
export const headPeftType = 'HEAD';

async function addPart(folder: string, head: Head): Promise<void> {
  const [first] = (await readComposition(folder))!;
  const { baseModelNameOrPath } = (await readAdapterFiles(first!.folder)).config;
  await addToComposition(folder, {
    name: headPart,
    save: async (part) => {
      const config = { base_model_name_or_path: baseModelNameOrPath ?? null, peft_type: headPeftType };
      await writePeftAdapter(part, { config, tensors: new Map() });
      await addToAdapter(part, head);
    },
  });
}

async function addToAdapter(folder: string, head: Head): Promise<void> {
  const { config, tensors, trainable } = await readPeftAdapter(folder);
  const prefix = 'num_virtual_tokens' in config.raw ? 'base_model.' : 'base_model.model.';
  const { type, modules } = peftTasks[head.task];
  await writePeftAdapter(folder, {
    config: {
      ...config.raw,
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
    trainable,
  });
}

/** A whole model that classifies, as transformers saves it. */
async function addToModel(folder: string, head: Head): Promise<void> {
  const { config, tensors } = await openModelFolder(folder);
  const whole = new Map<string, Tensor>(head.tensors);
  for (const [name, location] of tensors) whole.set(name, await readTensorAt(location.path, location));
  const [architecture] = [config.architectures].flat();
  const backbone = /^(.*?)(?:LMHeadModel|Model|For\w+)$/.exec(`${architecture}`)?.[1] ?? '';
  await writeJsonAtomic(join(folder, 'config.json'), {
    ...config,
    architectures: [`${backbone}For${pascalCase(head.task)}`],
    ...(!head.design.labels && {
      id2label: { ...head.labels },
      label2id: Object.fromEntries(head.labels.map((label, i) => [label, i])),
    }),
  });
  await writeSafetensors(join(folder, 'model.safetensors'), whole);
}
