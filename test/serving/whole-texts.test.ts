/**
 * @file Models whose states depend on how many tokens a text has (dynamic NTK): the server neither divides prompts nor
 *   guesses tokens, so that requests get what each gets alone.
 */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { generate } from '../../src/generation/generate.js';
import { createModelDecoder } from '../../src/generation/model-decoder.js';
import { loadModel } from '../../src/loading/load-model.js';
import { createEngine } from '../../src/serving/index.js';
import { useWarmRuntime } from '../support/warm-runtime.js';
import { characterTokenizer } from './adapters.js';

useWarmRuntime();

/** Beyond 6 positions, every further one slows the rotation down. */
const folder = join(import.meta.dirname, '../golden/cases/llama-dynamic__lora/model');

it('read prompts whole, and guess nothing', async () => {
  const model = await loadModel(folder);
  const prompt = Array.from({ length: 19 }, (_, i) => [27, 24, 8][i % 3]!);
  const options = { maxNewTokens: 5, eosTokenId: [], repetitionPenalty: 1.3, presencePenalty: 0.3 };
  const guessing = { ...options, promptLookupNumTokens: 3 };
  await using decoder = await createModelDecoder({ model });
  const [row] = await generate(decoder, [prompt], options);
  expect((await generate(decoder, [prompt], guessing))[0]!.ids).toEqual(row!.ids);

  const request = { prompt, options: guessing, logprobs: 0 };
  const answersWith = async (prefillTokens: number) => {
    await using engine = await createEngine({ model, tokenizer: characterTokenizer, prefillTokens });
    const alone = await engine.submit(request);
    const scored = await engine.submit({ ...request, promptLogprobs: true });
    const answers: { ids: number[]; logprobs: number[] }[] = [];
    for (const generation of [alone, scored, ...(await engine.submitAll([request], 2))]) {
      const answer = { ids: [] as number[], logprobs: [] as number[] };
      for await (const { id, logprob, isPrompt } of generation) {
        if (isPrompt) continue;
        answer.ids.push(id);
        answer.logprobs.push(logprob!);
      }
      answers.push(answer);
    }
    return answers;
  };
  const [expected] = await answersWith(64);
  expect(expected!.ids).toEqual(row!.ids);
  for (const { ids, logprobs } of await answersWith(2)) {
    expect(ids).toEqual(row!.ids);
    for (const [i, logprob] of logprobs.entries()) expect(logprob).toBeCloseTo(expected!.logprobs[i]!, 5);
  }
});
