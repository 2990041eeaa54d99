/** @file Gradients on their way out of a graph: an output for each trained tensor, by its name. */
import { gradients, type Value } from '../graph/index.js';
import { float32Output, type NamedTensors } from '../runtime/index.js';

const gradientName = (name: string) => `gradient.${name}`;

/** The gradient of a scalar `loss` for each of the `values` by `names`, as outputs of a graph. */
export function gradientOutputs(
  loss: Value,
  values: ReadonlyMap<string, Value>,
  names: Iterable<string>,
): Record<string, Value> {
  const trained = [...names];
  const derivatives = gradients(
    loss,
    trained.map((name) => values.get(name)!),
  );
  return Object.fromEntries(trained.map((name, i) => [gradientName(name), derivatives[i]!]));
}

/** The same gradients, out of what a run of such a graph gave. */
export function gradientsIn(outputs: NamedTensors, names: Iterable<string>): Map<string, Float32Array> {
  return new Map([...names].map((name) => [name, float32Output(outputs, gradientName(name))]));
}
