/** @file The words around fields are in the language of the data, and a run, its adapter and its users agree on it. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  type ConfigTrainingOptions,
  createPromptClassifier,
  evaluate,
  loadAdapter,
  type TrainingEvent,
  trainFromConfig,
} from '../src/index.js';
import { runFolderBytes } from '../src/runs/folder-bytes.fixture.js';
import { openDataset } from '../src/text/dataset.js';
import { useWarmRuntime } from './support/warm-runtime.js';
import { useWorkplace } from './support/workplace.js';

useWarmRuntime();

const place = useWorkplace();

// The first answer alone would mislead.
const rows = ['NBA', '好评', '差评', '好评'].map((label, i) => ({ text: `房间${'很'.repeat(i)}大`, label }));

const run = (output: string, more: Partial<ConfigTrainingOptions> = {}) =>
  trainFromConfig({
    ...{ ...place.pretrained, method: 'prompt-tuning', data: rows, output: join(place.root, output) },
    ...{ methodOptions: { numVirtualTokens: 2 }, validation: rows.slice(0, 1), batchSize: 2, saveEvery: 1 },
    ...{ maxSteps: 3, schedule: { name: 'constant' }, threads: 1 },
    ...more,
  });

const stopped = async (output: string, more: Partial<ConfigTrainingOptions> = {}) => {
  const stop = new AbortController();
  const onEvent = (event: TrainingEvent) => event.type === 'step' && stop.abort();
  await run(output, { ...more, signal: stop.signal, onEvent });
};

const notedIn = async (adapter: string) =>
  JSON.parse(await readFile(join(place.root, adapter, 'adapter/promptune.json'), 'utf8'));

it('most rows decide, and a resumed run leaves the bytes of one that went through', async () => {
  const dataset = await openDataset({ data: rows, tokenizer: place.pretrained.tokenizer });
  expect(dataset).toMatchObject({
    layoutLanguage: 'zh',
    prompts: { promptTemplate: '{text}\n标签：' },
    shape: 'labeled texts: text → label, in Chinese',
  });
  await dataset.dispose();

  await run('whole');
  await stopped('stopped');
  await run('stopped', { resume: true });
  expect(await runFolderBytes(join(place.root, 'stopped'))).toEqual(
    await runFolderBytes(join(place.root, 'whole')),
  );
  const config = await readFile(join(place.root, 'whole/config.yaml'), 'utf8');
  expect(config).toContain('layoutLanguage: zh\n');
  expect((await notedIn('whole')).usage).toEqual({
    promptTemplate: '{text}\n标签：',
    reading: { layoutLanguage: 'zh' },
  });
});

it('a run that notes no language goes on in English', async () => {
  await run('english', { layoutLanguage: 'en' });
  await stopped('earlier', { layoutLanguage: 'en' });
  const path = join(place.root, 'earlier/config.yaml');
  const config = await readFile(path, 'utf8');
  expect(config).toContain('layoutLanguage: en\n');
  await writeFile(path, config.replace('layoutLanguage: en\n', ''));

  const warnings: string[] = [];
  const onEvent = (event: TrainingEvent) => event.type === 'warning' && warnings.push(event.message);
  await run('earlier', { resume: true, onEvent });
  expect(warnings.filter((message) => message.includes('layoutLanguage'))).toEqual([]);
  const [resumed, whole] = [join(place.root, 'earlier/adapter'), join(place.root, 'english/adapter')];
  expect(await readFile(join(resumed, 'adapter_model.safetensors'))).toEqual(
    await readFile(join(whole, 'adapter_model.safetensors')),
  );
});

it('an adapter keeps its language, and one that notes none has English', async () => {
  const own = join(place.root, 'whole/adapter'); // of the first test
  const promptOf = async (options: Pick<ConfigTrainingOptions, 'layoutLanguage'> = {}) => {
    const adapter = await loadAdapter(own, place.pretrained.model);
    const english = [{ text: 'a room', label: 'good' }];
    const { rows } = await evaluate({
      ...{
        ...place.pretrained,
        adapter,
        data: english,
        metrics: ['exact-match'],
        generation: { maxNewTokens: 1 },
      },
      ...options,
    });
    return rows[0]!.prompt;
  };
  expect(await promptOf()).toBe('a room\n标签：');
  expect(await promptOf({ layoutLanguage: 'en' })).toBe('a room\nLabel:');

  const file = join(own, 'promptune.json');
  const { usage, ...others } = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(file, JSON.stringify({ ...others, usage: { ...usage, reading: {} } }));
  expect(await promptOf()).toBe('a room\nLabel:');
  await writeFile(file, JSON.stringify(others));
  expect(await promptOf()).toBe('a room\nLabel:');
});

it('words of labels decide, or else the texts', async () => {
  const tokensFor = async (verbalizer: Record<string, string>, text: string) => {
    await using classifier = createPromptClassifier({ ...place.pretrained, verbalizer });
    const [count] = await classifier.countTokens([{ text, label: Object.keys(verbalizer)[0]! }]);
    return count;
  };
  const { tokenizer } = place.pretrained;
  const length = (text: string) => tokenizer.encode(text).length;
  expect(await tokensFor({ 1: '好', 0: '差' }, 'a room')).toBe(length('a room\n标签：'));
  expect(await tokensFor({ 1: 'good', 0: 'bad' }, '房间')).toBe(length('房间\nLabel:'));
  expect(await tokensFor({ 1: '1', 0: '0' }, '房间')).toBe(length('房间\n标签：'));
});
