/** @file What a plan says of the time of a run. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { resolveRunConfig } from '../src/runs/run-config.js';
import { planTrainJob } from '../src/workspace/index.js';
import { useWarmRuntime } from './support/warm-runtime.js';

useWarmRuntime();
let folder: string;
const rows = {
  pairs: Array.from({ length: 6 }, (_, i) => ({ prompt: `${i} and`, completion: ` ${i + 1}` })),
  preferences: Array.from({ length: 6 }, (_, i) => ({
    prompt: `${i} and`,
    chosen: ` ${i}`,
    rejected: ' no',
  })),
  labels: Array.from({ length: 6 }, (_, i) => ({ text: `${i} and`, label: i % 2 ? 'odd' : 'even' })),
};
const file = (name: keyof typeof rows) => join(folder, `${name}.jsonl`);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'promptune-plan-'));
  for (const [name, list] of Object.entries(rows))
    await writeFile(file(name as keyof typeof rows), list.map((row) => `${JSON.stringify(row)}\n`).join(''));
});
afterAll(() => rm(folder, { recursive: true }));

const plan = (data: string, settings: object = {}, measures = true) =>
  planTrainJob(
    {
      model: 'promptune-mini',
      config: resolveRunConfig({ data, maxSteps: 1000, validation: 2, ...settings }),
    },
    { measures },
  );

it.each([
  ['a soft prompt', 'pairs', {}],
  ['pairs of answers', 'preferences', { loss: 'dpo' }],
  ['states that are kept', 'labels', { method: 'head-alone', taskType: 'sequence-classification' }],
] as const)('is said with %s', async (_, name, settings) => {
  const { summary } = await plan(file(name), settings);
  expect(summary.estimatedSeconds).toBeGreaterThan(0);
});

it('is missing where nobody asks, and where a step would not fit the memory', async () => {
  expect((await plan(file('pairs'), {}, false)).summary.estimatedSeconds).toBeUndefined();
  const memory = vi.spyOn(process, 'constrainedMemory').mockReturnValue(1e6);
  try {
    expect((await plan(file('pairs'))).summary.estimatedSeconds).toBeUndefined();
  } finally {
    memory.mockRestore();
  }
});
