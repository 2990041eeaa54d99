/** @file How much memory a training step will take, estimated from shapes before anything runs. */
import type { Adapter } from '../methods/method.js';
import type { CausalLM } from '../models/model.js';
import type { ResolvedRunConfig } from './train-adapter.js';

/** What Node.js and ONNX Runtime hold before any step. */
const processBytes = 130e6;

/**
 * Private bytes at the peak of a step with rows of `maxLength` tokens (at most 64 a row are assumed where it is not given),
 * beside the model's weights, which stay mapped from their files. Kept for the backward pass, a token and layer: the
 * hidden states around two normalisations, queries, keys and values, the feed-forward's inner state, and the attention
 * probabilities twice; at the end three copies of the label rows' logits. Trained tensors count four times: themselves,
 * their gradient and two moments.
 */
export function estimateMemory({ config }: CausalLM, adapter: Adapter, run: ResolvedRunConfig): number {
  const { hiddenSize, numLayers, numAttentionHeads, vocabSize } = config;
  const length = run.maxLength ?? 64;
  const tokens = run.batchSize * length;
  const perTokenAndLayer = 12 * hiddenSize + 2 * numAttentionHeads * (length + adapter.numVirtualTokens);
  const activations = tokens * numLayers * perTokenAndLayer;
  const logits = 3 * tokens * vocabSize;
  const trained = [...adapter.tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
  return processBytes + 4 * (activations + logits + 4 * trained);
}
