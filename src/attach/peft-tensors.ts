/** @file PEFT's task types, and errors about tensors that are missing or have the wrong shape. */
import { FileError } from '../errors.js';
import { baseModelOf, type SingleContent, weightsPath } from '../formats/adapter-content.js';
import type { LanguageModel } from '../models/model.js';
import { say } from '../say.js';
import type { Tensor } from '../tensor.js';

/** PEFT's `task_type` of a model that generates text. */
export const textTaskType = ({ encoder }: LanguageModel) => (encoder ? 'SEQ_2_SEQ_LM' : 'CAUSAL_LM');

/** @param shape the expected shape; undefined axes may have any size */
export function tensorError(
  files: SingleContent,
  name: string,
  shape: readonly (number | undefined)[],
  tensor: Tensor | undefined,
): FileError {
  const expected = shape.map((size) => size ?? 'any').join(', ');
  const found = tensor
    ? say`it is [${tensor.shape.join(', ')}]`
    : say`it is missing; found ${[...files.tensors.keys()].join(', ') || 'none'}`;
  const base = baseModelOf(files) ?? say`not named`;
  return new FileError(
    weightsPath(files),
    name,
    say`expected [${expected}], ${found}; the adapter was trained for another model (${base})`,
    { code: 'incompatible' },
  );
}
