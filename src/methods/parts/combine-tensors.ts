/** @file Arithmetic on the tensors of several adapters of one kind, for `combineAdapters`. */
import { FileError } from '../../errors.js';
import { nameOf, type PeftContent, weightsPath } from '../../formats/adapter-content.js';
import { say } from '../../say.js';
import { float32Tensor, type TrainableTensors } from '../../tensor.js';

/** Σ weight · tensor, number by number. */
export function weightedSum(files: readonly PeftContent[], weights: readonly number[]): TrainableTensors {
  const [first] = files;
  for (const other of files.slice(1)) {
    checkSameNames(first!, other);
    for (const [name, { shape }] of first!.tensors)
      if (`${other.tensors.get(name)!.shape}` !== `${shape}`) throw shapeError(first!, other, name);
  }
  const tensors: TrainableTensors = new Map();
  for (const [name, { shape }] of first!.tensors) {
    const sum = float32Tensor(shape);
    for (const [i, file] of files.entries()) {
      const { data } = file.tensors.get(name)!;
      for (let at = 0; at < sum.data.length; at++) sum.data[at]! += weights[i]! * data[at]!;
    }
    tensors.set(name, sum);
  }
  return tensors;
}

/** @throws FileError unless both have tensors of the same names */
function checkSameNames(first: PeftContent, other: PeftContent): void {
  const names = [...first.tensors.keys()].sort();
  const found = [...other.tensors.keys()].sort();
  if (names.join() === found.join()) return;
  const missing = names.find((name) => !other.tensors.has(name));
  const foreign = found.find((name) => !first.tensors.has(name));
  const problem =
    missing === undefined
      ? say`${nameOf(first)} has no tensor of this name`
      : say`${nameOf(first)} has this tensor, and this adapter has not`;
  throw new FileError(weightsPath(other), missing ?? foreign, problem);
}

/** For a tensor that has other sizes in each. */
export function shapeError(first: PeftContent, other: PeftContent, name: string): FileError {
  const shape = (file: PeftContent) => `[${file.tensors.get(name)!.shape.join(', ')}]`;
  return new FileError(
    weightsPath(other),
    name,
    say`it is ${shape(other)}, and in ${nameOf(first)} it is ${shape(first)}; they must have the
      same sizes`,
  );
}
