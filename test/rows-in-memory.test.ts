/** @file Training on rows in memory: without a folder, with one, and resumed; the result holds the adapter. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  type ConfigTrainingOptions,
  createTextGenerator,
  loadAdapter,
  trainAdapter,
  trainFromConfig,
  UsageError,
} from '../src/index.js';
import { runFolderBytes } from '../src/runs/folder-bytes.fixture.js';
import { readTrainRequest } from '../src/workspace/train-request.js';
import { useWarmRuntime } from './support/warm-runtime.js';
import { useWorkplace } from './support/workplace.js';

useWarmRuntime();

const place = useWorkplace();

const rows = Array.from({ length: 6 }, (_, i) => ({
  prompt: `${i}: `,
  completion: 'abc'.repeat(1 + (i % 3)),
}));
/** What the rows teach makes it less likely. */
const held = [{ prompt: '9: ', completion: 'zqzqzq' }];

async function* streamed() {
  yield* rows;
}

const settings = { methodOptions: { numVirtualTokens: 3 }, batchSize: 2, threads: 1 } as const;
const train = (options: Partial<ConfigTrainingOptions> = {}) =>
  trainFromConfig({ ...place.pretrained, data: rows, ...settings, ...options });

/** The bytes of an adapter's folder, by their names. */
async function bytesIn(folder: string) {
  const names = (await readdir(folder)).sort();
  return Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const));
}

const bytesOf = (files: ReadonlyMap<string, Uint8Array>) =>
  [...files].map(([name, bytes]) => [name, Buffer.from(bytes)] as const).sort(([a], [b]) => (a < b ? -1 : 1));

