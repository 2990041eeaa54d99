/** @file Tensors that are trained, as inputs of a graph. */
import { input, type Value } from '../graph/index.js';
import type { TrainableTensors } from '../tensor.js';

/** One input for each tensor, of its shape and under its name. */
export function tensorInputs(tensors: TrainableTensors): ReadonlyMap<string, Value> {
  return new Map([...tensors].map(([name, { shape }]) => [name, input(name, 'float32', shape)]));
}
