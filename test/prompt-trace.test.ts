/** @file The trace of a learned prompt: what is kept of its vectors while it learns. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { promptVectors } from '../src/adapters/prompt-vectors.js';
import { type ConfigTrainingOptions, type TrainingEvent, trainFromConfig } from '../src/index.js';
import { runFolderBytes } from '../src/runs/folder-bytes.fixture.js';
import { promptHistory } from '../src/runs/prompt-history.js';
import { readTrace } from '../src/runs/prompt-trace.js';
import { useWarmRuntime } from './support/warm-runtime.js';
import { useWorkplace } from './support/workplace.js';

useWarmRuntime();

const place = useWorkplace();

const train = (name: string, options: Partial<ConfigTrainingOptions> = {}) =>
  trainFromConfig({
    ...{ ...place.pretrained, data: [{ prompt: 'a: ', completion: 'bcd' }], output: join(place.root, name) },
    ...{ maxSteps: 5, saveEvery: 2, learningRate: 0.5, threads: 1 },
    ...{ methodOptions: { numVirtualTokens: 3 }, traceEvery: 2 },
    ...options,
  });

it.each(['prompt-tuning', 'p-tuning'] as const)('keeps the vectors of %s as they moved', async (method) => {
  const { adapter } = await train(method, { method });
  const trace = await readTrace(join(place.root, method));
  expect(trace.map(({ step }) => step)).toEqual([0, 2, 4, 5]);
  expect(trace.at(-1)!.vectors).toEqual(promptVectors(await adapter.content(), place.pretrained.model));
  expect(trace[1]!.vectors.data).not.toEqual(trace[0]!.vectors.data);
  const { earlier } = await promptHistory(join(place.root, method), 5, place.pretrained);
  expect(earlier).toEqual(trace.slice(0, 3));
});

it('learns the same as without, which has its start and its checkpoints alone', async () => {
  await train('traced');
  await train('plain', { traceEvery: undefined });
  const [traced, plain] = [join(place.root, 'traced'), join(place.root, 'plain')];
  const [whole, without] = [await runFolderBytes(traced), await runFolderBytes(plain)];
  expect(whole['adapter/adapter_model.safetensors']).toBe(without['adapter/adapter_model.safetensors']);
  const { earlier } = await promptHistory(plain, 5, place.pretrained);
  expect(earlier.map(({ step }) => step)).toEqual([0, 4]);
  expect(earlier).toEqual((await readTrace(traced)).filter(({ step }) => step === 0 || step === 4));
});

it('ends with the same bytes when it is stopped and resumed, and begins anew when overwritten', async () => {
  await train('whole');
  const controller = new AbortController();
  const onEvent = (event: TrainingEvent) => event.type === 'step' && event.step === 3 && controller.abort();
  await train('halves', { signal: controller.signal, onEvent });
  const halves = join(place.root, 'halves');
  expect((await readTrace(halves)).map(({ step }) => step)).toEqual([0, 2]);
  await train('halves', { resume: true });
  const [one, two] = [await runFolderBytes(join(place.root, 'whole')), await runFolderBytes(halves)];
  const ofTrace = (bytes: typeof one) => Object.entries(bytes).filter(([name]) => name.startsWith('trace/'));
  expect(ofTrace(two)).toEqual(ofTrace(one));
  expect(ofTrace(two)).toHaveLength(4);
  await train('halves', { overwrite: true, traceEvery: undefined });
  expect(await readdir(halves)).not.toContain('trace');
});

it('keeps nothing where no vectors are learned, and needs a folder', async () => {
  await train('lora', { method: 'lora', methodOptions: { targetModules: 'all-linear' } });
  expect(await readdir(join(place.root, 'lora'))).not.toContain('trace');
  await expect(train('none', { output: undefined })).rejects.toThrow('traceEvery: requires output');
});
