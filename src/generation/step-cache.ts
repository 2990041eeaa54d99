/**
 * @file The cache of a batch as the graph of a step has it. In the memory of a thread, its buffers are inputs, and the
 *   new keys and values are outputs. On a device that keeps it, the outputs are the cache with those joined to it, and
 *   small graphs rearrange it (see runtime/device-cache.ts).
 */
import {
  concat,
  type Dim,
  gather,
  input,
  multiplyDims,
  replaceLines,
  reshape,
  toOnnx,
  transpose,
  type Value,
} from '../graph/index.js';
import type { KeyValue, LayerCache } from '../models/attention.js';
import type { ModelConfig } from '../models/model.js';
import { cacheNames, cachePlacesName, moveNames } from '../runtime/cache-names.js';
import { keepsCache, onnxOptionsFor } from '../runtime/device.js';
import type { CacheMoves } from '../runtime/device-cache.js';
import type { CacheSettings, CacheSizes, Device } from '../runtime/index.js';

export interface StepCache {
  readonly layers: readonly LayerCache[];
  /** What a step returns of its new keys and values. */
  outputs(keyValues: readonly KeyValue[]): Record<string, Value>;
}

/** Per layer, keys [batch, heads, headDim, capacity] and values [batch, heads, capacity, headDim] as inputs. */
const threadCache = ({ numLayers, numKeyValueHeads: heads, headDim }: CacheSizes): StepCache => ({
  layers: Array.from({ length: numLayers }, (_, layer) => ({
    keyTransposed: input(cacheNames(layer).key, 'float32', ['batch', heads, headDim, 'capacity']),
    value: input(cacheNames(layer).value, 'float32', ['batch', heads, 'capacity', headDim]),
  })),
  outputs: newKeyValues,
});

/** Keys and values [batch, heads, length, headDim] of each layer as outputs. */
export function newKeyValues(keyValues: readonly KeyValue[]): Record<string, Value> {
  return Object.fromEntries(
    keyValues.flatMap(({ key, value }, layer) => [
      [cacheNames(layer).newKey, key],
      [cacheNames(layer).newValue, value],
    ]),
  );
}

/** Per layer, keys and values [batch, heads, capacity, headDim] as inputs, and the same as outputs. */
function deviceCache({ numLayers, numKeyValueHeads: heads, headDim }: CacheSizes): StepCache {
  const shape = ['batch', heads, 'capacity', headDim];
  const layers = Array.from({ length: numLayers }, (_, layer) => ({
    key: input(cacheNames(layer).key, 'float32', shape),
    value: input(cacheNames(layer).value, 'float32', shape),
  }));
  const newPositions = multiplyDims('batch', heads, 'length');
  const places = input(cachePlacesName, 'int64', [newPositions, 3]);
  const joined = (buffer: Value, own: Value) =>
    replaceLines(buffer, places, reshape(own, [newPositions, headDim]));
  return {
    layers: layers.map(({ key, value }) => ({ keyTransposed: transpose(key, [0, 1, 3, 2]), value })),
    outputs: (keyValues) =>
      Object.fromEntries(
        keyValues.flatMap(({ key, value }, layer) => [
          [cacheNames(layer).joinedKey, joined(layers[layer]!.key, key)],
          [cacheNames(layer).joinedValue, joined(layers[layer]!.value, value)],
        ]),
      ),
  };
}

export const stepCache = (sizes: CacheSizes, device?: Device): StepCache =>
  (keepsCache(device) ? deviceCache : threadCache)(sizes);

/** The cache of a session that runs steps of a model. */
export function cacheSettings(config: ModelConfig, device?: Device): CacheSettings {
  const { numLayers, numKeyValueHeads, headDim } = config;
  const sizes = { numLayers, numKeyValueHeads, headDim };
  return keepsCache(device) ? { ...sizes, moves: cacheMoves(sizes, device) } : sizes;
}

/** The graphs that rearrange the tensors of all layers, written for a device. */
function cacheMoves(sizes: CacheSizes, device?: Device): CacheMoves {
  const { numLayers, numKeyValueHeads: heads, headDim } = sizes;
  const part = (name: string, rows: Dim) => input(name, 'float32', [rows, heads, 'capacity', headDim]);
  const written = (move: (first: Value, second: Value) => Value) => {
    const outputs = Array.from({ length: 2 * numLayers }, (_, tensor) => {
      const { first, second, moved } = moveNames.of(tensor);
      return [moved, move(part(first, 'rows'), part(second, 'others'))] as const;
    });
    return toOnnx(Object.fromEntries(outputs), onnxOptionsFor(device)).bytes;
  };
  const indices = input(moveNames.indices, 'int64', ['indices']);
  return {
    rows: written((x) => gather(x, indices)),
    columns: written((x) => transpose(gather(transpose(x, [2, 0, 1, 3]), indices), [1, 2, 0, 3])),
    joined: written((first, second) => concat([first, second], 0)),
  };
}
