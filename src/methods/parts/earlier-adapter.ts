/** @file Continuing from an earlier adapter: from its tensors, or from those of its encoder. */
import * as z from 'zod';
import { isOfHead } from '../../attach/head-files.js';
import type { LearnerOptions } from '../../attach/method.js';
import { FileError } from '../../errors.js';
import {
  type AdapterContent,
  expectSingle,
  type HeldAdapter,
  heldContent,
  isHeldAdapter,
  nameOf,
} from '../../formats/adapter-content.js';
import { say } from '../../say.js';
import type { TrainableTensors } from '../../tensor.js';
import { refuseBaseChange } from './lora-fields.js';
import { fileReader } from './option-files.js';

/** An earlier adapter: its folder or, in code, an adapter or its content. */
export const earlierAdapter = z.union(
  [z.string().min(1).meta({ format: 'path' }), z.custom<HeldAdapter>(isHeldAdapter)],
  "expected an adapter's folder or, in code, an adapter",
);

export type EarlierAdapter = z.output<typeof earlierAdapter>;

/** The option of methods whose adapters store exactly the trained tensors. */
export const initAdapterOption = earlierAdapter
  .optional()
  .describe('an earlier adapter to continue from, trained with the same options');

/** The content of `initAdapter`, which is a folder, adapter or content; undefined without one. */
export async function earlierContent({
  config: { initAdapter },
  files,
}: Pick<LearnerOptions<{ initAdapter?: EarlierAdapter }>, 'config' | 'files'>): Promise<
  AdapterContent | undefined
> {
  if (initAdapter === undefined) return undefined;
  if (typeof initAdapter !== 'string') return heldContent(initAdapter);
  return fileReader('initAdapter', files).adapter(initAdapter);
}

/**
 * Copies an adapter's trained tensors into `tensors`.
 * @throws FileError if the adapter has other tensors; then nothing has changed
 */
export function takeOver(tensors: TrainableTensors, content: AdapterContent): void {
  const single = expectSingle(content);
  refuseBaseChange(single);
  const earlier = single.form === 'peft' ? (single.trainable ?? single.tensors) : single.tensors;
  for (const [name, { shape }] of tensors) {
    const found = earlier.get(name)?.shape;
    if (`${found}` !== `${shape}`)
      throw new FileError(
        nameOf(content),
        name,
        say`this run trains it as [${shape.join(', ')}], but the adapter has
          ${found ? `[${found.join(', ')}]` : say`no such tensor`}; use the options that the
          adapter was trained with`,
      );
  }
  const foreign = [...earlier.keys()].find(
    (name) => !tensors.has(name) && (single.form === 'adapterhub' || !isOfHead(single, name)),
  );
  if (foreign !== undefined)
    throw new FileError(
      nameOf(content),
      foreign,
      say`this run does not train it; use the options that the adapter was trained with`,
    );
  for (const [name, { data }] of tensors) data.set(earlier.get(name)!.data);
}
