/** @file A trained selector: from an input to the candidate that will probably serve it best. */

import { UsageError } from '../errors.js';
import type { LanguageModel } from '../models/model.js';
import type { Device } from '../runtime/index.js';
import { say } from '../say.js';
import type { Dataset } from '../text/dataset.js';
import { startText, type Tokenizer } from '../text/tokenizer.js';
import type { Candidate } from './candidates.js';
import type { Network } from './network.js';
import { argmax, createScorer, softmax } from './scorer.js';
import { readSelectorFolder, type SelectorDescription, sizesOf } from './selector-folder.js';
import { createStateReader } from './states.js';

export interface Choice {
  readonly candidate: Candidate;
  /** Its place among the candidates. */
  readonly index: number;
  /** What the selector gives each candidate; they sum to 1. */
  readonly probabilities: readonly number[];
}

export interface Selector {
  readonly candidates: readonly Candidate[];
  /** The field of a row that is its input. */
  readonly inputField: string;
  /** The choice for each text. Throws a UsageError for a text without a token. */
  select(texts: readonly string[], options?: { signal?: AbortSignal }): Promise<Choice[]>;
  /** The same for inputs that are encoded already. */
  selectEncoded(inputs: Dataset, options?: { signal?: AbortSignal }): Promise<Choice[]>;
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface LoadSelectorOptions {
  /** The model whose states it was trained on. */
  model: LanguageModel;
  tokenizer: Tokenizer;
  /** Where to compute. Default: the CPU. */
  device?: Device;
  /** Threads to compute with. Default: one per core. */
  threads?: number;
}

/**
 * Loads the selector of a folder that `trainSelector` wrote.
 * @throws FileError if a file is missing or damaged, or the model is another one
 */
export async function loadSelector(folder: string, options: LoadSelectorOptions): Promise<Selector> {
  const { description, network } = await readSelectorFolder(folder, options.model);
  return createSelector(description, network, options);
}

const batchSize = 16;

async function createSelector(
  description: SelectorDescription,
  network: Network,
  { model, tokenizer, device, threads }: LoadSelectorOptions,
): Promise<Selector> {
  const { candidates, inputField } = description;
  const kind = description.selector === 'linear' ? 'pooled' : 'states';
  const open = async () => ({
    reader: await createStateReader(model, kind, { device, threads }),
    scorer: await createScorer(sizesOf(description, model), network, { device, threads }),
  });
  /** Undefined after a failure: the thread that had the sessions may be gone, and with it both. */
  let opened: Awaited<ReturnType<typeof open>> | undefined = await open();

  /** In batches of inputs of like length. */
  async function choose(
    lengths: ArrayLike<number>,
    idsOf: (index: number) => Promise<Int32Array> | Int32Array,
    signal?: AbortSignal,
  ): Promise<Choice[]> {
    opened ??= await open();
    const { reader, scorer } = opened;
    const choices: Choice[] = new Array(lengths.length);
    const order = Array.from({ length: lengths.length }, (_, i) => i).sort(
      (a, b) => lengths[a]! - lengths[b]!,
    );
    for (let from = 0; from < order.length; from += batchSize) {
      signal?.throwIfAborted();
      const batch = order.slice(from, from + batchSize);
      const ids = await Promise.all(batch.map(idsOf));
      const scores = await reader
        .read(ids)
        .then((states) => scorer.scores(states))
        .catch(forget);
      for (const [i, index] of batch.entries()) {
        const chosen = argmax(scores[i]!);
        choices[index] = {
          candidate: candidates[chosen]!,
          index: chosen,
          probabilities: softmax(scores[i]!),
        };
      }
    }
    return choices;
  }

  async function forget(error: unknown): Promise<never> {
    await dispose().catch(() => {}); // what is wrong is thrown already
    throw error;
  }

  async function dispose(): Promise<void> {
    const { reader, scorer } = opened ?? {};
    opened = undefined;
    await scorer?.dispose();
    await reader?.dispose();
  }

  return {
    candidates,
    inputField,
    select(texts, { signal } = {}) {
      const ids = texts.map((text, i) => {
        const encoded = tokenizer.encode(text);
        if (encoded.length === 0)
          throw new UsageError(say`text ${i + 1} is empty; there is nothing to choose by`, {
            code: 'invalid-data',
          });
        return Int32Array.from(startText(tokenizer, encoded).slice(0, model.config.maxPositions));
      });
      return choose(
        ids.map(({ length }) => length),
        (i) => ids[i]!,
        signal,
      );
    },
    selectEncoded: (inputs, { signal } = {}) =>
      choose(inputs.tokenCounts, async (i) => (await inputs.get(i)).inputIds, signal),
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}
