/** @file What is said of a tensor in an adapter's file that is missing or does not fit. */
import { join } from 'node:path';
import { FileError } from '../errors.js';
import type { PeftAdapter } from '../formats/peft.js';
import type { Tensor } from '../tensor.js';

export const weightsPath = (files: PeftAdapter) => join(files.folder, 'adapter_model.safetensors');

/** @param wanted the shape that was expected; undefined axes may have any size */
export function tensorError(
  files: PeftAdapter,
  name: string,
  wanted: readonly (number | undefined)[],
  tensor: Tensor | undefined,
): FileError {
  const expected = wanted.map((size) => size ?? 'any').join(', ');
  const found = tensor
    ? `it is [${tensor.shape.join(', ')}]`
    : `it is missing; found ${[...files.tensors.keys()].join(', ') || 'none'}`;
  const base = files.config.baseModelNameOrPath ?? 'not named';
  return new FileError(
    weightsPath(files),
    name,
    `expected [${expected}], ${found}; the adapter was learned for another model (${base})`,
  );
}