describe('without an output', () => {
  it('trains, writes nothing, and returns the adapter, which generates and can be saved', async () => {
    const before = await readdir(place.root);
    const result = await trainAdapter({
      ...place.pretrained,
      data: rows,
      methodOptions: { numVirtualTokens: 20 },
      maxSteps: 3,
    });
    expect(result).toMatchObject({ step: 3, stopped: false, best: null });
    expect('adapterPath' in result).toBe(false);
    expect(await readdir(place.root)).toEqual(before);
    const { adapter } = result;
    expect(adapter.numVirtualTokens).toBe(20);

    const generator = createTextGenerator({ ...place.pretrained, adapter });
    const [written] = await generator.generate(['1: '], { maxNewTokens: 4 });
    await generator.dispose();
    const names = [...(await adapter.files()).keys()];
    expect(names).toEqual(expect.arrayContaining(['adapter_config.json', 'adapter_model.safetensors']));
    await adapter.save(join(place.root, 'saved'));
    const loaded = createTextGenerator({
      ...place.pretrained,
      adapter: await loadAdapter(join(place.root, 'saved'), place.pretrained.model),
    });
    expect(await loaded.generate(['1: '], { maxNewTokens: 4 })).toEqual([written]);
    await loaded.dispose();
  });

  it('learns the same from rows, a stream of rows and a file', async () => {
    const path = join(place.root, 'rows.jsonl');
    await writeFile(path, rows.map((row) => JSON.stringify(row)).join('\n'));
    const [ofRows, ofStream, ofFile] = await Promise.all(
      [rows, streamed(), path].map(async (data) => (await train({ data })).adapter.files()),
    );
    expect(bytesOf(ofStream!)).toEqual(bytesOf(ofRows!));
    const noted = (files: Map<string, Uint8Array>) =>
      JSON.parse(new TextDecoder().decode(files.get('promptune.json')));
    expect(noted(ofRows!).training.data).toEqual([
      { name: 'rows in memory', rows: rows.length, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
    expect(noted(ofFile!).training.data[0]).toMatchObject({ name: 'rows.jsonl', rows: rows.length });
    for (const files of [ofRows!, ofFile!]) files.delete('promptune.json');
    expect(bytesOf(ofFile!)).toEqual(bytesOf(ofRows!));
  });

  it('reads a stream once for the labels of a head and for the examples', async () => {
    async function* labeled() {
      for (const { prompt } of rows) yield { text: prompt, label: prompt < '3' ? 'low' : 'high' };
    }
    const { adapter } = await train({
      data: labeled(),
      taskType: 'sequence-classification',
      method: 'lora',
      methodOptions: {},
    });
    expect(adapter.head!.labels).toEqual(['high', 'low']);
  });

  it('takes a list of rows for each task', async () => {
    const method = 'multitask-prompt-tuning';
    const methodOptions = { numVirtualTokens: 3, numTasks: 2 };
    const { adapter } = await train({ data: [rows, streamed()], method, methodOptions });
    expect(adapter.tasks!.count).toBe(2);
    await expect(train({ data: rows, method, methodOptions })).rejects.toThrow('there are 1 sources of data');
  });

  it.each(['resume', 'overwrite', 'tensorboard'])('refuses %s, which is about a folder', async (option) => {
    await expect(train({ [option]: true })).rejects.toThrow(UsageError);
    await expect(train({ [option]: true })).rejects.toThrow(`${option}: requires output, the run's folder`);
  });

  it('names an invalid row, and refuses values that are not data', async () => {
    await expect(train({ data: [rows[0]!, { prompt: 'a', completion: '' }] })).rejects.toThrow(
      'row 2: the completion is empty',
    );
    await expect(train({ data: 5 as never })).rejects.toThrow('data: expected rows, a path, or several');
  });
});

describe('the adapter of the result', () => {
  it.each(['lora', 'full-fine-tuning'])(
    'is that of the best validation, as in the folder: %s',
    async (method) => {
      const options = {
        method,
        methodOptions: {},
        validation: held,
        evalEvery: 1,
        maxSteps: 5,
        learningRate: method === 'lora' ? 2 : 0.05,
        schedule: { name: 'constant' },
      } as const;
      const output = join(place.root, `best-${method}`);
      const { adapter, best, step, adapterPath } = await trainFromConfig({
        ...place.pretrained,
        data: rows,
        ...settings,
        ...options,
        output,
      });
      expect(step).toBe(5);
      expect(best!.step).toBeLessThan(5);
      expect(adapterPath).toBe(join(output, 'adapter'));
      expect(bytesOf(await adapter.files())).toEqual(await bytesIn(adapterPath));
      const inMemory = await train(options);
      expect(inMemory.best).toEqual(best);
      expect(bytesOf(await inMemory.adapter.files())).toEqual(await bytesIn(adapterPath));

      // A run that goes on, and finds nothing better, still gives the best one.
      const resumed = await trainFromConfig({
        ...place.pretrained,
        data: rows,
        ...settings,
        ...options,
        maxSteps: 6,
        output,
        resume: true,
      });
      expect(resumed.best).toEqual(best);
      expect(bytesOf(await resumed.adapter.files())).toEqual(await bytesIn(adapterPath));
    },
  );
});

describe('a run with rows and a folder', () => {
  const run = (output: string, maxSteps: number, more: Partial<ConfigTrainingOptions> = {}) =>
    train({
      maxSteps,
      saveEvery: 1,
      evalEvery: 1,
      schedule: { name: 'constant' },
      output: join(place.root, output),
      ...more,
    });

  it('records the number of rows and their digest, and resumes with the same rows to the same bytes', async () => {
    await run('whole', 4, { validation: held });
    await run('stopped', 2, { validation: held });
    // The order of a row's fields does not matter.
    const same = rows.map(({ prompt, completion }) => ({ completion, prompt }));
    await run('stopped', 4, { data: same, validation: held, resume: true });
    expect(await runFolderBytes(join(place.root, 'stopped'))).toEqual(
      await runFolderBytes(join(place.root, 'whole')),
    );
    const { data, validation } = parse(await readFile(join(place.root, 'whole/config.yaml'), 'utf8'));
    expect(data).toEqual({ rows: 6, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(validation).toMatchObject({ rows: 1 });
    expect(validation.sha256).not.toBe(data.sha256);
  });

  it('refuses other rows, and leaves the run as it was', async () => {
    await run('other', 2, { validation: held });
    const before = await runFolderBytes(join(place.root, 'other'));
    const resume = (more: Partial<ConfigTrainingOptions>) =>
      run('other', 4, { validation: held, resume: true, ...more });
    await expect(resume({ data: rows.slice(1) })).rejects.toThrow(
      'data: the run started with 6 rows in memory, but got 5; pass the same rows to resume it',
    );
    await expect(resume({ data: [...rows].reverse() })).rejects.toThrow('but got as many different ones');
    await expect(resume({ validation: [rows[0]!] })).rejects.toThrow(
      'validation: the run started with 1 row',
    );
    await expect(resume({ data: rows.slice(1) })).rejects.toThrow(UsageError);
    expect(await runFolderBytes(join(place.root, 'other'))).toEqual(before);
  });
});

describe('an earlier adapter in memory', () => {
  const both = 'prompt-tuning+lora';
  const steps = { maxSteps: 4, saveEvery: 2, learningRate: 0.01, schedule: { name: 'constant' } } as const;

  it('is recorded by its digest, at the top level and under the name of one of several methods', async () => {
    const [prompt, other] = [(await train()).adapter, (await train({ seed: 3 })).adapter];
    const lora = (await train({ method: 'lora', methodOptions: {} })).adapter;
    const noted = async (output: string, initial: object) => {
      await train({ ...steps, method: both, methodOptions: { ...initial, numVirtualTokens: 3 }, output });
      return parse(await readFile(join(output, 'config.yaml'), 'utf8')).methodOptions;
    };
    const digest = { adapter: 'in memory', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) };
    const apart = await noted(join(place.root, 'apart'), {
      'prompt-tuning': { initAdapter: prompt },
      lora: { initAdapter: await lora.content() },
    });
    expect(apart).toMatchObject({ 'prompt-tuning': { initAdapter: digest }, lora: { initAdapter: digest } });
    const shared = await noted(join(place.root, 'shared'), { initAdapter: prompt });
    const moved = await noted(join(place.root, 'moved'), { initAdapter: other });
    expect(shared.initAdapter).toEqual(apart['prompt-tuning'].initAdapter);
    expect(moved.initAdapter.sha256).not.toBe(shared.initAdapter.sha256);
  });

  it('must be passed again to resume, to the same bytes; another is refused, and a file cannot name it', async () => {
    const [prompt, other] = [(await train()).adapter, (await train({ seed: 3 })).adapter];
    const run = (initAdapter: unknown, options: Partial<ConfigTrainingOptions>) =>
      train({ ...steps, methodOptions: { initAdapter, numVirtualTokens: 3 }, ...options });
    await run(prompt, { output: join(place.root, 'in-one-go') });
    const output = join(place.root, 'begun');
    await run(prompt, { output, maxSteps: 2 });
    await expect(run(other, { output, resume: true })).rejects.toThrow(
      'methodOptions.initAdapter: the run started from a different adapter in memory; pass the same one to resume it',
    );
    await run(prompt, { output, resume: true });
    const [whole, resumed] = [join(place.root, 'in-one-go'), output].map((folder) =>
      bytesIn(join(folder, 'adapter')),
    );
    expect(await resumed).toEqual(await whole);

    await expect(readTrainRequest({ resume: true }, [{ path: ['output'], value: output }])).rejects.toThrow(
      'the run started from an adapter in memory, which its folder does not have',
    );
    const file = join(place.root, 'no-adapter.yaml');
    await writeFile(file, 'data: rows.jsonl\nmethodOptions:\n  initAdapter: { form: peft }\n');
    await expect(readTrainRequest({ config: file })).rejects.toThrow(
      "initAdapter: expected an adapter's folder or, in code, an adapter",
    );
  });
});
