import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { characters } from '../../test/support/tiny-gpt2.js';
import { savable } from '../adapters/saved-adapter.js';
import { UsageError } from '../errors.js';
import { float16ToFloat32, float32ToFloat16 } from '../formats/half.js';
import { readWeight } from '../formats/model-folder.js';
import { useTemporaryFolder } from '../formats/temporary-folder.fixture.js';
import { loadModel } from '../loading/load-model.js';
import type { LanguageModel } from '../models/model.js';
import { fullFineTuning } from './full-fine-tuning.js';

const inFolder = useTemporaryFolder();
const folder = join(import.meta.dirname, '../../test/golden/cases/gpt2-bfloat16-bare__base/model');

let model: LanguageModel;
beforeAll(async () => {
  model = await loadModel(folder, 'halves');
});

const learner = (config: object) =>
  fullFineTuning.createLearner({ model, config, tokenizer: characters, seed: 1 });

describe('full fine-tuning', () => {
  it('starts from all weights of the model, in float32', async () => {
    const { tensors, initialization, numVirtualTokens } = await learner({});
    expect([initialization, numVirtualTokens]).toEqual(['the weights of halves', 0]);
    expect([...tensors.keys()]).toEqual([...model.parameters.keys()]);
    for (const [name, { name: nameInFile }] of model.files.locations)
      expect(tensors.get(name)).toEqual(await readWeight(model.source, nameInFile));
  });

  it('saves a whole model, in float32 or in the requested type', async () => {
    const name = 'transformer.h.0.mlp.c_fc.weight';
    const changed = Float32Array.from({ length: 8 * 32 }, (_, i) => Math.sin(i));
    const savedWeight = async (config: object, to: string) => {
      const changing = await learner(config);
      changing.tensors.get(name)!.data.set(changed);
      await savable(changing).save(inFolder(to));
      const { source } = await loadModel(inFolder(to));
      return { dtype: source.config.dtype, data: (await readWeight(source, name)).data };
    };
    expect(await savedWeight({}, 'a')).toEqual({ dtype: 'float32', data: changed });
    const rounded = float16ToFloat32(float32ToFloat16(changed));
    expect(await savedWeight({ saveDtype: 'float16' }, 'b')).toEqual({ dtype: 'float16', data: rounded });
    await expect(learner({ saveDtype: 'int8' })).rejects.toThrow(UsageError);
  });
});
