/** @file Learning from preferences: rows with a chosen and a rejected answer. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { trainAdapter } from '../src/index.js';
import { runFolderBytes } from '../src/runs/folder-bytes.fixture.js';
import { openDataset } from '../src/text/dataset.js';
import { openPairs } from '../src/text/pairs.js';
import { useWarmRuntime } from './support/warm-runtime.js';
import { useWorkplace } from './support/workplace.js';

useWarmRuntime();

const place = useWorkplace();

const rows = ['cat', 'dog', '猫'].map((prompt, i) => ({
  prompt: `${prompt}: `,
  chosen: 'a'.repeat(2 + i),
  rejected: 'zqz',
}));
const settings = {
  data: rows,
  validation: rows,
  threads: 1,
  batchSize: 2,
  schedule: { name: 'constant' },
} as const;

describe('openPairs', () => {
  it('gives the chosen answer behind its prompt, with the rejected one behind the same', async () => {
    const { tokenizer } = place.pretrained;
    await using pairs = await openPairs({ data: rows, tokenizer, appendEos: false });
    const { rejected, ...chosen } = await pairs.get(1);
    expect(tokenizer.decode([...chosen.inputIds])).toBe('dog: aaa');
    expect(tokenizer.decode([...rejected!.inputIds])).toBe('dog: zqz');
    expect(pairs.tokenCounts[1]).toBe(Math.max(chosen.inputIds.length, rejected!.inputIds.length));
    expect(pairs.notes).toEqual([]);
    expect(pairs.shape).toBe('prompt → chosen, preferred to rejected');
  });

  it('is what rejected answers need: without it, a note says so', async () => {
    await using plain = await openDataset({ data: rows, tokenizer: place.pretrained.tokenizer });
    expect(plain.notes).toEqual([
      'unused fields: rejected',
      'rejected answers teach something with the loss dpo or orpo alone',
    ]);
  });

  it('refuses a record with one answer, by its place', async () => {
    const data = [...rows, { prompt: 'x', chosen: 'y' }];
    const opened = openPairs({ data, tokenizer: place.pretrained.tokenizer });
    await expect(opened).rejects.toThrow(
      'there is no rejected answer; a preference needs the fields chosen and',
    );
  });
});

describe.each([
  { loss: 'dpo', share: 0.9 },
  { loss: 'orpo', share: 0.97 },
] as const)('$loss', ({ loss, share }) => {
  it('puts the chosen answers ahead', async () => {
    const found: { loss: number; accuracy?: number }[] = [];
    await trainAdapter({
      ...place.pretrained,
      ...settings,
      loss,
      method: 'lora',
      learningRate: 0.05,
      evalEvery: 1,
      maxSteps: 60,
      onEvent: (event) => event.type === 'validation' && found.push(event),
    });
    expect(found.at(-1)!.loss).toBeLessThan(share * found[0]!.loss);
    expect(found.at(-1)!.accuracy).toBe(1);
  });
});

it('a resumed run takes the margins that its folder keeps, and leaves the same bytes', async () => {
  const run = (name: string, maxSteps: number, resume = false) =>
    trainAdapter({
      ...place.pretrained,
      ...settings,
      loss: 'dpo',
      saveEvery: 1,
      maxSteps,
      output: join(place.root, name),
      resume,
    });
  await run('whole', 3);
  await run('stopped', 2);
  const margins = () => readFile(join(place.root, 'stopped/reference-margins.json'), 'utf8');
  const before = await margins();
  expect(JSON.parse(before)).toMatchObject({ training: rows.map(() => expect.any(Number)) });
  await run('stopped', 3, true);
  expect(await margins()).toBe(before);
  expect(await runFolderBytes(join(place.root, 'stopped'))).toEqual(
    await runFolderBytes(join(place.root, 'whole')),
  );
});

it.each([
  [{ packing: true }, 'packing: pairs of answers cannot be packed into rows'],
  [{ truncation: 'end' }, 'truncation: dpo needs both answers of a pair whole; use prompt'],
  [{ trainOn: 'all' }, 'trainOn: dpo compares answers'],
  [{ loss: 'cross-entropy', beta: 0.1 }, 'beta: requires the loss dpo or orpo'],
] as const)('%o is refused', async (options, message) => {
  const trained = trainAdapter({ ...place.pretrained, ...settings, loss: 'dpo', ...options });
  await expect(trained).rejects.toThrow(message);
});
