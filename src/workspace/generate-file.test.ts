import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { workplace } from '../../test/support/workplace.js';
import { folderStore } from '../distribution/folder-store.js';
import type { Engine } from '../distribution/work.js';
import { createTextGenerator, fromPretrained, type Pretrained } from '../index.js';
import { PieceWorker } from './distribution/pieces.js';
import { type GenerateFileOptions, generateFile } from './generate-file.js';

let cwd: string;
let pretrained: Pretrained;
const worker = new PieceWorker();
let computed = 0;
let dieAfter = Number.POSITIVE_INFINITY;
const engine: Engine = {
  atOnce: 2,
  threads: 1,
  async run(work) {
    if (computed >= dieAfter) throw new Error('killed');
    computed++;
    return worker.run(work);
  },
  async close() {},
};

const prompts = ['a', 'dog', 'the cat', 'x y z', 'a bird'];
beforeAll(async () => {
  cwd = await workplace();
  pretrained = await fromPretrained(join(cwd, 'model'));
  await writeFile(
    join(cwd, 'rows.jsonl'),
    prompts.map((prompt) => JSON.stringify({ prompt, id: 1 })).join('\n'),
  );
});
afterAll(async () => {
  await worker[Symbol.asyncDispose]();
  await rm(cwd, { recursive: true, force: true });
});

const options = (name: string): GenerateFileOptions => ({
  ...pretrained,
  ...{ engine, of: { model: join(cwd, 'model') } },
  ...{ data: join(cwd, 'rows.jsonl'), output: join(cwd, name), batchSize: 2 },
  generation: { maxNewTokens: 4, temperature: 1, seed: 5 },
});
const linesOf = async (name: string) =>
  (await readFile(join(cwd, name), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

it('writes what each row gets alone, in order, and leaves nothing else behind', async () => {
  const done: number[] = [];
  const onProgress = (progress: { done: number }) => done.push(progress.done);
  expect(await generateFile({ ...options('out.jsonl'), onProgress })).toEqual({ rows: 5, generated: 5 });
  expect(done).toEqual([2, 4, 5]);
  const generator = createTextGenerator({ ...pretrained, threads: 1 });
  const alone = await generator.generate(prompts, options('').generation!);
  await generator.dispose();
  expect(await linesOf('out.jsonl')).toEqual(
    prompts.map((prompt, i) => ({ row: i + 1, prompt, ...alone[i] })),
  );
  expect((await readdir(cwd)).filter((name) => name.startsWith('out'))).toEqual(['out.jsonl']);
});

it('goes on where it died, and computes nothing twice', async () => {
  computed = 0;
  dieAfter = 2;
  await expect(generateFile(options('killed.jsonl'))).rejects.toThrow('killed');
  expect(await readdir(cwd)).not.toContain('killed.jsonl');
  dieAfter = Number.POSITIVE_INFINITY;
  expect(await generateFile(options('killed.jsonl'))).toEqual({ rows: 5, generated: 1 });
  expect(computed).toBe(3);
  expect(await linesOf('killed.jsonl')).toEqual(await linesOf('out.jsonl'));
});

it('in shares that meet in a store', async () => {
  const store = folderStore(join(cwd, 'store'));
  const shared = { ...options('shared.jsonl'), store };
  expect(await generateFile({ ...shared, part: { number: 1, of: 2 } })).toEqual({ rows: 3, generated: 3 });
  expect(await generateFile({ ...shared, part: { number: 2, of: 2 } })).toEqual({ rows: 2, generated: 2 });
  expect(await readdir(cwd)).not.toContain('shared.jsonl');
  expect(await generateFile(shared)).toEqual({ rows: 5, generated: 0 });
  expect(await readFile(join(cwd, 'shared.jsonl'))).toEqual(await readFile(join(cwd, 'out.jsonl')));
});

it('by a template; a prompt that is too long is told with its line', async () => {
  await mkdir(join(cwd, 'by'));
  expect(await generateFile({ ...options('by/template.jsonl'), template: '<{prompt}>' })).toMatchObject({
    rows: 5,
  });
  expect((await linesOf('by/template.jsonl'))[1]).toMatchObject({ row: 2, prompt: '<dog>' });
  const long = { ...options('long.jsonl'), template: `{prompt}${'x'.repeat(100)}` };
  await expect(generateFile(long)).rejects.toThrow(
    /rows\.jsonl \(line 1\): the prompt has 101 tokens, and the model has room for 95/,
  );
});
