/** @file What can be asked of some kinds of model and not of others. */
import { optionError, UsageError } from '../errors.js';
import { headTasks, type LanguageModel } from './model.js';

/** Throws a UsageError for a model that sees texts as a whole. */
export function requireCausal({ name, config, bidirectional }: LanguageModel): void {
  if (bidirectional)
    throw new UsageError(
      `${name} is a ${config.modelType} model: each token sees those after it, so it cannot write a text ` +
        'from left to right; train a head for it (taskType), and classify with that',
      { code: 'unsupported' },
    );
}

/**
 * Throws a UsageError for a model whose encoder reads what is given, where it is not one text with what is asked for.
 * @param what it is that does not suit such a model
 */
export function requireNoEncoder({ name, config, encoder }: LanguageModel, what: string): void {
  if (encoder)
    throw new UsageError(
      `${what} does not suit ${name}: it is a ${config.modelType} model, whose encoder reads what is given, apart from the ` +
        'decoder that writes the answer; take a decoder-only model (gpt2, llama, …) for that',
      { code: 'unsupported' },
    );
}

/** Throws a UsageError for a model that is not a decoder alone. */
export function requireDecoderOnly(model: LanguageModel, what: string): void {
  requireCausal(model);
  requireNoEncoder(model, what);
}

/**
 * A decoder goes on from texts, and a masked language model fills in a mask.
 * @throws UsageError where the template and the model are not of one kind
 */
export function checkWrites(model: LanguageModel, hasMask: boolean): void {
  const kind = model.config.modelType;
  if (model.bidirectional && !hasMask)
    throw new UsageError(
      `${model.name} is a ${kind} model, which sees texts as a whole and cannot learn to go on from them; ` +
        `set taskType to ${headTasks.join(', ')}, or give a template with {{ mask() }}`,
    );
  const missing = model.headParameters?.find((name) => !model.files.locations.has(name));
  if (missing !== undefined)
    throw optionError(
      'template',
      `the files of ${model.name} have no ${missing}, with which a mask is filled in; take a model that was saved ` +
        'for masked language modeling',
    );
  if (!model.bidirectional && hasMask)
    throw optionError(
      'template',
      `${model.name} is a ${kind} model, which goes on from texts and fills in no mask; take {{ mask() }} out of it`,
    );
}
