/** @file Gradients as outputs of a graph: one per trained tensor, by its name. */
import { gradients, type Value } from '../graph/index.js';
import { float32Output, type NamedTensors } from '../runtime/index.js';

const gradientName = (name: string) => `gradient.${name}`;

/** The gradients of a scalar `loss` with respect to `values`, as outputs of a graph by `names`. */
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

/** The gradients in the outputs of a run of such a graph. */
export function gradientsIn(outputs: NamedTensors, names: Iterable<string>): Map<string, Float32Array> {
  return new Map([...names].map((name) => [name, float32Output(outputs, gradientName(name))]));
}
