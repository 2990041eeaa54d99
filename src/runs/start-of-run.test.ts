import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadTinyGpt2 } from '../../test/support/tiny-gpt2.js';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import { expectPeft } from '../formats/adapter-content.js';
import { promptTuning } from '../methods/prompt-tuning.js';
import type { Tokenizer } from '../text/tokenizer.js';
import { promptHistory } from './prompt-history.js';
import { readRun } from './read-run.js';
import { learnerAtStart } from './start-of-run.js';
import { trainAdapter } from './train-adapter.js';

useWarmRuntime();

/** A token a character. */
const tokenizer: Tokenizer = {
  encode: (text) => Array.from(text, (c) => c.charCodeAt(0) % 96),
  decode: (ids) => String.fromCharCode(...ids),
  vocabSize: 96,
  eosTokenId: 95,
  tokenOf: (id) => String.fromCharCode(id),
  idOf: (token) => token.charCodeAt(0),
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'promptune-start-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('is what the method began with, from the run’s folder alone', async () => {
  const model = await loadTinyGpt2();
  const output = join(folder, 'run');
  const methodOptions = { numVirtualTokens: 3 };
  const { adapter } = await trainAdapter({
    ...{ model, tokenizer, output, methodOptions, seed: 5, maxSteps: 2 },
    data: [{ prompt: 'A', completion: 'B' }],
  });
  const learner = await promptTuning.createLearner({ model, tokenizer, config: methodOptions, seed: 5 });
  const { config } = (await readRun(output))!;
  const again = await learnerAtStart(config, { model, tokenizer });
  const start = expectPeft(await again.content()).tensors.get('prompt_embeddings');
  expect(start).toEqual(learner.tensors.get('prompt_embeddings'));
  expect(start).not.toEqual(expectPeft(await adapter.content()).tensors.get('prompt_embeddings'));
});

it('is known of a run with a head as well, whose labels only its data knows', async () => {
  const model = await loadTinyGpt2();
  const output = join(folder, 'labels');
  await trainAdapter({
    ...{ model, tokenizer, output, method: 'prompt-tuning', methodOptions: { numVirtualTokens: 3 } },
    ...{ taskType: 'sequence-classification', maxSteps: 2, saveEvery: 1, validation: 0 },
    data: ['no', 'yes'].map((label) => ({ text: label, label })),
  });
  const { earlier, note } = await promptHistory(output, 2, { model, tokenizer });
  expect(note).toBeUndefined();
  expect(earlier.map(({ step, vectors }) => [step, vectors.shape])).toEqual([
    [0, [3, model.config.hiddenSize]],
    [1, [3, model.config.hiddenSize]],
  ]);
  expect(earlier[0]!.vectors).not.toEqual(earlier[1]!.vectors);
});
