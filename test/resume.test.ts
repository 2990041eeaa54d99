/**
 * @file Every method: a run that was stopped and goes on leaves the bytes of one that went through. Killed ones:
 * test/cli/resume.test.ts.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import {
  type ConfigTrainingOptions,
  fromPretrained,
  methods,
  type Pretrained,
  type RunConfig,
  type TrainingEvent,
  trainFromConfig,
} from '../src/index.js';
import { runFolderBytes } from '../src/runs/folder-bytes.fixture.js';
import { useWarmRuntime } from './support/warm-runtime.js';
import { useWorkplace } from './support/workplace.js';

useWarmRuntime();

const place = useWorkplace();
/** A model of more than one layer. */
let deeper: Pretrained;
beforeAll(async () => {
  const rows = ['cat', 'dog', '猫', '狗'].map((prompt, i) => ({
    prompt,
    completion: ` ${prompt}s`,
    label: i % 2,
  }));
  deeper = await fromPretrained('promptune-mini');
  await writeFile(join(place.root, 'rows.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
  await writeFile(join(place.root, 'few.jsonl'), JSON.stringify(rows[0]));
});

/** What a method cannot do without. */
const needed = (method: string): Partial<RunConfig> => {
  if (method === 'cpt') return { methodOptions: { examplesFile: join(place.root, 'few.jsonl') } };
  return method === 'head-alone' ? { taskType: 'sequence-classification' } : {};
};

it.each(methods.map(({ name }) => name))('%s', async (method) => {
  const run = (output: string, maxSteps: number, resume = false) =>
    trainFromConfig({
      ...(method.startsWith('late-') ? deeper : place.pretrained),
      ...needed(method),
      method,
      data: join(place.root, 'rows.jsonl'),
      batchSize: 2,
      schedule: { name: 'constant' },
      saveEvery: 1,
      threads: 1,
      maxSteps,
      output: join(place.root, output),
      resume,
    });
  await run(`${method}-whole`, 3);
  await run(`${method}-stopped`, 2);
  await run(`${method}-stopped`, 3, true);
  const [whole, stopped] = [join(place.root, `${method}-whole`), join(place.root, `${method}-stopped`)];
  expect(await runFolderBytes(stopped)).toEqual(await runFolderBytes(whole));
});

it('a run of an earlier version goes on with its own settings where none are given', async () => {
  const began = {
    learningRate: 3e-4,
    epochs: 2,
    schedule: { name: 'linear', warmupRatio: 0 },
    validation: 0,
  } as const;
  const run = (output: string, more: Partial<ConfigTrainingOptions>) =>
    trainFromConfig({
      ...place.pretrained,
      method: 'lora',
      data: join(place.root, 'rows.jsonl'),
      batchSize: 2,
      threads: 1,
      output: join(place.root, output),
      ...more,
    });
  const whole = await run('earlier-whole', began);
  const stop = new AbortController();
  const onFirstStep = (event: TrainingEvent) => event.type === 'step' && stop.abort();
  await run('earlier', { ...began, signal: stop.signal, onEvent: onFirstStep });
  const path = join(place.root, 'earlier/config.yaml');
  const config = (await readFile(path, 'utf8')).replace(/^(validation|earlyStoppingPatience): .*\n/gm, '');
  await writeFile(path, config);

  const warnings: string[] = [];
  const onEvent = (event: TrainingEvent) => event.type === 'warning' && warnings.push(event.message);
  const resumed = await run('earlier', { resume: true, onEvent });
  expect(warnings).toEqual([]);
  expect(resumed.step).toBe(whole.step);
  expect(await resumed.adapter.files()).toEqual(await whole.adapter.files());
});
