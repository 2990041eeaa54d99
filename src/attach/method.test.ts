import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { UsageError } from '../errors.js';
import type { LanguageModel } from '../models/model.js';
import { float32Tensor } from '../tensor.js';
import { defaultRate, defineMethod, type LearnerOptions } from './method.js';

const schema = z.strictObject({ rank: z.int().positive().default(4), names: z.array(z.string()).optional() });

describe('defineMethod', () => {
  const seen: LearnerOptions<z.output<typeof schema>>[] = [];
  const method = defineMethod({
    name: 'example',
    summary: 'for tests',
    schema,
    defaultLearningRate: 0.5,
    peftType: 'EXAMPLE',
    createLearner: async (options) => {
      seen.push(options);
      return {
        method: 'example',
        tensors: new Map([['w', float32Tensor([options.config.rank])]]),
        numVirtualTokens: 0,
        initialization: 'zeros',
        attach: () => ({}),
        content: () => ({ form: 'peft', config: { peft_type: 'EXAMPLE' }, tensors: new Map() }),
      };
    },
  });
  const options = { model: {} as LanguageModel, tokenizer: { encode: () => [1] }, seed: 7 };

  it('keeps what describes the method', () => {
    expect(method).toMatchObject({ name: 'example', summary: 'for tests', defaultLearningRate: 0.5 });
    expect(method.peftType).toBe('EXAMPLE');
    expect(method.load).toBeUndefined();
    expect(Object.keys(method.schema.shape)).toEqual(['rank', 'names']);
  });

  it('fills in the defaults, and passes on the rest', async () => {
    const { tensors } = await method.createLearner({ ...options, config: {} });
    expect(tensors.get('w')!.shape).toEqual([4]);
    await method.createLearner({ ...options, config: { rank: 9, names: ['a'] } });
    expect(seen).toEqual([
      { ...options, config: { rank: 4 } },
      { ...options, config: { rank: 9, names: ['a'] } },
    ]);
    expect(seen[1]!.model).toBe(options.model);
  });

  it.each<[unknown, string]>([
    [{ rank: 0 }, 'example: rank: '],
    [{ names: [1] }, 'example: names.0: '],
    [{ rnak: 1 }, 'example: rnak: the key is unknown; did you mean "rank"?'],
    [undefined, 'example: expected object'],
    [{ rank: 'a', names: 'b' }, '; names: '],
  ])('refuses %j, naming the method and the option', async (config, message) => {
    const before = seen.length;
    const creating = method.createLearner({ ...options, config });
    await expect(creating).rejects.toThrow(UsageError);
    await expect(creating).rejects.toThrow(message);
    expect(seen).toHaveLength(before);
  });

  it('has a default rate that falls with the width of the model, if it was chosen for one', () => {
    const rateAt = (hiddenSize: number, learningRateWidth?: number) =>
      defaultRate({ defaultLearningRate: 0.002, learningRateWidth }, {
        config: { hiddenSize },
      } as LanguageModel);
    expect([256, 576, 2048, 4096].map((hiddenSize) => rateAt(hiddenSize, 576))).toEqual([
      0.0045, 0.002, 0.00056, 0.00028,
    ]);
    expect(rateAt(16, 576)).toBe(0.008); // not without limit
    expect(rateAt(4096)).toBe(0.002);
  });
});
