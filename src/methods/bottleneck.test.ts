import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { characters, loadTinyGpt2 } from '../../test/support/tiny-gpt2.js';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import { FileError } from '../errors.js';
import { computeLogits } from '../evaluation/logits.js';
import { readAdapterHubAdapter, writeAdapterHubAdapter } from '../formats/adapterhub.js';
import { useTemporaryFolder } from '../formats/temporary-folder.fixture.js';
import type { CausalLM } from '../models/model.js';
import { float32Tensor } from '../tensor.js';
import { bottleneckAdapter } from './bottleneck.js';
import { loadAdapter } from './registry.js';

useWarmRuntime();
const inFolder = useTemporaryFolder();
const golden = (name: string) =>
  join(import.meta.dirname, `../../test/golden/cases/gpt2__bottleneck-${name}/adapter`);

let model: CausalLM;
beforeAll(async () => {
  model = await loadTinyGpt2();
});

const learner = (config: object) =>
  bottleneckAdapter.createLearner({ model, config, tokenizer: characters, seed: 1 });
const shapes = async (config: object) =>
  [...(await learner(config)).tensors].map(([name, { shape }]) => [
    name.slice('transformer.h.'.length),
    shape,
  ]);
const logits = async (folder: string) => {
  const adapter = await loadAdapter(folder, model);
  return (await computeLogits({ model, adapter, texts: [[5, 17, 80, 3]] })).data;
};

/** The golden adapter with other settings and, where given, other names of tensors. */
async function changed(name: string, settings: object, rename = (tensor: string) => tensor): Promise<string> {
  const { config, tensors } = await readAdapterHubAdapter(golden(name));
  await writeAdapterHubAdapter(inFolder('adapter'), {
    settings: { ...config.settings, ...settings },
    about: { model_name: 'another' },
    tensors: new Map([...tensors].map(([key, tensor]) => [rename(key), tensor])),
  });
  return inFolder('adapter');
}

describe('the options', () => {
  it('say where adapters are, how wide, and what scales them', async () => {
    const options = { kind: 'parallel', placement: 'attention', leaveOut: [0], scaling: 'channel' };
    expect(await shapes({ ...options, reductionFactor: 5 })).toEqual([
      ['1.attention_adapters.adapter_down.0.weight', [6, 32]],
      ['1.attention_adapters.adapter_down.0.bias', [6]],
      ['1.attention_adapters.adapter_up.weight', [32, 6]],
      ['1.attention_adapters.adapter_up.bias', [32]],
      ['1.attention_adapters.scaling', [32]],
    ]);
  });

  it.each([
    [{ kind: 'houlsby' }, ['0.attention', '0.output', '1.attention', '1.output'], 2],
    [{}, ['0.output', '1.output'], 2],
    [{ kind: 'parallel' }, ['0.output', '1.output'], 16],
    [{ reductionFactor: 100 }, ['0.output', '1.output'], 1],
    [{ reductionFactor: 0.1 }, ['0.output', '1.output'], 319], // as Python's 32 // 0.1, 0.1 being a little more than that
  ])('%j has its places and sizes', async (config, places, size) => {
    const down = (await shapes(config)).filter(([name]) => `${name}`.endsWith('adapter_down.0.weight'));
    expect(down).toEqual(places.map((place) => [`${place}_adapters.adapter_down.0.weight`, [size, 32]]));
  });

  it('take a number of the command line', async () => {
    await (await learner({ scaling: '2.5' })).save(inFolder('adapter'));
    expect((await readAdapterHubAdapter(inFolder('adapter'))).config.settings.scaling).toBe(2.5);
  });
});

describe('an earlier adapter', () => {
  it('is gone on from, whatever it is called in its files', async () => {
    const options = { kind: 'houlsby', reductionFactor: 5, initAdapter: golden('houlsby') };
    const { tensors, startsFrom } = await learner(options);
    expect(startsFrom).toBe(golden('houlsby'));
    expect(new Map(tensors)).toEqual((await readAdapterHubAdapter(golden('houlsby'))).tensors);
  });

  it('is refused where it has another size', async () => {
    const learning = learner({ kind: 'houlsby', initAdapter: golden('houlsby') });
    await expect(learning).rejects.toThrow(/trains it as \[2, 32\], but the adapter has \[6, 32\]/);
  });
});

describe('an adapter of a file', () => {
  it('goes on with the residual once, in either way that AdapterHub has for it', async () => {
    const expected = await logits(golden('plus')); // which has it within the adapter, and none after
    const other = { residual_before_ln: true, original_ln_after: true };
    expect(await logits(await changed('plus', other))).toEqual(expected);
  });

  it('may lack the prefix of its model, whose head AdapterHub left out', async () => {
    const folder = await changed('parallel', {}, (name) => name.replace('transformer.', ''));
    expect(await logits(folder)).toEqual(await logits(golden('parallel')));
  });

  it.each([
    [{ ln_before: true }, 'config.ln_before', 'not supported here; expected false'],
    [{ inv_adapter: 'nice' }, 'config.inv_adapter', 'not supported here'],
    [{ phm_layer: true }, 'config.phm_layer', 'not supported here'],
    [{ non_linearity: 'leakyrelu' }, 'config.non_linearity', '"leakyrelu" is not known; known are gelu, '],
    [{ residual_before_ln: false }, 'config.original_ln_after', 'would be added twice'],
    [{ original_ln_after: false }, 'config.original_ln_after', 'would be added not at all'],
    [{ residual_before_ln: 'post_add' }, 'config.residual_before_ln', 'expected boolean'],
    [
      { mh_adapter: true },
      'transformer.h.0.attention_adapters.adapter_down.0.weight',
      'expected [any, 32], it is missing',
    ],
    [{ scaling: 'learned' }, 'transformer.h.0.output_adapters.scaling', 'expected [1], it is missing'],
    [
      { leave_out: [0] },
      'transformer.h.0.output_adapters.adapter_down.0.bias',
      'says what this tensor is for',
    ],
  ])('with %j is refused', async (settings, place, problem) => {
    const error = await loadAdapter(await changed('pfeiffer', settings), model).catch((caught) => caught);
    expect(error).toBeInstanceOf(FileError);
    expect(error.place).toBe(place);
    expect(error.message).toContain(problem);
  });

  it('of another model is refused with its name', async () => {
    const { config } = await readAdapterHubAdapter(golden('pfeiffer'));
    await writeAdapterHubAdapter(inFolder('adapter'), {
      settings: config.settings,
      about: { model_name: 'another' },
      tensors: new Map([['transformer.h.0.output_adapters.adapter_down.0.weight', float32Tensor([2, 768])]]),
    });
    await expect(loadAdapter(inFolder('adapter'), model)).rejects.toThrow(
      /\[2, 768\].*another model \(another\)/,
    );
  });
});
