import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  type ConfigTrainingOptions,
  createTextGenerator,
  type TrainingEvent,
  trainFromConfig,
} from '../src/index.js';
import { runFolderBytes } from '../src/runs/folder-bytes.fixture.js';
import { readSamples } from '../src/runs/samples.js';
import { useWarmRuntime } from './support/warm-runtime.js';
import { useWorkplace } from './support/workplace.js';

useWarmRuntime();

const place = useWorkplace();

const rows = [
  { prompt: 'a: ', completion: 'bcd' },
  { prompt: 'b: ', completion: 'cde' },
];
const samplePrompts = ['a: ', 'c: '];

async function train(options: Partial<ConfigTrainingOptions> = {}) {
  const events: TrainingEvent[] = [];
  const result = await trainFromConfig({
    ...{ ...place.pretrained, data: rows, maxSteps: 5, saveEvery: 2, learningRate: 0.5, threads: 1 },
    ...{ methodOptions: { numVirtualTokens: 3 }, samplePrompts, sampleEvery: 2 },
    ...options,
    onEvent(event) {
      events.push(event);
      options.onEvent?.(event);
    },
  });
  return { ...result, samples: events.filter((event) => event.type === 'sample') };
}

it('continues prompts at the start, every so many steps and at the end, as the adapter then would', async () => {
  const methodOptions = { targetModules: 'all-linear' };
  const { samples, adapter } = await train({ method: 'lora', methodOptions, learningRate: 0.1 });
  expect(samples.map(({ step }) => step)).toEqual([0, 2, 4, 5]);
  await using generator = createTextGenerator({ ...place.pretrained, adapter });
  const texts = await generator.generate(samplePrompts, { maxNewTokens: 64 });
  const expected = texts.map(({ text }, i) => ({ prompt: samplePrompts[i], text }));
  expect(samples.at(-1)!.samples).toEqual(expected);
  expect(samples[0]!.samples).not.toEqual(expected);
});

it('learns the same as without, and a resumed run has the same samples', async () => {
  const output = join(place.root, 'whole');
  const { samples } = await train({ output });
  const plain = join(place.root, 'plain');
  await train({ output: plain, samplePrompts: undefined, sampleEvery: undefined });
  const [whole, without] = [await runFolderBytes(output), await runFolderBytes(plain)];
  expect(whole['adapter/adapter_model.safetensors']).toBe(without['adapter/adapter_model.safetensors']);

  const stopped = join(place.root, 'stopped');
  const controller = new AbortController();
  const onEvent = (event: TrainingEvent) => event.type === 'step' && event.step === 3 && controller.abort();
  await train({ output: stopped, signal: controller.signal, onEvent });
  expect((await readSamples(stopped)).map(({ step }) => step)).toEqual([0, 2]);
  const resumed = await train({ output: stopped, resume: true });
  expect(resumed.samples).toEqual(samples.slice(2));
  expect((await runFolderBytes(stopped))['samples.jsonl']).toBe(whole['samples.jsonl']);
});

it.each<[string, Partial<ConfigTrainingOptions>, string]>([
  [
    'a head',
    { taskType: 'sequence-classification', labels: ['x', 'y'] },
    'samplePrompts: a head labels texts',
  ],
  [
    'prompts without the fields of the template',
    {
      template: '{a} {prompt}',
      completionTemplate: '{completion}',
      data: rows.map((row) => ({ ...row, a: 'x' })),
    },
    'samplePrompts: "a: ": the adapter\'s template is "{a} {prompt}": expected a prompt with the fields a, prompt',
  ],
  ['no prompts', { samplePrompts: undefined }, 'sampleEvery: requires samplePrompts'],
])('refuses %s', async (_, options, message) => {
  await expect(train(options)).rejects.toThrow(message);
});
