import { expect, it } from 'vitest';
import { characters, loadTinyGpt2 } from '../../test/support/tiny-gpt2.js';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import type { Tokenizer } from '../text/tokenizer.js';
import { prepareRun } from './prepare-run.js';
import { type RunConfig, resolveRunConfig } from './run-config.js';

useWarmRuntime();

const tokenizer = {
  ...characters,
  decode: (ids: Iterable<number>) => String.fromCharCode(...ids),
} as Tokenizer;

/** The inputs of the graph of a run's steps. */
async function inputsOf(config: Partial<RunConfig>, instruction: string): Promise<string[]> {
  const data = Array.from({ length: 8 }, (_, i) => ({
    prompt: `${instruction}${i}`,
    completion: 'abc'[i % 3]!,
  }));
  const options = { data, epochs: 2, batchSize: 4, validation: 0, appendEos: false, ...config } as RunConfig;
  const inputs = { model: await loadTinyGpt2(), tokenizer };
  await using run = await prepareRun(resolveRunConfig(options), inputs);
  return [...run.graph.inputs.keys()];
}

it('computes what rows begin with alike once, unless states of each row are kept', async () => {
  const promptTuning = { method: 'prompt-tuning', methodOptions: { numVirtualTokens: 2 } };
  expect(await inputsOf(promptTuning, 'answer: ')).toContain('vector_places');
  expect(await inputsOf(promptTuning, '')).not.toContain('vector_places');
  const inLastLayer = { method: 'lora', methodOptions: { layersToTransform: [1] } };
  expect(await inputsOf(inLastLayer, 'answer: ')).toContain('states_0');
  expect(await inputsOf(inLastLayer, 'answer: ')).not.toContain('vector_places');
  expect(await inputsOf({ ...inLastLayer, keptStates: 'none' }, 'answer: ')).toContain('vector_places');
});
