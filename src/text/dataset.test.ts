import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { byteTokenizer } from '../../test/support/byte-tokenizer.js';
import { FileError, PromptuneError } from '../errors.js';
import { type Dataset, datasetOf, joinDatasets, openDataset, subsetOf } from './dataset.js';
import { splitDataset } from './split.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'promptune-dataset-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function write(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function all(dataset: Dataset) {
  const examples = [];
  for (let i = 0; i < dataset.length; i++) {
    const { inputIds, lossMask } = await dataset.get(i);
    expect(inputIds).toHaveLength(dataset.tokenCounts[i]!);
    expect(lossMask.reduce((sum, flag) => sum + flag, 0)).toBe(dataset.labelCounts[i]);
    examples.push([Array.from(inputIds), Array.from(lossMask)]);
  }
  return examples;
}

const textOf = async (dataset: Dataset, i: number) => byteTokenizer.decode((await dataset.get(i)).inputIds);

describe('openDataset', () => {
  it('encodes the records of a file', async () => {
    const path = await write('a.csv', 'mr,ref\na,bc\n"d\ne",f\n');
    const progress: unknown[] = [];
    const dataset = await openDataset({
      data: path,
      tokenizer: byteTokenizer,
      template: '{mr}>',
      completionTemplate: '{ref}',
      onProgress: (step) => progress.push(step),
    });
    expect(await all(dataset)).toEqual([
      [
        [97, 62, 98, 99, 256],
        [0, 0, 1, 1, 1],
      ],
      [
        [100, 10, 101, 62, 102, 256],
        [0, 0, 0, 0, 1, 1],
      ],
    ]);
    expect(dataset.summary).toEqual({ examples: 2, truncated: 0, dropped: 0, tokens: 11, labelTokens: 5 });
    expect(progress).toEqual([{ done: 2, total: 2 }]);
    await dataset.dispose();
    await expect(dataset.get(0)).rejects.toThrow(PromptuneError);
  });

  it('counts truncated and dropped examples', async () => {
    const records = ['abcdef', 'ab', 'abc'].map((text) => ({ text }));
    const cut = await openDataset({ data: records, tokenizer: byteTokenizer, maxLength: 4 });
    expect(cut.summary).toEqual({ examples: 3, truncated: 1, dropped: 0, tokens: 11, labelTokens: 11 });
    const dropped = await openDataset({
      data: records,
      tokenizer: byteTokenizer,
      maxLength: 4,
      truncation: 'drop',
    });
    expect(dropped.summary).toMatchObject({ examples: 2, truncated: 0, dropped: 1 });
    expect([await textOf(dropped, 0), await textOf(dropped, 1)]).toEqual(['ab', 'abc']);
  });

  it('gives the same from memory and from its temporary file, in any order, and leaves nothing behind', async () => {
    const records = Array.from({ length: 500 }, (_, i) => ({ text: `${i} `.repeat(1 + (i % 17)) }));
    const temporaryFiles = async () =>
      (await readdir(tmpdir())).filter((name) => name.startsWith('promptune-tokens-'));
    const before = await temporaryFiles();
    const inMemory = await openDataset({ data: records, tokenizer: byteTokenizer });
    for (const memoryLimit of [0, 100, 4000]) {
      const spilled = await openDataset({ data: records, tokenizer: byteTokenizer, memoryLimit });
      expect(await temporaryFiles()).toEqual(before);
      expect(await all(spilled)).toEqual(await all(inMemory));
      expect(await textOf(spilled, 499)).toBe(records[499]!.text);
      expect(await textOf(spilled, 0)).toBe(records[0]!.text);
      await spilled.dispose();
    }
  });

  it('names the place of a fault', async () => {
    const path = await write(
      'wrong.jsonl',
      '{"prompt": "a", "completion": "b"}\n{"prompt": "a", "completion": "bcdef"}',
    );
    const opening = openDataset({ data: path, tokenizer: byteTokenizer, maxLength: 4 });
    await expect(opening).rejects.toThrow(FileError);
    await expect(opening).rejects.toThrow(
      'wrong.jsonl (line 2): the completion has 6 tokens, and at most 4 fit',
    );
    const records = [{ text: 'a' }, { text: '' }];
    await expect(openDataset({ data: records, tokenizer: byteTokenizer })).rejects.toThrow(
      'row 2: the text is empty',
    );
    await expect(openDataset({ data: [], tokenizer: byteTokenizer })).rejects.toThrow(
      'the data set is empty',
    );
  });

  it('refuses data without a usable example', async () => {
    const path = await write('long.txt', 'abc\ndef\n');
    const opening = openDataset({ data: path, tokenizer: byteTokenizer, maxLength: 2, truncation: 'drop' });
    await expect(opening).rejects.toThrow('long.txt: every example was dropped');
  });

  it('stops when aborted', async () => {
    const records = Array.from({ length: 1000 }, () => ({ text: 'a' }));
    const controller = new AbortController();
    const onProgress = () => controller.abort(new Error('enough'));
    const { signal } = controller;
    await expect(
      openDataset({ data: records, tokenizer: byteTokenizer, onProgress, signal }),
    ).rejects.toThrow('enough');
  });
});

describe('joinDatasets', () => {
  const example = (...ids: number[]) => ({
    inputIds: Int32Array.from(ids),
    lossMask: Uint8Array.from(ids, (id) => id % 2),
  });
  const parts = [
    datasetOf([example(1, 2), example(3)]),
    datasetOf([]),
    datasetOf([example(5, 7, 8)]),
    datasetOf([example(9), example(10, 11), example(13)]),
  ];

  it('puts one after the other', async () => {
    const joined = joinDatasets(parts);
    expect(joined.length).toBe(6);
    expect(await all(joined)).toEqual((await Promise.all(parts.map(all))).flat());
    expect([...joined.tokenCounts]).toEqual([2, 1, 3, 1, 2, 1]);
    expect([...joined.labelCounts]).toEqual([1, 1, 2, 1, 1, 1]);
    expect((await joined.get(2)).inputIds).toBe((await parts[2]!.get(0)).inputIds); // no copy
  });

  it('has no example beyond its ends', async () => {
    const joined = joinDatasets(parts);
    for (const index of [-1, 6, 1.5]) await expect(joined.get(index)).rejects.toThrow(RangeError);
    await expect(joined.get(6)).rejects.toThrow('example 6 does not exist, expected 0 to 5');
  });

  it('returns a single data set itself, and an empty one for none', async () => {
    expect(joinDatasets([parts[0]!])).toBe(parts[0]);
    expect(joinDatasets([])).toMatchObject({ length: 0 });
  });

  it('leaves its parts open', async () => {
    const records = [{ text: 'ab' }];
    const opened = await openDataset({ data: records, tokenizer: byteTokenizer });
    const joined = joinDatasets([parts[0]!, opened]);
    await joined.dispose();
    expect(await textOf(opened, 0)).toBe('ab');
    await opened.dispose();
  });
});

describe('splitDataset', () => {
  const dataset = datasetOf(
    Array.from({ length: 20 }, (_, i) => ({
      inputIds: Int32Array.of(i, i),
      lossMask: Uint8Array.of(0, i % 2),
    })),
  );
  const ids = async (part: Dataset) => (await all(part)).map(([inputIds]) => inputIds![0]!);

  it('puts every example on one side, in order, the same for the same seed', async () => {
    const { train, validation } = splitDataset(dataset, { validation: 0.25, seed: 3 });
    expect([train.length, validation.length]).toEqual([15, 5]);
    const [trainIds, validationIds] = [await ids(train), await ids(validation)];
    const ascending = (a: number, b: number) => a - b;
    expect([...trainIds, ...validationIds].sort(ascending)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(trainIds).toEqual(trainIds.toSorted(ascending));
    expect(await ids(splitDataset(dataset, { validation: 5, seed: 3 }).validation)).toEqual(validationIds);
    expect(await ids(splitDataset(dataset, { validation: 5, seed: 4 }).validation)).not.toEqual(
      validationIds,
    );
    expect(Array.from(validation.labelCounts)).toEqual(validationIds.map((id) => id % 2));
  });

  it('refuses to leave a side empty', () => {
    const alone = subsetOf(dataset, [0]);
    expect(() => splitDataset(alone, { validation: 1, seed: 0 })).toThrow('there is one example');
    for (const validation of [0, -1, 20, 2.5, Number.NaN]) {
      expect(() => splitDataset(dataset, { validation, seed: 0 })).toThrow(
        `validation is ${validation} of 20 examples`,
      );
    }
    expect(splitDataset(dataset, { validation: 0.001, seed: 0 }).validation).toHaveLength(1);
  });

  it('refuses examples that do not exist', async () => {
    await expect(dataset.get(20)).rejects.toThrow(RangeError);
    await expect(subsetOf(dataset, [1, 2]).get(2)).rejects.toThrow(
      'example 2 does not exist, expected 0 to 1',
    );
  });
});
