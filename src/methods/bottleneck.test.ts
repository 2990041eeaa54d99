import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { characters, loadTinyGpt2 } from '../../test/support/tiny-gpt2.js';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import { loadAdapter } from '../adapters/load-adapter.js';
import { filesReadWith } from '../adapters/option-files.js';
import { savable } from '../adapters/saved-adapter.js';
import { FileError } from '../errors.js';
import { computeLogits } from '../evaluation/logits.js';
import { readAdapterHubAdapter, writeAdapterHubAdapter } from '../formats/adapter-folder.fixture.js';
import { readSafetensorsHeader } from '../formats/safetensors.js';
import { useTemporaryFolder } from '../formats/temporary-folder.fixture.js';
import { loadModel } from '../loading/load-model.js';
import type { LanguageModel } from '../models/model.js';
import { float32Tensor } from '../tensor.js';
import { bottleneckAdapter } from './bottleneck.js';

useWarmRuntime();
const inFolder = useTemporaryFolder();
const golden = (name: string) =>
  join(import.meta.dirname, `../../test/golden/cases/gpt2__bottleneck-${name}/adapter`);

let model: LanguageModel;
beforeAll(async () => {
  model = await loadTinyGpt2();
});

const learner = (config: object) =>
  bottleneckAdapter.createLearner({
    model,
    config,
    tokenizer: characters,
    seed: 1,
    files: filesReadWith({}),
  });
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
    settings: { ...config.config, ...settings },
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
    // as Python's 32 // 0.1, 0.1 being a little more than that
    [{ reductionFactor: 0.1 }, ['0.output', '1.output'], 319],
  ])('%j has its places and sizes', async (config, places, size) => {
    const down = (await shapes(config)).filter(([name]) => `${name}`.endsWith('adapter_down.0.weight'));
    expect(down).toEqual(places.map((place) => [`${place}_adapters.adapter_down.0.weight`, [size, 32]]));
  });

  it('take a number of the command line', async () => {
    await savable(await learner({ scaling: '2.5' })).save(inFolder('adapter'));
    expect((await readAdapterHubAdapter(inFolder('adapter'))).config.config.scaling).toBe(2.5);
  });
});

describe('other families', () => {
  const caseOf = (name: string) => join(import.meta.dirname, `../../test/golden/cases/${name}`);
  const opened = (family: string) => loadModel(caseOf(`${family}__base/model`), family);

  it.each([
    ['bert-mlm__bottleneck-houlsby', { kind: 'houlsby', reductionFactor: 5 }],
    ['roberta-mlm__bottleneck-pfeiffer', { placement: 'both', reductionFactor: 4 }],
    [
      't5-flan__bottleneck-houlsby',
      { kind: 'houlsby', reductionFactor: 2, crossAttention: true, leaveOut: [1, 3] },
    ],
  ])('are written with the names and settings of %s', async (name, config) => {
    const other = await opened(name.split('__')[0]!);
    const made = await bottleneckAdapter.createLearner({
      model: other,
      config,
      tokenizer: characters,
      seed: 1,
      files: filesReadWith({}),
    });
    await savable(made).save(inFolder('adapter'));
    const theirs = join(caseOf(name), 'adapter');
    const names = async (folder: string, own: string) => {
      const { tensors } = await readSafetensorsHeader(join(folder, 'adapter.safetensors'));
      return [...tensors].map(([key, { shape }]) => `${key.replace(`.${own}.`, '.')} ${shape}`).sort();
    };
    expect(await names(inFolder('adapter'), 'promptune')).toEqual(await names(theirs, 'tiny'));
    const { config: ours } = await readAdapterHubAdapter(inFolder('adapter'));
    const { init_weights: _, dropout: __, ...settings } = ours.config;
    expect((await readAdapterHubAdapter(theirs)).config.config).toMatchObject(settings);
  });

  it('have no cross-attention without an encoder, and no adapters of other layers', async () => {
    await expect(learner({ crossAttention: true })).rejects.toThrow('crossAttention: ');
    const t5 = await opened('t5-flan');
    const made = bottleneckAdapter.createLearner({
      model: t5,
      config: { leaveOut: [5] },
      tokenizer: characters,
      seed: 1,
      files: filesReadWith({}),
    });
    await expect(made).rejects.toThrow('there is no layer 5; expected 0 to 4');
  });

  it('with a normalization behind the residual refuse an adapter behind that', async () => {
    const bert = await opened('bert-mlm');
    const { config, tensors } = await readAdapterHubAdapter(
      join(caseOf('bert-mlm__bottleneck-pfeiffer'), 'adapter'),
    );
    const settings = { ...config.config, residual_before_ln: false, original_ln_after: false };
    await writeAdapterHubAdapter(inFolder('adapter'), { settings, about: {}, tensors });
    await expect(loadAdapter(inFolder('adapter'), bert)).rejects.toThrow(
      "(config.residual_before_ln): false puts the adapter after the model's own normalization",
    );
  });
});

describe('an earlier adapter', () => {
  it('can be continued, whatever its name in its files', async () => {
    const options = { kind: 'houlsby', reductionFactor: 5, initAdapter: golden('houlsby') };
    const { tensors, initialization } = await learner(options);
    expect(initialization).toBe(golden('houlsby'));
    expect(new Map(tensors)).toEqual((await readAdapterHubAdapter(golden('houlsby'))).tensors);
  });

  it('is refused where it has another size', async () => {
    const learning = learner({ kind: 'houlsby', initAdapter: golden('houlsby') });
    await expect(learning).rejects.toThrow(/trains it as \[2, 32\], but the adapter has \[6, 32\]/);
  });
});

describe('an adapter of a file', () => {
  it("adds the residual once, in both of AdapterHub's layouts", async () => {
    const expected = await logits(golden('plus')); // which has it within the adapter, and none after
    const other = { residual_before_ln: true, original_ln_after: true };
    expect(await logits(await changed('plus', other))).toEqual(expected);
  });

  it('may lack the prefix of its model, whose head AdapterHub left out', async () => {
    const folder = await changed('parallel', {}, (name) => name.replace('transformer.', ''));
    expect(await logits(folder)).toEqual(await logits(golden('parallel')));
  });

  it.each([
    [{ ln_before: true }, 'config.ln_before', 'not supported; expected false'],
    [{ inv_adapter: 'nice' }, 'config.inv_adapter', 'not supported'],
    [{ phm_layer: true }, 'config.phm_layer', 'not supported'],
    [
      { non_linearity: 'leakyrelu' },
      'config.non_linearity',
      '"leakyrelu" is not supported; expected one of gelu, ',
    ],
    [{ residual_before_ln: false }, 'config.original_ln_after', "add the model's residual twice"],
    [{ original_ln_after: false }, 'config.original_ln_after', "add the model's residual never"],
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
      'have no use for this tensor',
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
      settings: config.config,
      about: { model_name: 'another' },
      tensors: new Map([['transformer.h.0.output_adapters.adapter_down.0.weight', float32Tensor([2, 768])]]),
    });
    await expect(loadAdapter(inFolder('adapter'), model)).rejects.toThrow(
      /\[2, 768\].*another model \(another\)/,
    );
  });
});
