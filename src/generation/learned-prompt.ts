/**
 * @file What precedes a row's first token: a learned prompt's keys and values, and an encoder's output for its text.
 */
import type { Adapter } from '../attach/method.js';
import { feedsFor, textInputs } from '../attach/text-inputs.js';
import type { LanguageModel } from '../models/model.js';
import { Session, type SessionOptions } from '../runtime/index.js';
import type { RowPrompt } from '../runtime/row-cache.js';
import { promptGraph } from './decode-graph.js';

/** What an adapter, or the bare model, puts before texts (see `promptGraph`). */
export interface LearnedPrompt {
  for(texts: readonly (readonly number[])[]): Promise<readonly (RowPrompt | undefined)[]>;
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export const nothingLearned: LearnedPrompt = {
  for: async (texts) => texts.map(() => undefined),
  dispose: async () => {},
  [Symbol.asyncDispose]: async () => {},
};

/** Computed once, and the same for all texts. What depends on a text is computed with each batch. */
export async function learnedPrompt(
  model: LanguageModel,
  adapter: Adapter | undefined,
  options: SessionOptions,
): Promise<LearnedPrompt> {
  const graph = promptGraph(model, adapter, options.device);
  if (!graph) return nothingLearned;
  const session = await Session.create(graph.bytes, { ...options, folding: !graph.hasPackedWeights });
  const tensors = Object.fromEntries(
    [...(adapter?.tensors ?? [])].filter(([name]) => graph.inputs.has(name)),
  );
  if (adapter?.readsText || model.encoder) {
    await session.hold(tensors);
    return {
      for: async (texts) => {
        const rows = texts.map((ids) => ({ ids, encoderIds: ids }));
        const outputs = await session.run(feedsFor(textInputs, graph.inputs, rows));
        return texts.map((_, row) => ({ tensors: outputs, row }));
      },
      dispose: () => session.dispose(),
      [Symbol.asyncDispose]: () => session.dispose(),
    };
  }
  try {
    const outputs = await session.run(tensors);
    return { ...nothingLearned, for: async (texts) => texts.map(() => ({ tensors: outputs, row: 0 })) };
  } finally {
    await session.dispose();
  }
}
