/** @file Declarations that the snippets of the guides may use. */
import type { Adapter, LanguageModel, Method, TextGenerator, Tokenizer } from 'promptune';
import type { Value } from 'promptune/graph';

declare global {
  const model: LanguageModel;
  const otherModel: LanguageModel;
  const tokenizer: Tokenizer;
  const generator: TextGenerator;
  const adapter: Adapter;
  const cats: Adapter;
  const answers: Adapter;
  const polite: Adapter;
  const steering: Method;
  const data: Record<string, unknown>[];
  function rowsOfADatabase(): AsyncIterable<Record<string, unknown>>;
  const x: Value;
  const w: Value;
}
