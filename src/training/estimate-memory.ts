/** @file How much memory a training step will take, estimated from shapes before anything runs. */
import { planEpoch } from '../data/batches.js';
import type { Dataset } from '../data/dataset.js';
import type { Adapter } from '../methods/method.js';
import type { CausalLM } from '../models/model.js';
import type { OptimizerConfig, TrainingConfig } from './config.js';

/** What Node.js, ONNX Runtime and a loaded graph hold before any step. */
const processBytes = 130e6;

/**
 * Private bytes at the peak of a run's largest step, beside the model's weights, which stay mapped from their files.
 *
 * The factors were fitted to measured peaks (GPT-2 shapes of 4 to 12 layers, width 256 and 768, vocabularies of 8,000 and
 * 50,257, rows of 64 to 512 tokens) and agree with them within 15 %: kept for the backward pass are, a token and layer,
 * ten vectors and 1.3 rows of attention probabilities a head; at the end 3.3 rows of logits a label token. Trained
 * tensors are held five times over (themselves, their gradients, and copies on the way), and so are the optimizer's moments.
 */
export function estimateMemory(
  { config }: CausalLM,
  adapter: Adapter,
  dataset: Dataset,
  run: TrainingConfig,
): number {
  const { hiddenSize, numLayers, numAttentionHeads, vocabSize } = config;
  const floatsOf = (batch: readonly number[]) => {
    const length = Math.max(...batch.map((index) => dataset.tokenCounts[index]!));
    const labels = batch.reduce((sum, index) => sum + dataset.labelCounts[index]!, 0);
    const perToken = 10 * hiddenSize + 1.3 * numAttentionHeads * (length + adapter.numVirtualTokens);
    const classes = adapter.head?.labels.length ?? vocabSize;
    return batch.length * length * numLayers * perToken + 3.3 * labels * classes;
  };
  // All epochs have alike batches; each holds the longest example.
  const largest = planEpoch({ ...dataset, ...run, epoch: 0 }).reduce(
    (most, batch) => Math.max(most, floatsOf(batch)),
    0,
  );
  const trained = [...adapter.tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
  return processBytes + 4 * (largest + (5 + momentsOf(run.optimizer)) * trained);
}

/** Numbers that an optimizer keeps for each trained one. Adafactor's rows and columns are next to none. */
function momentsOf(optimizer: OptimizerConfig): number {
  if (optimizer.name === 'adamw') return 2;
  return optimizer.name === 'sgd' && optimizer.momentum > 0 ? 1 : 0;
}
