/** @file Numbers that follow from a method's tensors through a graph of their own, such as the output of a prompt encoder. */
import { input, toOnnx, type Value } from '../graph/index.js';
import type { CausalLM } from '../models/model.js';
import { Session } from '../runtime/index.js';
import type { Tensor, TrainableTensors } from '../tensor.js';

/**
 * Runs what `build` makes of `tensors`, given as graph values by the same names.
 * @param model whose weights the graph reads, if it reads any
 */
export async function compute(
  tensors: TrainableTensors,
  build: (values: ReadonlyMap<string, Value>) => Value,
  model?: CausalLM,
): Promise<Tensor<'float32'>> {
  const inputs = new Map([...tensors].map(([name, { shape }]) => [name, input(name, 'float32', shape)]));
  const session = await Session.create(toOnnx({ result: build(inputs) }).bytes, {
    folder: model?.files.folder,
  });
  try {
    return (await session.run(Object.fromEntries(tensors))).result as Tensor<'float32'>;
  } finally {
    await session.dispose();
  }
}
