/** @file Merges an adapter into the model's weights, and undoes it. */
import { fileSystem } from '#platform';
import type { Adapter } from '../attach/method.js';
import { FileError, UsageError } from '../errors.js';
import { allParameters, saveModel, type WeightDtype } from '../loading/save.js';
import { computeAll } from '../methods/parts/compute.js';
import type { LanguageModel } from '../models/model.js';
import { say } from '../say.js';
import type { TrainableTensors } from '../tensor.js';
import type { Tokenizer } from '../text/tokenizer.js';

export interface MergeAdapterOptions {
  model: LanguageModel;
  /** One that changes the model's weights, such as LoRA's and IA3's. */
  adapter: Adapter;
  /** The folder to write, which must not exist yet. */
  output: string;
  /** How the weights are stored. Default: float32, the only type that keeps small changes exact. */
  dtype?: WeightDtype;
  /** The tokenizer of the training, whose end of text the written model ends at besides its own. Default: none. */
  tokenizer?: Pick<Tokenizer, 'eosTokenId'>;
  /** Ends the work between two tensors; what was written is removed. */
  signal?: AbortSignal;
}

/**
 * Writes a whole model that computes without the adapter what `model` computes with it, up to the rounding of the
 * weights.
 * @returns how many of the model's parameters were changed
 * @throws UsageError if the adapter is not a change of weights or has a head; FileError if the folder exists or cannot
 *   be written; the signal's reason once aborted
 */
export async function mergeAdapter({
  model,
  adapter,
  output,
  dtype,
  tokenizer,
  signal,
}: MergeAdapterOptions): Promise<{ changed: number }> {
  if (await fileSystem.stat(output))
    throw new FileError(
      output,
      undefined,
      say`it exists already; choose another folder, or remove this one`,
      { code: 'already-exists' },
    );
  if (adapter.head)
    throw new UsageError(
      say`the adapter was trained to label texts (${adapter.head.taskType}), and a merged model
        would be without its head; use it as an adapter`,
      { code: 'unsupported' },
    );
  const merged = await mergedWeights(model, adapter, signal);
  const tensors = await allParameters(model, merged, signal);
  const { usage } = adapter;
  await saveModel(output, model, tensors, { dtype, eosTokenId: tokenizer?.eosTokenId, usage, signal });
  return { changed: merged.size };
}

/**
 * The parameters of `model` that the adapter changes, with the change in them, by name.
 * @throws UsageError if the adapter is not a change of weights; the signal's reason once aborted
 */
export async function mergedWeights(
  model: LanguageModel,
  adapter: Adapter,
  signal?: AbortSignal,
): Promise<TrainableTensors> {
  if (adapter.merge)
    return computeAll(adapter.tensors, (values) => adapter.merge!(values, model.weights()), model, signal);
  const reason =
    adapter.numVirtualTokens > 0
      ? say`its prompt comes before every text, which weights cannot do`
      : say`no weights of the model compute the same`;
  throw new UsageError(
    say`an adapter of the method ${adapter.method} cannot be merged into the model: ${reason}; use
      it as an adapter`,
    { code: 'unsupported' },
  );
}

/**
 * The original values, up to rounding, of the parameters of `merged` that the adapter changed, by name.
 * @param merged a model that the adapter was merged into
 * @throws UsageError if the merged weights do not determine them; the signal's reason once aborted
 */
export async function unmergedWeights(
  merged: LanguageModel,
  adapter: Adapter,
  signal?: AbortSignal,
): Promise<TrainableTensors> {
  const refusal = (reason: string) =>
    new UsageError(
      say`an adapter of the method ${adapter.method} cannot be taken out of weights: ${reason}`,
      { code: 'unsupported' },
    );
  if (!adapter.unmerge)
    throw refusal(
      adapter.merge
        ? say`with DoRA they do not tell how long the rows were before; keep the model that it was
          merged into`
        : say`it cannot be merged either`,
    );
  const weights = await computeAll(
    adapter.tensors,
    (values) => adapter.unmerge!(values, merged.weights()),
    merged,
    signal,
  );
  // IA3's factors of zero leave nothing to divide.
  if ([...weights.values()].some(({ data }) => !data.every(Number.isFinite)))
    throw refusal(say`a factor of it is zero; keep the model that it was merged into`);
  return weights;
}
