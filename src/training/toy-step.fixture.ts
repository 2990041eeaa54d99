/**
 * @file A tiny model for tests of the loop: one number per class of tokens, and a bias, learn the token's residue.
 */

import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { countLabels } from '../loss/label-counts.js';
import type { TrainingStep } from '../loss/step.js';
import { randomFor } from '../random.js';
import { float32Tensor, type TrainableTensors } from '../tensor.js';
import { type Dataset, datasetOf } from '../text/dataset.js';
import type { EncodedExample } from '../text/encode.js';

const CLASSES = 7;

/** `count` examples of 1 to 6 tokens, of which at least the last is a label. */
export function toyDataset(count: number, seed = 1): Dataset {
  const random = randomFor('split', seed);
  const example = (): EncodedExample => {
    const inputIds = Int32Array.from({ length: uniformInt(random, 1, 6) }, () => uniformInt(random, 0, 99));
    const firstLabel = uniformInt(random, 0, inputIds.length - 1);
    return { inputIds, lossMask: new Uint8Array(inputIds.length).fill(1, firstLabel) };
  };
  return datasetOf(Array.from({ length: count }, example));
}

export interface ToyStep extends TrainingStep {
  /** Examples of every `run` and `evaluate` so far. */
  readonly calls: { kind: 'run' | 'evaluate'; examples: readonly EncodedExample[] }[];
}

/** Squared error ½ (w[id mod 7] + b - id mod 5)² of every label token. `onCall` is called before each run. */
export function toyStep(onCall: (call: number) => void | Promise<void> = () => {}): ToyStep {
  const trainable: TrainableTensors = new Map([
    ['w', float32Tensor([CLASSES])],
    ['b', float32Tensor([1, 1], [0.5])],
  ]);
  const calls: ToyStep['calls'] = [];

  function lossAndGradients(examples: readonly EncodedExample[], scale: number) {
    const w = trainable.get('w')!.data;
    const b = trainable.get('b')!.data;
    const gradients = new Map([
      ['w', new Float32Array(CLASSES)],
      ['b', new Float32Array(1)],
    ]);
    let lossSum = 0;
    for (const { inputIds, lossMask } of examples) {
      inputIds.forEach((id, i) => {
        if (!lossMask[i]) return;
        const error = w[id % CLASSES]! + b[0]! - (id % 5);
        lossSum += (error * error) / 2;
        gradients.get('w')![id % CLASSES]! += scale * error;
        gradients.get('b')![0]! += scale * error;
      });
    }
    return { lossSum, gradients };
  }

  return {
    trainable,
    calls,
    count: (examples) => countLabels(examples, { countsFirst: true }),
    async run(examples, scale) {
      await onCall(calls.push({ kind: 'run', examples }));
      return lossAndGradients(examples, scale);
    },
    async evaluate(examples) {
      await onCall(calls.push({ kind: 'evaluate', examples }));
      return { lossSum: lossAndGradients(examples, 0).lossSum };
    },
  };
}
