/** @file Trained tensors as inputs of a graph. */
import { input, type Value } from '../graph/index.js';
import type { TrainableTensors } from '../tensor.js';

/** One input per tensor, with its name and shape. */
export function tensorInputs(tensors: TrainableTensors): ReadonlyMap<string, Value> {
  return new Map([...tensors].map(([name, { shape }]) => [name, input(name, 'float32', shape)]));
}
