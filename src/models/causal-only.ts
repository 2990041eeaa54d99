/** @file Checks that a kind of model supports what it is used for. */
import { optionError, UsageError } from '../errors.js';
import { say } from '../say.js';
import { headTaskTypes, type LanguageModel } from './model.js';

/** Throws a UsageError for a bidirectional model. */
export function requireCausal({ name, config, bidirectional }: LanguageModel): void {
  if (bidirectional)
    throw new UsageError(
      say`${name} is a ${config.modelType} model, whose tokens see those after them, so it cannot
        generate text from left to right; train a head for it (taskType) and classify instead`,
      { code: 'unsupported' },
    );
}

/**
 * Throws a UsageError for a model with an encoder, which reads the input separately from the output.
 * @param what the feature that such a model does not support
 */
export function requireNoEncoder({ name, config, encoder }: LanguageModel, what: string): void {
  if (encoder)
    throw new UsageError(
      say`${what} is not supported for ${name}: it is a ${config.modelType} model, whose encoder
        reads the input, while its decoder writes the output; use a decoder-only model (gpt2,
        llama, …)`,
      { code: 'unsupported' },
    );
}

/** Throws a UsageError unless the model is a decoder only. */
export function requireDecoderOnly(model: LanguageModel, what: string): void {
  requireCausal(model);
  requireNoEncoder(model, what);
}

/**
 * Checks that a template suits a model: decoders continue texts, masked language models fill in a mask.
 * @throws UsageError if it does not
 */
export function checkWrites(model: LanguageModel, hasMask: boolean): void {
  const kind = model.config.modelType;
  if (model.bidirectional && !hasMask)
    throw new UsageError(
      say`${model.name} is a ${kind} model, which cannot learn to continue texts; set taskType to
        ${headTaskTypes.join(', ')}, or use a template with {{ mask() }}`,
      { code: 'unsupported' },
    );
  const missing = model.headParameters?.find((name) => !model.files.locations.has(name));
  if (missing !== undefined)
    throw optionError(
      'template',
      say`the files of ${model.name} have no ${missing}, which fills in a mask; use a model that was
        saved for masked language modeling`,
      { code: 'unsupported' },
    );
  if (!model.bidirectional && hasMask)
    throw optionError(
      'template',
      say`${model.name} is a ${kind} model, which continues texts and cannot fill in a mask; remove
        {{ mask() }} from the template`,
      { code: 'unsupported' },
    );
}
