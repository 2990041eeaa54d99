/** @file The inputs of works on their way through the queue, which holds small values alone. */
import { blobName, type Store } from '../../distribution/store.js';
import type { Work } from '../../distribution/work.js';
import { digestOf } from '../../distribution/work-key.js';
import { downloadInputs, readBlob } from '../distribution/portable-files.js';
import { largestInput, type QueuedWork } from './messages.js';

/** A work whose input is in the store if it is large. */
export async function queueInput(work: QueuedWork, store: Store): Promise<QueuedWork> {
  const text = JSON.stringify(work.input);
  if (text.length <= largestInput) return work;
  const bytes = new TextEncoder().encode(text);
  const sha256 = digestOf(bytes);
  if (!(await store.has(blobName(sha256)))) await store.create(blobName(sha256), new Map([['bytes', bytes]]));
  return { ...work, input: undefined, inputBlob: sha256 };
}

/**
 * The work again, with files of this machine.
 * @param cache a folder for files
 * @throws PromptuneError for what the store does not have
 */
export async function workOfQueue(queued: QueuedWork, store: Store, cache: string): Promise<Work> {
  const { key, kind, label, files, blobs: wanted, inputBlob } = queued;
  const text =
    inputBlob === undefined ? undefined : new TextDecoder().decode(await readBlob(store, inputBlob));
  const given = text === undefined ? queued.input : JSON.parse(text);
  const input = await downloadInputs({ input: given, files }, store, cache);
  const blobs = new Map<string, Uint8Array>();
  for (const sha256 of wanted) blobs.set(sha256, await readBlob(store, sha256));
  return { key, kind, label, input, blobs };
}
