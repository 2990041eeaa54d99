/** @file The card's figures, on a model of a few thousand numbers. */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { computeLogits, fromPretrained, type Pretrained } from '../../src/index.js';
import { createTinyModel } from '../../test/support/tiny-model.js';
import { curveSection, perplexitySection, sampleSection, sizeSection } from './measure.js';

let root: string;
let tiny: Pretrained;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'promptune-measure-'));
  await createTinyModel(join(root, 'model'));
  tiny = await fromPretrained(join(root, 'model'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

test('size and hash', async () => {
  const text = await sizeSection(tiny);
  // Embeddings V·8 + 128·8; a layer 2·(8+8) + (8·24+24) + (8·8+8) + (8·32+32) + (32·8+8); the last normalization 16.
  const parameters = tiny.model.config.vocabSize * 8 + 1024 + 32 + 216 + 72 + 288 + 264 + 16;
  expect(text).toContain(`${parameters.toLocaleString('en')} parameters: 1 layers, 2 heads`);
  const weights = await readFile(join(root, 'model/model.safetensors'));
  expect(text).toContain(createHash('sha256').update(weights).digest('hex'));
  expect(text).toContain(`| model.safetensors | ${weights.length.toLocaleString('en')} |`);
});

test('perplexity of each document by itself', async () => {
  const text = 'a cat';
  await writeFile(join(root, 'tatoeba-heldout.jsonl'), `${JSON.stringify({ text })}\n`);
  const { model, tokenizer } = tiny;
  const ids = [...tokenizer.encode(text), tokenizer.eosTokenId!];
  const { data } = await computeLogits({ model, texts: [ids] });
  const { vocabSize } = model.config;
  let nats = 0;
  for (let i = 1; i < ids.length; i++) {
    const row = data.subarray((i - 1) * vocabSize, i * vocabSize);
    nats += Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0)) - row[ids[i]!]!;
  }
  const loss = nats / (ids.length - 1);
  const [, , line, ...rest] = (await perplexitySection(tiny, root)).split('\n');
  expect(line).toBe(
    `| Tatoeba's pairs held out | 1 | ${ids.length - 1} | ${loss.toFixed(3)} | ${Math.exp(loss).toFixed(2)} |`,
  );
  expect(rest).toEqual([]);
});

test('the curve', () => {
  const metrics = [4, 2, 1].flatMap((validationLoss, i) => [
    { step: i + 1, loss: 3 },
    { step: i + 1, validationLoss },
  ]);
  const lines = curveSection(metrics.map((line) => `${JSON.stringify(line)}\n`).join('')).split('\n');
  expect(lines[1]).toBe('  4.00 │▄');
  expect(lines.slice(-3)).toEqual([
    '| step | 1 | 2 | 3 |',
    '|---|---:|---:|---:|',
    '| validation loss | 4.000 | 2.000 | 1.000 |',
  ]);
  expect(curveSection('{"step":1,"loss":2}\n')).toBe('There was no validation.');
});

test('samples are the same each time', async () => {
  const samples = await sampleSection(tiny);
  expect(samples.split('\n')).toHaveLength(16);
  expect(samples).toMatch(/^- \*\*一只可爱的猫，\*\*/);
  expect(await sampleSection(tiny)).toBe(samples);
});
