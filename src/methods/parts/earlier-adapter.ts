/** @file Going on from an adapter that was learned before: its tensors, or those of the encoder behind them. */
import { z } from 'zod';
import { isOfHead } from '../../attach/head-files.js';
import { FileError } from '../../errors.js';
import { isAdapterHub, readAdapterFiles } from '../../formats/adapter.js';
import type { TrainableTensors } from '../../tensor.js';

/** The option of methods whose earlier adapters have the very tensors that are trained. */
export const initAdapterOption = z
  .string()
  .min(1)
  .optional()
  .describe('go on from this earlier adapter, which must have been learned with the same options');

/**
 * Copies what the adapter in `folder` was trained to into `tensors`.
 * @throws FileError where it has not the same tensors; then nothing has changed
 */
export async function takeOver(tensors: TrainableTensors, folder: string): Promise<void> {
  const files = await readAdapterFiles(folder);
  const earlier = isAdapterHub(files) ? files.tensors : (files.trainable ?? files.tensors);
  for (const [name, { shape }] of tensors) {
    const found = earlier.get(name)?.shape;
    if (`${found}` !== `${shape}`)
      throw new FileError(
        folder,
        name,
        `this run trains it as [${shape.join(', ')}], but the adapter has ${found ? `[${found.join(', ')}]` : 'no such tensor'}; ` +
          'give the options that the adapter was learned with',
      );
  }
  const foreign = [...earlier.keys()].find(
    (name) => !tensors.has(name) && (isAdapterHub(files) || !isOfHead(files, name)),
  );
  if (foreign !== undefined)
    throw new FileError(
      folder,
      foreign,
      'this run does not train it; give the options that the adapter was learned with',
    );
  for (const [name, { data }] of tensors) data.set(earlier.get(name)!.data);
}
