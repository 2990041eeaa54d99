/** @file How records of a data set become examples for a model with an adapter. */

import type { Adapter, Method } from '../attach/method.js';
import { UsageError } from '../errors.js';
import { requireNoEncoder } from '../models/causal-only.js';
import type { HeadTaskType, LanguageModel } from '../models/model.js';
import { fileOptionsOf } from '../records/text-encoding.js';
import { say } from '../say.js';
import type { DataConfig } from '../text/data-config.js';
import type { DatasetOptions } from '../text/dataset.js';
import type { LabelOptions } from '../text/labeled.js';
import type { Tokenizer } from '../text/tokenizer.js';

/** The inputs of a run. */
export interface RunInputs {
  model: LanguageModel;
  tokenizer: Tokenizer;
  signal?: AbortSignal;
  /** Your own methods, which `method` may name. */
  methods?: readonly Method[];
  /** Called periodically while the data is tokenized. */
  onDataProgress?: (progress: { done: number; total: number }) => void;
}

/** Options of a data set for a model with an adapter, whose virtual tokens take part of the context. */
export function datasetOptions(
  model: LanguageModel,
  tokenizer: Tokenizer,
  adapter: Pick<Adapter, 'numVirtualTokens' | 'head' | 'placement'> | undefined,
  config: DataConfig,
): DatasetOptions & { maxLength: number } {
  if (config.chat) requireNoEncoder(model, say`training on conversations (chat)`);
  if (config.trainOn === 'all') requireNoEncoder(model, say`training on prompts (trainOn)`);
  const { maxPositions, vocabSize } = model.config;
  const virtual = adapter?.numVirtualTokens ?? 0;
  const room = maxPositions - virtual;
  const { maxLength = room } = config;
  if (room < 1)
    throw new UsageError(
      say`${virtual} virtual tokens leave no room in the model's ${maxPositions} positions`,
      { code: 'too-long' },
    );
  if (maxLength > room) {
    throw new UsageError(
      say`maxLength is ${maxLength}, but the model has ${maxPositions} positions, of which
        ${virtual} are virtual tokens: at most ${room} are left`,
      { code: 'too-long' },
    );
  }
  const { completionTemplate, layoutLanguage, truncation, trainOn, appendEos, chat, verbalizer, labelField } =
    config;
  const head = adapter?.head;
  const labeling = head && {
    labeled: labeledBy(head.taskType),
    labels: head.labels,
    pools: head.design.pools,
    labelField,
  };
  const texts = {
    ...fileOptionsOf(config),
    template: config.template ?? adapter?.placement?.template,
    completionTemplate,
    layoutLanguage,
    truncation,
    trainOn,
    appendEos,
    chat,
    verbalizer,
    labelField,
  };
  const promptSpecialTokens = model.encoder !== undefined;
  return { tokenizer, vocabSize, maxLength, promptSpecialTokens, ...texts, ...(labeling && { labeling }) };
}

/** What has labels, of a task with a head. */
export const labeledBy = (taskType: HeadTaskType): LabelOptions['labeled'] =>
  (
    ({
      'sequence-classification': 'text',
      'token-classification': 'words',
      'question-answering': 'answers',
    }) as const
  )[taskType];
