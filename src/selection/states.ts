/** @file The frozen model's hidden states of bare inputs, which a selector reads. */

import { adaptModel, textHidden } from '../attach/adapted-model.js';
import { countMask, inputIds, paddedIds } from '../attach/text-inputs.js';
import { concat, gather, input, multiplyDims, reshape, toOnnx, type Value } from '../graph/index.js';
import { maskedMean } from '../methods/parts/text-encoders.js';
import type { LanguageModel } from '../models/model.js';
import { onnxOptionsFor } from '../runtime/device.js';
import { type Device, type NamedTensors, Session } from '../runtime/index.js';
import { int64Tensor } from '../tensor.js';

export interface StatesOptions {
  device?: Device;
  threads?: number;
}

/** Runs the frozen model; `dispose` frees its session. */
export interface StateReader {
  /**
   * The last layer's hidden states of some inputs: `pooled` [batch, 2·hidden], the mean over tokens and the last
   * token's; or `states` [batch, length, hidden] with `mask` [batch, length], 1 for tokens.
   */
  read(ids: readonly Int32Array[]): Promise<NamedTensors>;
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function createStateReader(
  model: LanguageModel,
  kind: 'pooled' | 'states',
  { device, threads }: StatesOptions = {},
): Promise<StateReader> {
  const mask = input('mask', 'float32', ['batch', 'length']);
  const states = statesOf(model);
  const graph = toOnnx(
    kind === 'pooled' ? { pooled: pool(states, mask) } : { states },
    onnxOptionsFor(device),
  );
  const session = await Session.create(graph.bytes, { weights: model.files, device, threads });
  return {
    async read(inputs) {
      const counts = inputs.map((ids) => ids.length);
      const ids = paddedIds(inputs);
      const length = ids.shape[1]!;
      const given = countMask(counts, length);
      if (kind === 'states') return { ...(await session.run({ [inputIds.name]: ids })), mask: given };
      const lastRows = int64Tensor(
        [inputs.length],
        counts.map((count, row) => row * length + count - 1),
      );
      return session.run({ [inputIds.name]: ids, mask: given, last_rows: lastRows });
    },
    dispose: () => session.dispose(),
    [Symbol.asyncDispose]: () => session.dispose(),
  };
}

/** [batch, length, hidden]. Attention is causal, so no token sees the padding on the right. */
function statesOf(model: LanguageModel): Value {
  const ids = inputIds.value;
  const hidden = textHidden(model, adaptModel(model, undefined, ids), ids);
  return reshape(hidden, ['batch', 'length', model.config.hiddenSize]);
}

function pool(states: Value, mask: Value): Value {
  const hiddenSize = states.shape[2]!;
  const rows = reshape(states, [multiplyDims('batch', 'length'), hiddenSize]);
  return concat([maskedMean(states, mask), gather(rows, input('last_rows', 'int64', ['batch']))], 1);
}
