/**
 * @file Batches of E2E's rows (or of rows with the same lengths), as planned for training and in plain shuffled order.
 */

import type { LanguageModel } from '../../src/models/model.js';
import { seededRandom } from '../../src/random.js';
import { planEpoch } from '../../src/text/batches.js';
import { type Dataset, datasetOf, openDataset } from '../../src/text/dataset.js';
import type { EncodedExample } from '../../src/text/encode.js';
import { loadTokenizer } from '../../src/text/tokenizer.js';
import type { Context } from '../part.js';

const batchSize = 8;
const batchCount = 5;

export interface E2eBatches {
  readonly source: string;
  /** Batches of an epoch, with rows of similar lengths together. */
  readonly planned: readonly EncodedExample[][];
  /** The same rows, batched in shuffled order. */
  readonly shuffled: readonly EncodedExample[][];
}

export async function e2eBatches(model: LanguageModel, e2e: Context['e2e']): Promise<E2eBatches> {
  const dataset = e2e ? await openE2e(e2e) : likeE2e(model);
  const { tokenCounts, labelCounts } = dataset;
  const plan = planEpoch({ tokenCounts, labelCounts, batchSize, seed: 5, epoch: 0 }).slice(0, batchCount);
  const read = (indices: readonly number[]) => Promise.all(indices.map((index) => dataset.get(index)));
  const planned = await Promise.all(plan.map(read));
  await dataset.dispose();
  // Dealt like cards: each shuffled batch gets rows of every planned one.
  const rows = planned.flat();
  const shuffled = planned.map((_, batch) => rows.filter((_, row) => row % batchCount === batch));
  return { source: e2e ? 'E2E rows' : 'rows of random tokens, as long as E2E’s', planned, shuffled };
}

async function openE2e({ data, tokenizer }: NonNullable<Context['e2e']>): Promise<Dataset> {
  return openDataset({
    data: data,
    tokenizer: await loadTokenizer(tokenizer),
    template: '{mr}',
    completionTemplate: ' {ref}',
  });
}

/**
 * Random tokens in rows as long as those of E2E's devset under GPT-2's tokenizer: prompts of 35.6 ± 8.2 tokens and
 * completions of 27.8 ± 8.0, with a correlation of 0.66.
 */
function likeE2e(model: LanguageModel): Dataset {
  const random = seededRandom(6);
  const correlation = 0.66;
  const examples = Array.from({ length: 1000 }, (): EncodedExample => {
    const first = random.normal();
    const second = correlation * first + Math.sqrt(1 - correlation ** 2) * random.normal();
    const prompt = Math.max(15, Math.round(35.6 + 8.2 * first));
    const completion = Math.max(8, Math.round(27.8 + 8 * second));
    const length = prompt + completion;
    return {
      inputIds: Int32Array.from({ length }, () => random.below(model.config.vocabSize)),
      lossMask: new Uint8Array(length).fill(1, prompt),
    };
  });
  return datasetOf(examples);
}
