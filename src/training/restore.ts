/** @file Restores saved numbers into existing tensors. */
import { PromptuneError } from '../errors.js';
import { say } from '../say.js';
import type { Tensor } from '../tensor.js';

/**
 * Copies `saved` into `tensors`. Names and shapes must match.
 *
 * @param what names the tensors in errors, for example "optimizer state"
 * @throws PromptuneError if they do not match; then nothing has changed
 */
export function restoreTensors(
  tensors: ReadonlyMap<string, Tensor<'float32'>>,
  saved: ReadonlyMap<string, Tensor>,
  what: string,
): void {
  const fitting = new Map<string, Float32Array>();
  for (const [name, { shape }] of tensors) {
    const found = saved.get(name);
    if (!(found?.data instanceof Float32Array) || `${found.shape}` !== `${shape}`) {
      const given = found ? `${found.dtype} [${found.shape}]` : 'nothing';
      throw new PromptuneError(
        say`the saved ${what} has ${given} for "${name}", expected float32 [${shape}]`,
        { code: 'incompatible' },
      );
    }
    fitting.set(name, found.data);
  }
  for (const name of saved.keys()) {
    if (!tensors.has(name)) {
      throw new PromptuneError(say`the saved ${what} has a tensor "${name}", which this run does not have`, {
        code: 'incompatible',
      });
    }
  }
  for (const [name, { data }] of tensors) data.set(fitting.get(name)!);
}
