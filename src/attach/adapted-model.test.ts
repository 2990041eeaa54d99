import { beforeAll, describe, expect, it } from 'vitest';
import { characters, loadTinyGpt2 } from '../../test/support/tiny-gpt2.js';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import { constant, iota, isInput, reshape, toOnnx, type Value } from '../graph/index.js';
import { fullFineTuning } from '../methods/full-fine-tuning.js';
import { promptTuning } from '../methods/prompt-tuning.js';
import type { LanguageModel } from '../models/model.js';
import { Session } from '../runtime/index.js';
import { int64Tensor } from '../tensor.js';
import { adaptModel } from './adapted-model.js';
import type { Adapter } from './method.js';

useWarmRuntime();

let model: LanguageModel;
beforeAll(async () => {
  model = await loadTinyGpt2();
});

async function run(outputs: Record<string, Value>, adapter: Adapter) {
  const session = await Session.create(toOnnx(outputs).bytes, { weights: model.files });
  try {
    return await session.run(Object.fromEntries(adapter.tensors));
  } finally {
    await session.dispose();
  }
}

describe('adaptModel', () => {
  it('leaves a model without an adapter as it is', () => {
    const { inputs, weights, embed: _, ...rest } = adaptModel(model, undefined);
    expect(inputs.size).toBe(0);
    expect(rest).toEqual({ numVirtualTokens: 0, past: undefined });
    expect(weights.get('transformer.ln_f.weight').node.operator.name).toBe('weight');
  });

  it("replaces the model's parameters by the method's", async () => {
    const adapter = await fullFineTuning.createLearner({ model, config: {}, tokenizer: characters, seed: 1 });
    const { inputs, weights, past, promptEnd, numVirtualTokens } = adaptModel(model, adapter);
    expect([...inputs.keys()]).toEqual([...model.parameters.keys()]);
    for (const [name, value] of inputs) {
      expect(weights.get(name)).toBe(value);
      expect(isInput(value)).toBe(true);
      expect([value.dtype, value.shape]).toEqual(['float32', model.parameters.get(name)]);
    }
    expect([past, promptEnd, numVirtualTokens]).toEqual([undefined, undefined, 0]);
  });

  it('takes a prompt through the layers once, as a row of its own', async () => {
    const text = 'prompt';
    const adapter = await promptTuning.createLearner({
      model,
      config: { initText: text },
      tokenizer: characters,
      seed: 1,
    });
    const { inputs, past, promptEnd, numVirtualTokens, weights } = adaptModel(model, adapter);
    expect([...inputs.keys()]).toEqual(['prompt_embeddings']);
    expect(numVirtualTokens).toBe(6);
    expect(past!.map(({ key, value }) => [key.shape, value.shape])).toEqual(
      [0, 1].map(() => [
        [1, 4, 6, 8],
        [1, 4, 6, 8],
      ]),
    );
    expect(promptEnd!.shape).toEqual([1, 32]);

    // The prompt starts as the embeddings of a text, so it leaves behind what the text would.
    const ids = constant(int64Tensor([6], characters.encode(text)));
    const plain = model.forward(weights, {
      embeddings: model.embed(weights, ids),
      batch: 1,
      length: 6,
      positions: reshape(iota(6), [1, 6]),
    });
    const named = (layers: typeof past, prefix: string) =>
      Object.fromEntries(
        layers!.flatMap(({ key, value }, layer) => [
          [`${prefix}key${layer}`, key],
          [`${prefix}value${layer}`, value],
        ]),
      );
    const results = await run(
      {
        ...named(past, ''),
        ...named(plain.keyValues, 'plain '),
        end: promptEnd!,
        'plain end': plain.hidden,
      },
      adapter,
    );
    for (const name of ['key0', 'value0', 'key1', 'value1', 'end']) {
      const ours = results[name]!.data as Float32Array;
      const whole = results[`plain ${name}`]!.data as Float32Array;
      const expected = name === 'end' ? whole.subarray(5 * 32) : whole; // the last token's row
      expect(ours.length).toBe(expected.length);
      for (const [i, value] of ours.entries()) expect(value).toBeCloseTo(expected[i]!, 5);
    }
  });
});
