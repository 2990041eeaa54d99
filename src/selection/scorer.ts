/** @file Scores inputs with a trained network. */
import { type Device, float32Output, type NamedTensors, Session } from '../runtime/index.js';
import { type Network, type NetworkSizes, scoreGraph } from './network.js';

export interface Scorer {
  /** The candidates' scores for each input of a batch, from what a StateReader gives. */
  scores(states: NamedTensors): Promise<Float32Array[]>;
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Uses the network's current values at every run. */
export async function createScorer(
  sizes: NetworkSizes,
  network: Network,
  { device, threads }: { device?: Device; threads?: number } = {},
): Promise<Scorer> {
  const session = await Session.create(scoreGraph(sizes, network, device).bytes, { device, threads });
  return {
    async scores(states) {
      const tensors = Object.fromEntries([...network.tensors, ...network.fixed]);
      const all = float32Output(await session.run(states, tensors), 'scores');
      return Array.from({ length: all.length / sizes.candidates }, (_, row) =>
        all.subarray(row * sizes.candidates, (row + 1) * sizes.candidates),
      );
    },
    dispose: () => session.dispose(),
    [Symbol.asyncDispose]: () => session.dispose(),
  };
}

/** Index of the largest score, the first of several. */
export const argmax = (scores: Float32Array): number =>
  scores.reduce((best, score, i) => (score > scores[best]! ? i : best), 0);

export function softmax(scores: Float32Array): number[] {
  const largest = Math.max(...scores);
  const weights = Array.from(scores, (score) => Math.exp(score - largest));
  const sum = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / sum);
}
