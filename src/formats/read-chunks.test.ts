import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fileSystem, type OpenFile } from '#platform';
import { readChunks } from './read-chunks.js';

let folder: string;
let file: OpenFile;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'promptune-chunks-'));
  await writeFile(join(folder, 'digits'), '0123456789');
  file = await fileSystem.open(join(folder, 'digits'), 'read');
});

afterAll(async () => {
  await file.close();
  await rm(folder, { recursive: true, force: true });
});

const chunks = async (chunkBytes?: number) => {
  const texts: string[] = [];
  for await (const chunk of readChunks(file, { chunkBytes })) texts.push(new TextDecoder().decode(chunk));
  return texts;
};

it('reads all bytes in order, the last chunk with the rest', async () => {
  expect(await chunks(4)).toEqual(['0123', '4567', '89']);
  expect(await chunks(5)).toEqual(['01234', '56789']);
  expect(await chunks()).toEqual(['0123456789']);
});

it('stops when the signal is aborted', async () => {
  const abort = new AbortController();
  const reading = readChunks(file, { chunkBytes: 4, signal: abort.signal });
  await reading.next();
  abort.abort(new Error('enough'));
  await expect(reading.next()).rejects.toThrow('enough');
});
