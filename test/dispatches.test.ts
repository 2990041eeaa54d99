/**
 * @file How many kernels a GPU is given for a step. Each takes 10 to 20 µs to start however fast the GPU is, and small
 *   models spend most of a step on that.
 */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeGraph, stepModel } from '../src/generation/decode-graph.js';
import { loadModel } from '../src/loading/load-model.js';
import { lossGraph } from '../src/loss/loss-graph.js';
import { methodNamed } from '../src/methods/registry.js';
import { onnxNodes } from './support/onnx-nodes.js';

const folders = {
  mini: join(import.meta.dirname, '../models/promptune-mini'),
  llama: join(import.meta.dirname, 'golden/cases/llama__base/model'),
  t5: join(import.meta.dirname, 'golden/cases/t5-small__base/model'),
};

/** Sizes, views, and what is computed from weights when a session is made. */
const withoutKernel = new Set(['Reshape', 'Shape', 'Squeeze', 'Range', 'ConstantOfShape', 'Cast']);

const kernels = (onnx: Uint8Array) => onnxNodes(onnx).filter(({ type }) => !withoutKernel.has(type)).length;

describe('kernels on WebGPU', () => {
  it.each([
    ['mini', 'prompt-tuning', 1063],
    ['mini', 'prefix-tuning', 590],
    ['mini', 'lora', 564],
    ['llama', 'prompt-tuning', 511],
    ['llama', 'prefix-tuning', 283],
    ['llama', 'lora', 279],
    ['t5', 'prompt-tuning', 466],
  ] as const)('of a training step: %s, %s: at most %i', async (family, method, most) => {
    const model = await loadModel(folders[family], family);
    const config = method === 'lora' ? {} : { numVirtualTokens: 20 };
    const tokenizer = { encode: () => [1] };
    const learner = await methodNamed(method).createLearner({ model, config, tokenizer, seed: 0 });
    const { bytes } = lossGraph(model, learner, { differentiate: true, device: 'webgpu' });
    expect(kernels(bytes)).toBeLessThanOrEqual(most);
  });

  it.each([
    ['mini', 224],
    // Two layers, beside the masks and angles that all layers of a model share.
    ['llama', 163],
  ] as const)('of a token: %s: at most %i', async (family, most) => {
    const model = await loadModel(folders[family], family);
    const { bytes } = decodeGraph(model, stepModel(model, undefined), 'webgpu');
    expect(kernels(bytes)).toBeLessThanOrEqual(most);
  });
});
