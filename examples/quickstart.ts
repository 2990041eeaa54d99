/**
 * @file The main job in one command, with no download: makes a small bilingual GPT-2, teaches it some English and Chinese,
 * learns a soft prompt for it, and shows what it writes before and after. Users import from 'promptune' instead.
 */
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTextGenerator, fromPretrained, loadAdapter, trainAdapter } from '../src/index.js';
import { createGpt2 } from '../src/models/create-model.js';
import { tokenizerConfig, trainBpe } from '../src/tokenizer-training/index.js';
import { generateDocuments } from '../tools/mini-corpus/documents.js';
import { lossChart } from './support/loss-chart.js';

const folder = 'runs/quickstart';
const base = join(folder, 'base');
const beginnings = ['一只可爱的猫，', '我家的小猫', 'The cat', 'Every morning,'];

const write = (name: string, texts: readonly string[]) => {
  const path = join(folder, name);
  return writeFile(path, texts.map((text) => `${JSON.stringify({ text })}\n`).join('')).then(() => path);
};
const texts = (seed: number, count: number, genres?: readonly ('description' | 'cats')[]) =>
  [...generateDocuments({ seed, count, genres })].map(({ text }) => text);

if (!existsSync(join(base, 'adapter', 'config.json'))) {
  console.log('1. A GPT-2 of our own, so that nothing needs to be downloaded.');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const corpus = texts(1, 6000, ['description', 'cats']);
  const tokenizer = await trainBpe({ texts: corpus, vocabSize: 1500 });
  const vocabSize = 1500;
  const files = { 'tokenizer.json': tokenizer, 'tokenizer_config.json': tokenizerConfig(128) };
  const sizes = { vocabSize, hiddenSize: 128, numLayers: 2, numAttentionHeads: 4, maxPositions: 128 };
  await createGpt2({ folder: join(folder, 'empty'), ...sizes, files });
  await train('empty', 'base', await write('corpus.jsonl', corpus), 'full-fine-tuning', 0.004, 1200);
} else console.log(`1. The model of an earlier run, in ${base}/adapter.`);

console.log(
  '\n2. A soft prompt: 20 vectors before the text, learned from 300 texts about cats. The model stays as it is.',
);
const cats = await write('cats.jsonl', texts(2, 300, ['cats']));
await train('base/adapter', 'cats', cats, 'prompt-tuning', 0.03, 150);

console.log('\n3. The same beginnings, without the prompt and with it:');
const { model, tokenizer } = await fromPretrained(join(base, 'adapter'));
const adapter = await loadAdapter(join(folder, 'cats', 'adapter'), model);
for (const [title, learned] of [
  ['without', undefined],
  ['with', adapter],
] as const) {
  const generator = createTextGenerator({ model, tokenizer, adapter: learned });
  const options = { maxNewTokens: 24, temperature: 0.6, seed: 7 };
  const rows = await generator.generate(beginnings, options);
  for (const [i, { text }] of rows.entries()) {
    console.log(`   ${title.padEnd(8)}${beginnings[i]}${text.replaceAll('\n', ' ')}`);
  }
  await generator.dispose();
}
console.log(`\nThe prompt is in ${folder}/cats/adapter. To go on from there:
   npm run build
   npx promptune generate --model ${base}/adapter --adapter ${folder}/cats/adapter --prompt "The cat"
   npx promptune inspect --model ${base}/adapter ${folder}/cats/adapter`);

/** Trains from the model in `from` into the run `to`, and draws the loss. */
async function train(
  from: string,
  to: string,
  data: string,
  method: string,
  learningRate: number,
  maxSteps: number,
) {
  const chart = lossChart(maxSteps);
  const pretrained = await fromPretrained(join(folder, from));
  await trainAdapter({
    ...pretrained,
    data,
    method,
    learningRate,
    maxSteps,
    maxLength: 64,
    truncation: 'end',
    batchSize: 16,
    schedule: { name: 'cosine' },
    output: join(folder, to),
    overwrite: true,
    onEvent: (event) => event.type === 'step' && chart.add(event.step, event.loss),
  });
  chart.end();
}
