import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import { loadAdapter } from '../adapters/load-adapter.js';
import { savable } from '../adapters/saved-adapter.js';
import { evaluateLoss } from '../evaluation/loss.js';
import { promptTuning } from '../methods/prompt-tuning.js';
import type { LanguageModel } from '../models/model.js';
import { openDataset } from '../text/dataset.js';
import type { Tokenizer } from '../text/tokenizer.js';
import type { Candidate } from './candidates.js';
import { lossStore } from './loss-store.js';
import { measureCandidates } from './loss-table.js';
import { loadToy, toyRows } from './toy.fixture.js';

useWarmRuntime();

let model: LanguageModel;
let tokenizer: Tokenizer;
let root: string;
let candidates: Candidate[];
beforeAll(async () => {
  ({ model, tokenizer } = await loadToy());
  root = await mkdtemp(join(tmpdir(), 'promptune-losses-'));
  const config = { numVirtualTokens: 3 };
  const learner = await promptTuning.createLearner({ model, tokenizer, config, seed: 2 });
  await savable(learner).save(join(root, 'adapter'));
  candidates = [
    { name: 'bare', completionTemplate: '{first}' },
    { name: 'template', template: 'Q{text}A', completionTemplate: '{first}' },
    { name: 'learned', adapter: join(root, 'adapter'), completionTemplate: '{first}' },
  ];
});
afterAll(() => rm(root, { recursive: true }));

const rows = toyRows(11, 5);
const measure = (list: readonly Candidate[], folder?: string, onProgress?: () => void) =>
  measureCandidates(rows, {
    model,
    tokenizer,
    inputField: 'text',
    candidates: list,
    store: folder === undefined ? undefined : lossStore(folder),
    batchSize: 4,
    onProgress,
  });

it("holds for every row and candidate what `evaluateLoss` says of the candidate's prompt", async () => {
  const { losses, tokens } = await measure(candidates);
  expect([...tokens]).toEqual(rows.map(({ first }) => first.length + 1));
  for (const [c, { template = '{text}', completionTemplate, adapter }] of candidates.entries()) {
    const options = { model, adapter: adapter === undefined ? undefined : await loadAdapter(adapter, model) };
    for (const indices of [[...rows.keys()], [0], [3], [10]]) {
      const records = indices.map((index) => rows[index]!);
      const dataset = await openDataset({ data: records, tokenizer, template, completionTemplate });
      const { loss, labelTokens } = await evaluateLoss({ ...options, dataset });
      const ours = indices.reduce((sum, index) => sum + losses[c]![index]!, 0);
      expect(ours / labelTokens).toBeCloseTo(loss, 5);
    }
  }
  expect(losses[0]![0]).not.toBeCloseTo(losses[2]![0]!, 2);
});

it('divides by the tokens of the shortest way of writing the answer', async () => {
  const spaced = { name: 'spaced', completionTemplate: '  {first}' };
  const { tokens } = await measure([spaced, candidates[0]!]);
  expect([...tokens]).toEqual(rows.map(({ first }) => first.length + 1));
});

it('computes no loss twice, except for a candidate that has changed', async () => {
  const folder = join(root, 'store');
  let batches = 0;
  const count = () => batches++;
  const first = await measure(candidates, folder, count);
  expect(batches).toBe(9);
  expect(await readdir(folder)).toHaveLength(3);
  expect(await measure(candidates, folder, count)).toEqual(first);
  expect(batches).toBe(9);

  const renamed = candidates.map((candidate) => ({ ...candidate, name: `${candidate.name}, renamed` }));
  await measure(renamed, folder, count);
  expect(batches).toBe(9);

  const changed = [{ ...candidates[0]!, template: '{text}.' }, ...candidates.slice(1)];
  const second = await measure(changed, folder, count);
  expect(batches).toBe(12);
  expect(second.losses[0]).not.toEqual(first.losses[0]);
  expect(second.losses.slice(1)).toEqual(first.losses.slice(1));
});

it('continues with the missing candidates after it was stopped', async () => {
  const folder = join(root, 'stopped');
  let batches = 0;
  const stop = () => {
    if (++batches > 5) throw new Error('stopped');
  };
  await expect(measure(candidates, folder, stop)).rejects.toThrow('stopped');
  expect(await readdir(folder)).toHaveLength(1);
  batches = -100;
  expect(await measure(candidates, folder, stop)).toEqual(await measure(candidates));
  expect(batches).toBe(-94);
});

it('refuses a prompt without a token', async () => {
  await expect(
    measure([candidates[0]!, { name: 'void', template: '', completionTemplate: 'x' }]),
  ).rejects.toThrow('candidate "void": the prompt of row 1 has no token');
});
