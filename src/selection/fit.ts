/** @file Trains a selector's network on soft targets, and keeps the epoch that is best on the validation rows. */

import { PromptuneError } from '../errors.js';
import { gradientsIn } from '../loss/gradient-outputs.js';
import { scale } from '../loss/inputs.js';
import type { LanguageModel } from '../models/model.js';
import { type Device, float32Output, Session } from '../runtime/index.js';
import { say } from '../say.js';
import { float32Tensor, type TrainableTensors } from '../tensor.js';
import { planEpoch } from '../text/batches.js';
import type { Dataset } from '../text/dataset.js';
import { optimizerSchema } from '../training/config.js';
import { createOptimizer } from '../training/optimizers.js';
import { learningRateAt } from '../training/schedules.js';
import type { ResolvedSelectorConfig } from './config.js';
import { type Features, pooledOnce, standardize, statesOfTokens } from './features.js';
import type { LossTable } from './loss-table.js';
import { createNetwork, type Network, type NetworkSizes, softTargets, trainingGraph } from './network.js';
import { argmax, createScorer, type Scorer, softmax } from './scorer.js';
import { createStateReader, type StateReader } from './states.js';

/** Inputs with the losses of all candidates on them. */
export interface MeasuredRows {
  readonly inputs: Dataset;
  readonly table: LossTable;
}

export interface EpochEvent {
  epoch: number;
  epochs: number;
  /** The mean over the training rows of the cross-entropy with the soft targets. */
  loss: number;
  /** Excess loss per label token of the choices for the validation rows over the best ones. */
  regret: number;
  /** Whether it is the smallest so far. */
  isBest: boolean;
}

export interface FitOptions {
  model: LanguageModel;
  sizes: NetworkSizes;
  config: ResolvedSelectorConfig;
  train: MeasuredRows;
  validation: MeasuredRows;
  device?: Device;
  threads?: number;
  signal?: AbortSignal;
  onEpoch?: (event: EpochEvent) => void;
}

export interface Fitted {
  readonly network: Network;
  readonly bestEpoch: number;
  /** The candidate chosen for each validation row. */
  readonly chosen: readonly number[];
}

/** @throws PromptuneError if the loss is no longer finite */
export async function fitSelector(options: FitOptions): Promise<Fitted> {
  const { model, sizes, config, train, validation, signal, onEpoch } = options;
  const { epochs, batchSize, seed, temperature } = config;
  const network = createNetwork(sizes, seed);
  const reader = await createStateReader(model, sizes.kind === 'linear' ? 'pooled' : 'states', options);
  const session = await Session.create(trainingGraph(sizes, network, options.device).bytes, options);
  const scorer = await createScorer(sizes, network, options);
  try {
    const features = await featuresOf(reader, network, options);
    const optimizer = createOptimizer(
      optimizerSchema.parse({ name: 'adamw', weightDecay: config.weightDecay }),
      network.tensors,
    );
    const targets = softTargets(train.table.losses, temperature);
    const validationTargets = softTargets(validation.table.losses, temperature);
    const { tokenCounts } = train.inputs;
    const totalSteps = epochs * Math.ceil(tokenCounts.length / batchSize);
    let step = 0;
    let best: (Fitted & { regret: number; crossEntropy: number; kept: Float32Array[] }) | undefined;
    for (let epoch = 1; epoch <= epochs; epoch++) {
      let lossSum = 0;
      for (const batch of planEpoch({ tokenCounts, batchSize, seed, epoch })) {
        signal?.throwIfAborted();
        const outputs = await session.run(
          {
            ...(await features.train(batch)),
            targets: rowsOf(targets, batch, sizes.candidates),
            [scale.name]: scale.feed(1 / batch.length),
          },
          Object.fromEntries([...network.tensors, ...network.fixed]),
        );
        lossSum += float32Output(outputs, 'loss')[0]!;
        const gradients = gradientsIn(outputs, network.tensors.keys());
        const rate = learningRateAt(step++, totalSteps, config.learningRate, {
          name: 'cosine',
          warmupRatio: 0,
        });
        await optimizer.update(gradients, rate);
      }
      const loss = lossSum / tokenCounts.length;
      if (!Number.isFinite(loss))
        throw new PromptuneError(
          say`epoch ${epoch}: the selector's loss is ${loss}; use a learningRate below
            ${config.learningRate}`,
        );
      const scores = await scoresOf(scorer, features.validation, validation.inputs.length, options);
      const chosen = scores.map(argmax);
      const regret = regretOf(validation.table, chosen);
      const crossEntropy = crossEntropyOf(scores, validationTargets);
      // Choices may be optimal long before the scores are, so among equal epochs the most confident is kept.
      const isBest =
        !best || regret < best.regret || (regret === best.regret && crossEntropy < best.crossEntropy);
      if (isBest) {
        const kept = copyOf(network.tensors);
        best = { network, bestEpoch: epoch, chosen, regret, crossEntropy, kept };
      }
      onEpoch?.({ epoch, epochs, loss, regret, isBest });
    }
    [...network.tensors.values()].forEach(({ data }, i) => {
      data.set(best!.kept[i]!);
    });
    return best!;
  } finally {
    await scorer.dispose();
    await session.dispose();
    await reader.dispose();
  }
}

