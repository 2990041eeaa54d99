/** @file Creates what a run trains: a method's tensors, placed into a template if it has soft tokens, with a head. */

import { filesReadWith } from '../adapters/option-files.js';
import { createHead, type Head } from '../attach/head.js';
import { learnerWithHead, takeOverHead } from '../attach/head-files.js';
import type { Learner, Method } from '../attach/method.js';
import { placeLearner } from '../attach/placed-prompt.js';
import { optionError, UsageError } from '../errors.js';
import type { AdapterContent, AdapterSource } from '../formats/adapter-content.js';
import { contentOf } from '../formats/adapter-folder.js';
import { labeledBy } from '../loss/dataset-options.js';
import { neededTensors } from '../loss/loss-graph.js';
import { startFromWords } from '../methods/parts/head-from-words.js';
import { methodNamed } from '../methods/registry.js';
import { checkWrites } from '../models/causal-only.js';
import type { HeadTaskType, LanguageModel } from '../models/model.js';
import { type FileOptions, fileOptionsOf } from '../records/text-encoding.js';
import { say } from '../say.js';
import { readLabels } from '../text/labeled.js';
import { placesIn } from '../text/template.js';
import type { Tokenizer } from '../text/tokenizer.js';
import { firstTokens, verbalizerOf } from '../text/verbalizer.js';
import type { ResolvedRunConfig } from './run-config.js';

interface Inputs {
  readonly model: LanguageModel;
  readonly tokenizer: Tokenizer;
  readonly signal?: AbortSignal;
  readonly methods?: readonly Method[];
}

/** The method's learner, with the head of the task, and its soft prompt placed into the template if that has places. */
export async function createLearner(config: ResolvedRunConfig, inputs: Inputs): Promise<Learner> {
  const { model } = inputs;
  const { taskType, template } = config;
  const { masks } = placesIn(template);
  if (taskType === 'causal-lm') {
    checkWrites(model, masks > 0);
    return createMethodLearner(config, inputs);
  }
  const plain = await createMethodLearner(config, inputs);
  const { savesModel } = methodNamed(config.method, inputs.methods);
  const head = await headFor(config, taskType, { ...inputs, atMask: masks > 0, savesModel });
  const earlier = await earlierAdapter(config, inputs);
  if (earlier) takeOverHead(head, model, earlier);
  const learner = learnerWithHead(plain, head, config.verbalizer && say`a head from words`);
  // Full fine-tuning trains all weights except those that only vocabulary scores need.
  const needed = neededTensors(model, learner);
  for (const name of learner.tensors.keys()) if (!needed.has(name)) learner.tensors.delete(name);
  return learner;
}

/** The same without a head, and so without a look at the data. */
export async function createMethodLearner(config: ResolvedRunConfig, inputs: Inputs): Promise<Learner> {
  const { model, tokenizer } = inputs;
  const { taskType, method, methodOptions, seed, template = '' } = config;
  const { softTokens: count } = placesIn(template);
  if (taskType !== 'causal-lm' && count > 0)
    throw optionError(
      'template',
      say`soft tokens are for texts to continue, not for texts with labels; remove {soft:…} from it`,
    );
  const earlier = await earlierAdapter(config, inputs);
  const options = {
    ...(count > 0 && { numVirtualTokens: count }),
    ...methodOptions,
    ...(earlier && { initAdapter: partOf(earlier, method) }),
  };
  checkRoom(options, model);
  const learner = await methodNamed(method, inputs.methods).createLearner({
    model,
    tokenizer,
    config: options,
    seed,
    files: filesReadWith(config),
  });
  return count > 0 ? placeLearner(learner, template, count) : learner;
}

/** What the run starts from, if it continues an adapter. */
async function earlierAdapter(
  { methodOptions }: ResolvedRunConfig,
  { signal }: Inputs,
): Promise<AdapterContent | undefined> {
  const given = methodOptions.initAdapter as AdapterSource | undefined;
  return given === undefined ? undefined : contentOf(given, signal);
}

/** Before anything of that size is allocated. */
function checkRoom(options: Readonly<Record<string, unknown>>, { config }: LanguageModel): void {
  const { numVirtualTokens: count } = options;
  if (typeof count === 'number' && count >= config.maxPositions)
    throw new UsageError(
      say`${count} virtual tokens leave no room in the model's ${config.maxPositions} positions`,
      { code: 'too-long' },
    );
}

/** The head that a task needs, as it starts. */
async function headFor(
  config: ResolvedRunConfig,
  taskType: HeadTaskType,
  { model, tokenizer, signal, atMask, savesModel }: Inputs & { atMask: boolean; savesModel?: boolean },
): Promise<Head> {
  const { verbalizer, labelField, seed } = config;
  const words = verbalizer && verbalizerOf(verbalizer, labelField);
  if (atMask) checkMaskHead(config, model, savesModel);
  else if (words && model.bidirectional)
    throw optionError(
      'verbalizer',
      say`${model.name} predicts words at masks; use a template with {{ mask() }}`,
    );
  const labels = words?.labels ?? config.labels ?? (await labelsOfData(config, taskType, signal));
  const head = createHead(model, taskType, labels, seed, atMask);
  if (words) await startFromWords(head, model, firstTokens(words, tokenizer, config));
  return head;
}

function checkMaskHead({ taskType }: ResolvedRunConfig, model: LanguageModel, savesModel = false): void {
  checkWrites(model, true);
  if (taskType !== 'sequence-classification')
    throw optionError('template', say`a mask has the label of a whole text, which ${taskType} does not use`);
  if (savesModel)
    throw optionError(
      'template',
      say`transformers has no model with labels at a mask, so none can be saved; use another method,
        or remove the mask`,
      { code: 'unsupported' },
    );
}

async function labelsOfData(
  { data, labelField, ...config }: Pick<ResolvedRunConfig, 'data' | 'labelField' | keyof FileOptions>,
  taskType: HeadTaskType,
  signal?: AbortSignal,
) {
  if (taskType === 'question-answering') return [];
  return readLabels(data, { labeled: labeledBy(taskType), labelField, ...fileOptionsOf(config), signal });
}

/** Of several adapters, that of the method, if there is one. */
function partOf(content: AdapterContent, method: string): AdapterContent {
  const parts = content.form === 'parts' ? content.parts : [];
  return parts.find(({ name }) => name === method)?.content ?? content;
}
