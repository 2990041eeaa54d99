/** @file The codes of errors that a program acts on: what went wrong, whatever the message says. */
import { expect, it } from 'vitest';
import {
  createTextGenerator,
  evaluate,
  fromPretrained,
  loadAdapter,
  type PeftContent,
  PromptuneError,
  trainAdapter,
} from '../src/index.js';
import { useWarmRuntime } from './support/warm-runtime.js';

useWarmRuntime();

const codeOf = async (work: () => Promise<unknown>) => {
  const error = await work().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof PromptuneError ? error.code : error;
};

it('say what a caller can do about it', async () => {
  const { model, tokenizer } = await fromPretrained('promptune-mini');
  const rows = [{ prompt: 'a', completion: ' b' }];
  const train = (options: object) => () => trainAdapter({ model, tokenizer, data: rows, ...options });
  const generate =
    (prompt: string | object, own = tokenizer) =>
    async () => {
      await using generator = createTextGenerator({ model, tokenizer: own });
      await generator.generate([prompt as string]);
    };
  const shape = [2, 8];
  const narrow: PeftContent = {
    form: 'peft',
    config: { peft_type: 'PROMPT_TUNING', task_type: 'CAUSAL_LM', num_virtual_tokens: 2 },
    tensors: new Map([['prompt_embeddings', { dtype: 'float32', shape, data: new Float32Array(16) }]]),
  };
  const cases: [code: string, work: () => Promise<unknown>][] = [
    ['invalid-option', train({ batchSize: 0 })],
    ['invalid-option', train({ methodOptions: { numVirtualTokens: 0 } })],
    ['invalid-data', train({ data: [{ prompt: 'a', completion: '' }] })],
    ['invalid-data', train({ data: [] })],
    ['too-long', train({ methodOptions: { numVirtualTokens: 300 } })],
    ['too-long', generate('cat '.repeat(300))],
    ['unsupported', generate({ messages: [] }, { ...tokenizer, chatTemplate: undefined })],
    ['unsupported', train({ method: 'bottleneck-adapter', methodOptions: { crossAttention: true } })],
    ['incompatible', () => loadAdapter(narrow, model)],
    ['not-found', () => loadAdapter('no-such-folder', model)],
    ['not-found', () => fromPretrained('./no-such-model')],
    ['unknown-name', () => evaluate({ model, tokenizer, data: rows, metrics: ['f2'] })],
  ];
  for (const [code, work] of cases) expect([code, await codeOf(work)]).toEqual([code, code]);
});
