/** @file A method that a user defines: it trains, saves, loads and generates as those of the library do. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { add } from '../src/graph/index.js';
import {
  type Adapter,
  createTextGenerator,
  defineMethod,
  float32Tensor,
  fromPretrained,
  loadAdapter,
  type Pretrained,
  type TrainableTensors,
  type TrainingEvent,
  trainAdapter,
} from '../src/index.js';
import { createTinyModel } from './support/tiny-model.js';

/** A vector [hidden] that is added to what each attention and feed-forward makes. */
const steering = (tensors: TrainableTensors): Adapter => ({
  method: 'steering',
  tensors,
  numVirtualTokens: 0,
  attach: (values) => ({
    subLayers: new Map(
      [...values].map(([name, vector]) => [
        name,
        ({ output, residual }) => add(add(residual, output), vector),
      ]),
    ),
  }),
});

const steeringVectors = defineMethod({
  name: 'steering',
  summary: 'a vector added to what each attention and feed-forward makes',
  schema: z.strictObject({ start: z.number().default(0).describe('what the vectors start from') }),
  defaultLearningRate: 0.05,
  peftType: 'STEERING',
  async createLearner({ model, config }) {
    const start = () => float32Tensor([model.config.hiddenSize]);
    const tensors: TrainableTensors = new Map([...model.subLayers.keys()].map((name) => [name, start()]));
    for (const { data } of tensors.values()) data.fill(config.start);
    const about = { peft_type: 'STEERING', base_model_name_or_path: model.name };
    return {
      ...steering(tensors),
      initialization: `vectors of ${config.start}`,
      content: () => ({ form: 'peft', config: about, tensors }),
    };
  },
  load: ({ tensors }) => steering(tensors),
});

let root: string;
let pretrained: Pretrained;
let data: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'promptune-own-'));
  await createTinyModel(join(root, 'model'));
  pretrained = await fromPretrained(join(root, 'model'));
  data = join(root, 'cats.jsonl');
  await writeFile(
    data,
    '{"prompt": "a cute", "completion": " cat"}\n{"prompt": "一只", "completion": "猫"}\n',
  );
});
afterAll(() => rm(root, { recursive: true }));

const run = (name: string, options: object) =>
  trainAdapter({
    ...pretrained,
    data,
    method: steeringVectors,
    output: join(root, name),
    maxSteps: 20,
    learningRate: 0.5,
    ...options,
  });
const own = { methods: [steeringVectors] };

describe('a method of your own', () => {
  it('trains, is saved in a folder as PEFT has them, loads and generates', async () => {
    const { model, tokenizer } = pretrained;
    const losses: number[] = [];
    const { adapterPath } = await run('run', {
      onEvent: (event: TrainingEvent) => event.type === 'step' && losses.push(event.loss),
    });
    expect((await readdir(adapterPath)).sort()).toEqual([
      'README.md',
      'adapter_config.json',
      'adapter_model.safetensors',
      'promptune.json',
    ]);
    expect(JSON.parse(await readFile(join(adapterPath, 'adapter_config.json'), 'utf8'))).toEqual({
      base_model_name_or_path: model.name,
      inference_mode: true,
      peft_type: 'STEERING',
    });
    const adapter = await loadAdapter(adapterPath, model, own);
    expect([...adapter.tensors.keys()]).toEqual([...model.subLayers.keys()].sort());
    // The embeddings of a random model are short, and so are the steps that its loss can take.
    expect(losses.at(-1)!).toBeLessThan(losses[0]! - 0.04);
    const written = async (used: Adapter | undefined) => {
      const generator = createTextGenerator({ model, tokenizer, adapter: used });
      const [row] = await generator.generate(['a cute'], { maxNewTokens: 2 });
      await generator.dispose();
      return row!.text;
    };
    expect(await written(adapter)).not.toBe(await written(undefined));
  });

  it('gives the files of its adapter as values, from which another one is made', async () => {
    const { model } = pretrained;
    const { adapterPath } = await run('files', { maxSteps: 1 });
    const adapter = await loadAdapter(adapterPath, model, own);
    const files = await adapter.files();
    expect([...files.keys()]).toEqual([
      ...['adapter_config.json', 'adapter_model.safetensors', 'README.md', 'promptune.json'],
    ]);
    for (const [name, bytes] of files)
      expect(Buffer.from(bytes)).toEqual(await readFile(join(adapterPath, name)));
    const again = await loadAdapter(structuredClone(await adapter.content()), model, own);
    expect(again.tensors).toEqual(adapter.tensors);
    await again.save(join(root, 'copy'));
    expect(await readFile(join(root, 'copy/adapter_model.safetensors'))).toEqual(
      Buffer.from(files.get('adapter_model.safetensors')!),
    );
  });

  it('is trained together with others, by its name', async () => {
    const { model } = pretrained;
    const { adapterPath } = await run('both', { method: 'steering+lora', ...own, maxSteps: 1 });
    expect((await readdir(adapterPath)).sort()).toEqual(['lora', 'promptune.json', 'steering']);
    expect((await loadAdapter(adapterPath, model, own)).method).toBe('steering+lora');
  });

  it('has options, which are checked as those of others are', async () => {
    await expect(run('options', { methodOptions: { start: 'high' } })).rejects.toThrow(
      'methodOptions.start: expected number, got "high"',
    );
    await expect(run('options', { methodOptions: { strat: 1 } })).rejects.toThrow('did you mean "start"?');
  });

  it('is unknown unless it is passed', async () => {
    const { adapterPath } = await run('unknown', { maxSteps: 1 });
    await expect(loadAdapter(adapterPath, pretrained.model)).rejects.toThrow(
      'adapters of type STEERING are not supported, only PROMPT_TUNING',
    );
    await expect(run('unnamed', { method: 'steering' })).rejects.toThrow('method: expected one of');
  });
});
