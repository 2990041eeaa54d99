/** @file Data sets of preferences: each record has a prompt, a chosen answer and a rejected one. */
import type { Data } from '../records/data.js';
import { dataError } from '../records/data-error.js';
import type { DataRecord } from '../records/records.js';
import { say } from '../say.js';
import {
  type Dataset,
  type DatasetOptions,
  openDataset,
  type RecordTransform,
  type TextDataset,
} from './dataset.js';
import { fieldNamed } from './fields.js';

/**
 * Reads and tokenizes records twice: with the chosen answer, and with the rejected one in its place. An example of the
 * data set is the chosen answer behind its prompt, and has the other as `rejected`.
 * @throws like `openDataset`, and for a record without one of the two answers
 */
export async function openPairs(options: { data: Data } & DatasetOptions): Promise<TextDataset> {
  const chosen = await openDataset({ ...options, transform: answerBy('chosen') });
  let rejected: TextDataset;
  try {
    rejected = await openDataset({ ...options, transform: answerBy('rejected'), onProgress: undefined });
  } catch (error) {
    await chosen.dispose();
    throw error;
  }
  const dispose = async () => {
    await chosen.dispose();
    await rejected.dispose();
  };
  const sum = (key: keyof TextDataset['summary']) => chosen.summary[key] + rejected.summary[key];
  return {
    ...pairsOf(chosen, rejected),
    ...(chosen.shape !== undefined && { shape: say`${chosen.shape}, preferred to rejected` }),
    notes: [...new Set([...chosen.notes, ...rejected.notes])],
    unread: chosen.unread,
    prompts: chosen.prompts,
    layoutLanguage: chosen.layoutLanguage,
    summary: {
      examples: chosen.length,
      truncated: sum('truncated'),
      dropped: 0,
      tokens: sum('tokens'),
      labelTokens: sum('labelTokens'),
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

/** Chosen answers with the rejected ones of the same index. */
function pairsOf(chosen: Dataset, rejected: Dataset): Omit<Dataset, 'dispose'> {
  const { tokenCounts, labelCounts } = rejected;
  return {
    length: chosen.length,
    // Both are rows of a batch, as long as the longer one.
    tokenCounts: chosen.tokenCounts.map((count, i) => Math.max(count, tokenCounts[i]!)),
    labelCounts: chosen.labelCounts.map((count, i) => count + labelCounts[i]!),
    get: async (index) => ({ ...(await chosen.get(index)), rejected: await rejected.get(index) }),
  };
}

/** Records whose field `chosen` has the answer that is to be read; with `rejected`, the two change places. */
const answerBy = (answer: 'chosen' | 'rejected'): RecordTransform => ({
  apply(record) {
    const { fields } = record;
    const [chosen, rejected] = [answerField(record, 'chosen'), answerField(record, 'rejected')];
    if (answer === 'chosen') return record;
    return { ...record, fields: { ...fields, [chosen]: fields[rejected], [rejected]: fields[chosen] } };
  },
  reads: (fields) => ['chosen', 'rejected'].flatMap((name) => fieldNamed(fields, name) ?? []),
});

function answerField(record: DataRecord, name: string): string {
  const field = fieldNamed(record.fields, name);
  if (field !== undefined && record.fields[field] != null) return field;
  throw dataError(record, say`there is no ${name} answer; a preference needs the fields chosen and rejected`);
}