/** The network's inputs for rows of both parts. For the linear network, also sets its fixed statistics. */
async function featuresOf(
  reader: StateReader,
  { fixed }: Network,
  { sizes, train, validation, signal }: FitOptions,
): Promise<{ train: Features; validation: Features }> {
  if (sizes.kind === 'transformer') {
    const { hiddenSize } = sizes;
    return {
      train: await statesOfTokens(reader, train.inputs, { hiddenSize, signal }),
      validation: await statesOfTokens(reader, validation.inputs, { hiddenSize, signal }),
    };
  }
  const { features, pooled, size } = await pooledOnce(reader, train.inputs, signal);
  standardize(fixed, pooled, size);
  return { train: features, validation: (await pooledOnce(reader, validation.inputs, signal)).features };
}

/** The candidates' scores for each of `count` rows. */
async function scoresOf(
  scorer: Scorer,
  features: Features,
  count: number,
  { config: { batchSize }, signal }: FitOptions,
): Promise<Float32Array[]> {
  const scores: Float32Array[] = [];
  for (let from = 0; from < count; from += batchSize) {
    signal?.throwIfAborted();
    const batch = Array.from({ length: Math.min(batchSize, count - from) }, (_, i) => from + i);
    scores.push(...(await scorer.scores(await features(batch))));
  }
  return scores;
}

const copyOf = (tensors: TrainableTensors) => [...tensors.values()].map(({ data }) => data.slice());

function rowsOf(matrix: Float32Array, rows: readonly number[], width: number) {
  const tensor = float32Tensor([rows.length, width]);
  for (const [i, row] of rows.entries())
    tensor.data.set(matrix.subarray(row * width, (row + 1) * width), i * width);
  return tensor;
}

/** Σ -t log softmax(scores), with the targets [rows, candidates]. */
function crossEntropyOf(scores: readonly Float32Array[], targets: Float32Array): number {
  let sum = 0;
  for (const [row, own] of scores.entries())
    for (const [i, share] of softmax(own).entries())
      sum -= targets[row * own.length + i]! * Math.log(share || 1e-30);
  return sum;
}

/** Σ (loss of the chosen - loss of the best), per label token. */
function regretOf({ losses, tokens }: LossTable, chosen: readonly number[]): number {
  const regrets = chosen.map(
    (index, row) => losses[index]![row]! - Math.min(...losses.map((own) => own[row]!)),
  );
  return regrets.reduce((a, b) => a + b, 0) / tokens.reduce((a, b) => a + b, 0);
}
