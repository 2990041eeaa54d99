import { expect, it } from 'vitest';
import { characters, loadTinyGpt2 } from '../../../test/support/tiny-gpt2.js';
import { useWarmRuntime } from '../../../test/support/warm-runtime.js';
import { filesReadWith } from '../../adapters/option-files.js';
import { createModelStep } from '../../loss/model-step.js';
import { seededRandom } from '../../random.js';
import { instancePrompt } from '../instance-prompt.js';
import { encoderKinds } from './text-encoders.js';

useWarmRuntime();

it.each(encoderKinds)(
  '%s: the prompt of a text without input is the same beside any other text',
  async (encoder) => {
    const model = await loadTinyGpt2();
    const learner = await instancePrompt.createLearner({
      ...{ model, tokenizer: characters, seed: 5, files: filesReadWith({}) },
      config: { numVirtualTokens: 2, encoder, encoderHiddenSize: 8 },
    });
    const random = seededRandom(3);
    for (const { data } of learner.tensors.values())
      for (let i = 0; i < data.length; i++) data[i]! += 0.3 * random.normal();
    const example = (...ids: number[]) => ({
      inputIds: Int32Array.from(ids),
      lossMask: new Uint8Array(ids.length).fill(1),
    });
    await using step = await createModelStep(model, learner);
    const lossOf = async (...examples: ReturnType<typeof example>[]) =>
      (await step.evaluate(examples)).lossSum;
    const [short, long] = [example(7), example(50, 3, 44, 20, 91)];
    const sum = (await lossOf(short)) + (await lossOf(long));
    expect(Math.abs((await lossOf(short, long)) / sum - 1)).toBeLessThan(1e-6);
  },
);
