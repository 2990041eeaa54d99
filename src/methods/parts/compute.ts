/** @file Computes numbers from a method's tensors through a graph, such as the output of a prompt encoder. */

import { tensorInputs } from '../../attach/tensor-inputs.js';
import { toOnnx, type Value } from '../../graph/index.js';
import type { LanguageModel } from '../../models/model.js';
import { Session } from '../../runtime/index.js';
import type { Tensor, TrainableTensors } from '../../tensor.js';

/**
 * Computes what `build` makes from `tensors`, which it gets as graph values by name.
 * @param model the model whose weights the graph reads, if it reads any
 * @throws the signal's reason if it is aborted before
 */
export async function compute(
  tensors: TrainableTensors,
  build: (values: ReadonlyMap<string, Value>) => Value,
  model?: LanguageModel,
  signal?: AbortSignal,
): Promise<Tensor<'float32'>> {
  const buildAll = (values: ReadonlyMap<string, Value>) => new Map([['result', build(values)]]);
  const results = await computeAll(tensors, buildAll, model, signal);
  return results.get('result')!;
}

/** Number of results that are computed at a time if a signal must be able to interrupt. */
const resultsAtOnce = 8;

/**
 * The same for several results, by name.
 * @throws the signal's reason once aborted
 */
export async function computeAll(
  tensors: TrainableTensors,
  build: (values: ReadonlyMap<string, Value>) => ReadonlyMap<string, Value>,
  model?: LanguageModel,
  signal?: AbortSignal,
): Promise<TrainableTensors> {
  const inputs = tensorInputs(tensors);
  // A result may share its name with a parameter, but two values of a graph may not.
  const outputs = [...build(inputs)].map(([name, value]) => [`result.${name}`, value] as const);
  const atOnce = signal ? resultsAtOnce : Math.max(1, outputs.length);
  const results: TrainableTensors = new Map();
  let session: Session | undefined;
  try {
    for (let at = 0; at < outputs.length; at += atOnce) {
      signal?.throwIfAborted();
      const group = outputs.slice(at, at + atOnce);
      const graph = toOnnx(Object.fromEntries(group));
      // Created before the previous one is disposed of, since ONNX Runtime's thread ends with its last session.
      const next = await Session.create(graph.bytes, { weights: model?.files });
      await session?.dispose();
      session = next;
      const used = [...tensors].filter(([name]) => graph.inputs.has(name));
      const computed = await session.run(Object.fromEntries(used));
      for (const [name] of group)
        results.set(name.slice('result.'.length), computed[name] as Tensor<'float32'>);
    }
    return results;
  } finally {
    await session?.dispose();
  }
}
