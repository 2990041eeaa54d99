/** @file How much each token of a text attends to each virtual token, layer by layer. */
import { adaptModel, runEncoder, textHidden } from '../attach/adapted-model.js';
import type { Adapter } from '../attach/method.js';
import { requireOneTask } from '../attach/one-task.js';
import { feedsFor, inputIds, textInputs } from '../attach/text-inputs.js';
import { UsageError } from '../errors.js';
import { type Prompt, promptAsUsed, promptEncoder } from '../generation/prompts.js';
import { reduceMean, toOnnx, type Value } from '../graph/index.js';
import type { LanguageModel } from '../models/model.js';
import { onnxOptionsFor } from '../runtime/device.js';
import { type Device, Session } from '../runtime/index.js';
import { say } from '../say.js';
import type { Tokenizer } from '../text/tokenizer.js';

export interface PromptAttentionOptions {
  model: LanguageModel;
  tokenizer: Tokenizer;
  /** One with virtual tokens. */
  adapter: Adapter;
  /** The text, as it would be given for generation. */
  prompt: Prompt;
  /** Where to compute. Default: the CPU. */
  device?: Device;
}

export interface PromptAttention {
  /** The text's tokens, without virtual ones. */
  readonly tokens: readonly { readonly id: number; readonly text: string }[];
  readonly numVirtualTokens: number;
  /**
   * The share of a token's attention that each virtual token gets, by layer, token and virtual token: the mean over the
   * layer's heads. What is missing to 1 goes to the text.
   */
  readonly layers: readonly (readonly (readonly number[])[])[];
}

/** The weights of longer texts are as many as nobody looks at. */
const mostTokens = 512;

/**
 * Computes the attention that a text pays to an adapter's virtual tokens. For an encoder-decoder, the text is the
 * encoder's.
 * @throws UsageError for an adapter without virtual tokens before or inside the text, or of which no task was chosen,
 *   and for a text of more than 512 tokens
 */
export async function promptAttention({
  model,
  tokenizer,
  adapter,
  prompt,
  device,
}: PromptAttentionOptions): Promise<PromptAttention> {
  requireOneTask(adapter);
  const ids = promptEncoder(tokenizer, model)(promptAsUsed(prompt, adapter.usage), adapter);
  if (ids.length > mostTokens)
    throw new UsageError(say`the text has ${ids.length} tokens; at most ${mostTokens} are shown`, {
      code: 'too-long',
    });
  const weights = await attentionWeights(model, adapter, ids, device);
  const isVirtual = ids.map((id) => id >= model.config.vocabSize);
  const places = [...ids.keys()];
  const soft = places.filter((place) => isVirtual[place]);
  const texts = places.filter((place) => !isVirtual[place]);
  // Layers below a late prompt have no keys before the text's.
  const before = Math.max(...weights.map(({ keys }) => keys)) - ids.length;
  if (before + soft.length === 0)
    throw new UsageError(say`${adapter.method} has no virtual tokens that a text attends to`, {
      code: 'unsupported',
    });
  return {
    tokens: texts.map((place) => ({ id: ids[place]!, text: tokenizer.tokenOf(ids[place]!) })),
    numVirtualTokens: before + soft.length,
    layers: weights.map(({ data, keys }) =>
      texts.map((place) => {
        const start = data.length - (ids.length - place) * keys;
        const row = data.subarray(start, start + keys);
        const own = keys - ids.length;
        const early = own === 0 ? new Array<number>(before).fill(0) : [...row.subarray(0, own)];
        return [...early, ...soft.map((at) => row[own + at]!)];
      }),
    ),
  };
}

/** Each layer's weights, the mean over its heads: rows of `keys`, whose last ones are those of the text's tokens. */
async function attentionWeights(
  model: LanguageModel,
  adapter: Adapter,
  ids: readonly number[],
  device?: Device,
): Promise<{ data: Float32Array; keys: number }[]> {
  const byLayer = new Map<string, Value>();
  const onAttention = (layer: number, weights: Value) =>
    byLayer.set(`layer.${layer}`, reduceMean(weights, { axes: [1], keepDims: false }));
  const adapted = adaptModel(model, adapter, inputIds.value);
  if (model.encoder) runEncoder(model, model.encoder, adapted, { onAttention });
  else textHidden(model, adapted, inputIds.value, { onAttention });
  const graph = toOnnx(Object.fromEntries(byLayer), onnxOptionsFor(device));
  const session = await Session.create(graph.bytes, { weights: model.files, device });
  try {
    const tensors = [...adapter.tensors].filter(([name]) => graph.inputs.has(name));
    const feeds = feedsFor(textInputs, graph.inputs, [{ ids, encoderIds: ids }]);
    const outputs = await session.run({ ...feeds, ...Object.fromEntries(tensors) });
    return [...byLayer.keys()].map((name) => {
      const { data, shape } = outputs[name]!;
      return { data: data as Float32Array, keys: shape[2]! };
    });
  } finally {
    await session.dispose();
  }
}
