import { cp, mkdtemp, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import { loadAdapter } from '../adapters/load-adapter.js';
import { savable } from '../adapters/saved-adapter.js';
import { writeSafetensors } from '../formats/safetensors.js';
import { createTextGenerator } from '../generation/text-generator.js';
import { promptTuning } from '../methods/prompt-tuning.js';
import type { LanguageModel } from '../models/model.js';
import { engineConnection } from '../runtime/engine-connection.js';
import { float32Tensor } from '../tensor.js';
import type { Tokenizer } from '../text/tokenizer.js';
import { evaluateSelector } from './evaluate-selector.js';
import { createSelectiveGenerator } from './selective-generator.js';
import { loadSelector } from './selector.js';
import { loadToy, toyCandidates, toyRows } from './toy.fixture.js';
import { type SelectionEvent, type TrainSelectorOptions, trainSelector } from './train-selector.js';

useWarmRuntime();

let model: LanguageModel;
let tokenizer: Tokenizer;
let root: string;
beforeAll(async () => {
  ({ model, tokenizer } = await loadToy());
  root = await mkdtemp(join(tmpdir(), 'promptune-selector-'));
  await train({ output: join(root, 'linear') });
});
afterAll(() => rm(root, { recursive: true }));

const train = (options: Partial<TrainSelectorOptions> & { output: string }) =>
  trainSelector({
    model,
    tokenizer,
    candidates: toyCandidates,
    data: toyRows(80, 1),
    validation: toyRows(20, 2),
    epochs: 12,
    batchSize: 10,
    learningRate: 0.02,
    ...options,
  });

describe.each(['linear', 'transformer'] as const)('a %s selector', (selector) => {
  it('learns to distinguish inputs, and still does so once loaded', async () => {
    const output = join(root, `toy-${selector}`);
    const { validation } = await train({ selector, output, width: 16 });
    expect(validation.rows).toBe(20);
    expect(validation.candidates.map(({ chosen, best }) => [chosen, best])).toEqual([
      [10, 10],
      [10, 10],
      [0, 0],
    ]);
    expect(validation.accuracy).toBe(1);
    expect(validation.selector).toBe(validation.oracle);
    expect(validation.selector).toBeLessThan(0.7 * validation.bestSingle.loss);

    const loaded = await loadSelector(output, { model, tokenizer });
    expect(loaded.inputField).toBe('text');
    const choices = await loaded.select(['abba', 'xyxyz', 'yyzyxx', 'cbd']);
    expect(choices.map(({ candidate }) => candidate.name)).toEqual(['first', 'second', 'second', 'first']);
    for (const { probabilities, index } of choices) {
      expect(probabilities.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
      expect(Math.max(...probabilities)).toBe(probabilities[index]);
    }
    const report = await evaluateSelector({ selector: loaded, model, tokenizer, data: toyRows(20, 2) });
    expect(report).toEqual(validation);
    const { port } = engineConnection() as unknown as { port: { terminate(): Promise<void> } };
    await port.terminate(); // as a crash of the thread would end it, and the selector's sessions
    await expect(loaded.select(['abba'])).rejects.toThrow('worker thread');
    expect((await loaded.select(['abba']))[0]!.candidate.name).toBe('first');
    await loaded.dispose();
  });

  it('is the same for the same seed', async () => {
    const files: Buffer[] = [];
    for (const name of ['one', 'other']) {
      const output = join(root, `${selector}-${name}`);
      await train({ selector, output, width: 8, epochs: 2, validation: 0.2 });
      files.push(await readFile(join(output, 'selector.safetensors')));
    }
    expect(files[0]!.equals(files[1]!)).toBe(true);
  });
});

it('draws the validation rows from the data, computes stored losses never again, and keeps the best epoch', async () => {
  const output = join(root, 'again');
  const events: SelectionEvent[] = [];
  const onEvent = (event: SelectionEvent) => events.push(event);
  const { validation, trainRows, bestEpoch } = await train({ output, validation: 0.25, onEvent });
  expect([trainRows, validation.rows]).toEqual([60, 20]);
  const epochs = events.filter((event) => event.type === 'epoch');
  expect(epochs).toHaveLength(12);
  expect(epochs[bestEpoch - 1]!.regret).toBe(Math.min(...epochs.map(({ regret }) => regret)));
  expect(epochs.filter(({ isBest }) => isBest).at(-1)!.epoch).toBe(bestEpoch);
  expect(events.filter(({ type }) => type === 'losses').length).toBeGreaterThan(0);

  await expect(train({ output })).rejects.toThrow('already holds a selector: overwrite it');
  events.length = 0;
  await train({ output, validation: 0.25, overwrite: true, onEvent });
  expect(events.map(({ type }) => type)).toEqual(Array(12).fill('epoch'));
});

it('generates from the prompt of the chosen candidate, with its adapter', async () => {
  const adapter = join(root, 'adapter');
  const learner = await promptTuning.createLearner({
    model,
    tokenizer,
    config: { numVirtualTokens: 3 },
    seed: 6,
  });
  await savable(learner).save(adapter);
  const output = join(root, 'learned');
  const candidates = toyCandidates.map((candidate) =>
    candidate.name === 'second' ? { ...candidate, adapter } : candidate,
  );
  await train({ output, candidates });
  const selector = await loadSelector(output, { model, tokenizer });
  const generator = createSelectiveGenerator({ selector, model, tokenizer });
  const inputs = ['xyxyz', 'abab', 'yyzyxx'];
  const rows = inputs.map((text) => ({ text }));
  const chosen = await generator.choose(rows);
  expect(chosen.map(({ candidate, prompt }) => [candidate.name, prompt])).toEqual([
    ['second', '>xyxyz'],
    ['first', 'abab'],
    ['second', '>yyzyxx'],
  ]);
  await rename(adapter, `${adapter} away`);
  await expect(generator.generate(chosen, { maxNewTokens: 4 })).rejects.toThrow('there is no such folder');
  await rename(`${adapter} away`, adapter);
  const results = await generator.generate(chosen, { maxNewTokens: 4 });
  const alone = createTextGenerator({ model, tokenizer });
  const learned = createTextGenerator({ model, tokenizer, adapter: await loadAdapter(adapter, model) });
  const [first] = await alone.generate(['abab'], { maxNewTokens: 4 });
  const others = await learned.generate(['>xyxyz', '>yyzyxx'], { maxNewTokens: 4 });
  expect(results.map(({ text }) => text)).toEqual([others[0]!.text, first!.text, others[1]!.text]);
  await expect(generator.choose([{ other: 'a' }])).rejects.toThrow(
    'row 1: there is no field "text"; the fields are other.',
  );
  for (const used of [generator, alone, learned, selector]) await used.dispose();
});

it.each([
  ['one candidate', { candidates: toyCandidates.slice(0, 1) }, 'at least two candidates'],
  [
    'a name twice',
    { candidates: [toyCandidates[0]!, toyCandidates[0]!] },
    'another candidate has the name "first" already',
  ],
  [
    'a task without an adapter',
    { candidates: [...toyCandidates, { name: 'x', task: 1 }] },
    'candidates.*task: it needs an adapter',
  ],
  ['a temperature of 0', { temperature: 0 }, 'temperature: '],
  [
    'no field that is the input',
    { data: [{ a: 'b' }] },
    'inputField: expected the name of the input field; the fields are a',
  ],
  ['a field that is not there', { inputField: 'txt' }, 'there is no field "txt"'],
])('refuses %s', async (_, options, message) => {
  await expect(train({ output: join(root, 'refused'), ...options })).rejects.toThrow(new RegExp(message));
});

it('refuses a folder of something else', async () => {
  const output = join(root, 'occupied');
  await cp(join(root, 'linear'), output, { recursive: true });
  await writeFile(join(output, 'thesis.txt'), '');
  await expect(train({ output, overwrite: true })).rejects.toThrow(
    'not a selector\'s folder (it holds "thesis.txt")',
  );
});

describe('a folder that is not what it should be', () => {
  let folder: string;
  const load = () => loadSelector(folder, { model, tokenizer });
  const damaged = async (name: string, damage: (path: string) => Promise<void>) => {
    folder = join(root, `damaged-${name}`);
    await cp(join(root, 'linear'), folder, { recursive: true });
    await damage(folder);
  };
  const editJson = async (edit: (json: Record<string, unknown>) => void) => {
    const path = join(folder, 'selector.json');
    const json = JSON.parse(await readFile(path, 'utf8'));
    edit(json);
    await writeFile(path, JSON.stringify(json));
  };

  it('is not there', async () => {
    folder = join(root, 'nowhere');
    await expect(load()).rejects.toThrow('there is no such folder; expected the path of a selector folder');
  });

  it('has no selector.json yet', async () => {
    await damaged('unfinished', () => rm(join(folder, 'selector.json')));
    await expect(load()).rejects.toThrow('so training was interrupted');
  });

  it('has broken JSON, or a wrong value', async () => {
    await damaged('json', () => writeFile(join(folder, 'selector.json'), '{"selector": '));
    await expect(load()).rejects.toThrow(/selector\.json \(line 1, column 14\): it is not valid JSON/);
    await damaged('value', () => editJson((json) => Object.assign(json, { selector: 'oracle' })));
    await expect(load()).rejects.toThrow(/selector\.json \(selector\)/);
  });

  it('has weights that are cut short, missing, of other sizes, or not numbers', async () => {
    await damaged('cut', () => truncate(join(folder, 'selector.safetensors'), 100));
    await expect(load()).rejects.toThrow(/selector\.safetensors/);
    await damaged('gone', () => rm(join(folder, 'selector.safetensors')));
    await expect(load()).rejects.toThrow(/selector\.safetensors: it cannot be read: there is no such file/);
    await damaged('sizes', () => editJson((json) => (json.candidates as unknown[]).pop()));
    await expect(load()).rejects.toThrow(/\(out\.weight\): expected \[2, 64\], it is \[3, 64\]/);
    const nan = new Map([
      ['out.weight', float32Tensor([3, 64])],
      ['out.bias', float32Tensor([3], [0, Number.NaN, 0])],
      ['pooled.mean', float32Tensor([64])],
      ['pooled.deviation', float32Tensor([64])],
    ]);
    await damaged('nan', () => writeSafetensors(join(folder, 'selector.safetensors'), nan));
    await expect(load()).rejects.toThrow(/\(out\.bias\): the tensor holds NaN or Infinity/);
  });

  it('was trained for another model', async () => {
    await damaged('model', () =>
      editJson((json) => Object.assign(json.model as object, { name: 'gpt2', hiddenSize: 768 })),
    );
    await expect(load()).rejects.toThrow(
      /\(model\.hiddenSize\): it was trained on the states of gpt2, with hiddenSize 768, but tiny-gpt2 has 32/,
    );
  });
});
