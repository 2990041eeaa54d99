import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { FileError } from '../errors.js';
import { useTemporaryFolder } from '../formats/temporary-folder.fixture.js';
import { readTexts, type TextsOptions } from './texts.js';

const inFolder = useTemporaryFolder();

async function write(name: string, content: string): Promise<string> {
  await writeFile(inFolder(name), content);
  return inFolder(name);
}

async function all(options: TextsOptions): Promise<string[]> {
  const texts: string[] = [];
  for await (const text of readTexts(options)) texts.push(text);
  return texts;
}

describe('readTexts', () => {
  it('gives the texts of several files of different shapes, in order', async () => {
    const data = [
      await write('a.txt', 'one\n两个\n'),
      await write('b.jsonl', '{"prompt": "3 ", "completion": "three"}\n{"prompt": "", "completion": "x"}\n'),
      await write('c.csv', 'text,label\n"four, 4",y\n'),
    ];
    expect(await all({ data })).toEqual(['one', '两个', '3 three', 'x', 'four, 4\nLabel: y']);
  });

  it('follows templates', async () => {
    const data = [await write('a.tsv', 'en\tzh\ncat\t猫\ndog\t狗\n')];
    const template = '{en} = {zh}';
    expect(await all({ data, template })).toEqual(['cat = 猫', 'dog = 狗']);
    expect(await all({ data, template: '{en}:', completionTemplate: ' {zh}' })).toEqual([
      'cat: 猫',
      'dog: 狗',
    ]);
  });

  it('names the place of a fault, after the texts before it', async () => {
    const data = [await write('a.jsonl', '{"text": "good"}\n{"text": 1}\n{"texts": "no"}\n')];
    const seen: string[] = [];
    const reading = (async () => {
      for await (const text of readTexts({ data })) seen.push(text);
    })();
    await expect(reading).rejects.toThrow(FileError);
    await expect(reading).rejects.toThrow('a.jsonl (line 3): there is no field "text"');
    expect(seen).toEqual(['good', '1']);
    await expect(all({ data: [inFolder('none.txt')] })).rejects.toThrow('there is no such file');
  });

  it('stops when aborted, and can be stopped early', async () => {
    const data = [await write('a.txt', 'one\ntwo\n')];
    await expect(all({ data, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    for await (const text of readTexts({ data })) {
      expect(text).toBe('one');
      break;
    }
  });
});
