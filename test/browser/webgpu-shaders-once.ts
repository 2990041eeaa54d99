/**
 * @file Runs training steps with rows of other lengths each, on WebGPU, with a log of every kernel that starts on
 *   standard error. For webgpu-shaders.test.ts, since ONNX Runtime logs to the process alone.
 */
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { loadModel } from '../../src/loading/load-model.js';
import { lossGraph } from '../../src/loss/loss-graph.js';
import { methodNamed } from '../../src/methods/registry.js';
import { sessionOptions } from '../../src/runtime/node/session-options.js';
import { float32Tensor, type Tensor } from '../../src/tensor.js';

ort.env.logLevel = 'info';
const folder = join(import.meta.dirname, '../golden/cases/gpt2__base/model');
const model = await loadModel(folder, 'gpt2');
const learner = await methodNamed('prompt-tuning').createLearner({
  model,
  config: { numVirtualTokens: 4 },
  tokenizer: { encode: () => [1] },
  seed: 0,
});
const graph = lossGraph(model, learner, { differentiate: true, device: 'webgpu' });
const settings = { weights: { folder }, provider: 'webgpu', threads: 1, prepacking: false, folding: true };
const session = await ort.InferenceSession.create(graph.bytes, {
  ...sessionOptions(settings),
  logSeverityLevel: 1,
});

const toOrt = ({ dtype, data, shape }: Tensor) =>
  new ort.Tensor(dtype as 'float32', data as Float32Array, shape);
for (const lengths of [
  [12, 7],
  [13, 8],
  [18, 9],
]) {
  const examples = lengths.map((length, row) => {
    const inputIds = Int32Array.from({ length }, (_, i) => (row + 3 * i) % 60);
    return { inputIds, lossMask: Uint8Array.from(inputIds, (_, i) => Number(i >= length >> 1)) };
  });
  const feeds = {
    ...graph.feeds(examples),
    ...Object.fromEntries(learner.tensors),
    scale: float32Tensor([], [1]),
  };
  process.stderr.write(`\nstep of ${lengths}\n`);
  await session.run(Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, toOrt(tensor)])));
}
process.stderr.write('\nend\n');
