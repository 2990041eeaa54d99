/** @file Computes numbers from a method's tensors through a graph, such as the output of a prompt encoder. */

import { tensorInputs } from '../../attach/tensor-inputs.js';
import { toOnnx, type Value } from '../../graph/index.js';
import type { LanguageModel } from '../../models/model.js';
import { Session } from '../../runtime/index.js';
import type { Tensor, TrainableTensors } from '../../tensor.js';

/**
 * Computes what `build` makes from `tensors`, which it gets as graph values by name.
 * @param model the model whose weights the graph reads, if it reads any
 */
export async function compute(
  tensors: TrainableTensors,
  build: (values: ReadonlyMap<string, Value>) => Value,
  model?: LanguageModel,
): Promise<Tensor<'float32'>> {
  const results = await computeAll(tensors, (values) => new Map([['result', build(values)]]), model);
  return results.get('result')!;
}

/** The same for several results, by name. */
export async function computeAll(
  tensors: TrainableTensors,
  build: (values: ReadonlyMap<string, Value>) => ReadonlyMap<string, Value>,
  model?: LanguageModel,
): Promise<TrainableTensors> {
  const inputs = tensorInputs(tensors);
  // A result may share its name with a parameter, but two values of a graph may not.
  const outputs = new Map([...build(inputs)].map(([name, value]) => [`result.${name}`, value]));
  const session = await Session.create(toOnnx(Object.fromEntries(outputs)).bytes, {
    weights: model?.files,
  });
  try {
    const computed = await session.run(Object.fromEntries(tensors));
    return new Map(
      [...outputs.keys()].map((name) => [name.slice('result.'.length), computed[name] as Tensor<'float32'>]),
    );
  } finally {
    await session.dispose();
  }
}
