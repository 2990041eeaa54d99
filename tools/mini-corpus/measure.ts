/**
 * @file Measures the figures on a model's card and prints them as Markdown: size and hash, perplexity on held-out
 *   texts, the validation loss during training, and unselected samples.
 * npx tsx tools/mini-corpus/measure.ts --model models/promptune-mini --corpus corpus --metrics runs/mini/metrics.jsonl
 */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command } from 'commander';
import { chartLines } from '../../examples/support/loss-chart.js';
import {
  createTextGenerator,
  evaluateLoss,
  fromPretrained,
  openDataset,
  type Pretrained,
} from '../../src/index.js';

/** The held-out files of `tools/mini-corpus`, and what they contain. */
const heldOut = [
  ['heldout-frames.jsonl', 'frames held out'],
  ['heldout-combinations.jsonl', 'combinations held out'],
  ['tatoeba-heldout.jsonl', "Tatoeba's pairs held out"],
] as const;

/** Both languages, and all parts of the corpus: the first samples of each, unselected. */
const samplePrompts = [
  '一只可爱的猫，',
  'A cute cat,',
  'I stayed at the Lake Inn with a friend.',
  '今天天气很',
  'What do rabbits eat?\n',
  'My sister drinks tea every morning. =',
  '我昨天买了一本书。 =',
  'Once upon a time',
];
const samplesEach = 2;

/** The model's parameters, its files with their sizes, and the hash of its weights. */
export async function sizeSection({ model }: Pretrained): Promise<string> {
  const { folder } = model.source;
  const parameters = [...model.files.locations.values()]
    .map(({ shape }) => shape.reduce((product, size) => product * size, 1))
    .reduce((sum, count) => sum + count, 0);
  const { numLayers, numAttentionHeads, hiddenSize, maxPositions, vocabSize } = model.config;
  const names = (await readdir(folder)).filter((name) => /\.(json|safetensors)$/.test(name)).sort();
  const rows = await Promise.all(
    names.map(async (name) => `| ${name} | ${(await stat(join(folder, name))).size.toLocaleString('en')} |`),
  );
  return [
    `${parameters.toLocaleString('en')} parameters: ${numLayers} layers, ${numAttentionHeads} heads, vectors of ${hiddenSize} numbers, ` +
      `${maxPositions} positions, ${vocabSize.toLocaleString('en')} tokens.`,
    `\n| file | bytes |\n|---|---:|\n${rows.join('\n')}`,
    `\nsha256 of model.safetensors: \`${await sha256(join(folder, 'model.safetensors'))}\``,
  ].join('\n');
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/**
 * Every document separately, as in `promptune eval --train-on all`; documents that are too long for the model are
 * truncated.
 */
export async function perplexitySection({ model, tokenizer }: Pretrained, corpus: string): Promise<string> {
  const rows: string[] = [];
  for (const [file, what] of heldOut) {
    const path = join(corpus, file);
    if (!existsSync(path)) continue;
    const { vocabSize, maxPositions: maxLength } = model.config;
    const dataset = await openDataset({ data: path, tokenizer, vocabSize, maxLength, truncation: 'end' });
    const { loss, perplexity, labelTokens } = await evaluateLoss({ model, dataset, batchSize: 16 });
    await dataset.dispose();
    rows.push(
      `| ${what} | ${dataset.summary.examples.toLocaleString('en')} | ${labelTokens.toLocaleString('en')} | ${loss.toFixed(3)} | ${perplexity.toFixed(2)} |`,
    );
  }
  return ['| texts | documents | tokens | loss | perplexity |', '|---|---:|---:|---:|---:|', ...rows].join(
    '\n',
  );
}

/** The validation loss by step, from a run's metrics.jsonl. */
export function curveSection(metrics: string): string {
  const points = metrics
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { step: number; validationLoss?: number })
    .flatMap(({ step, validationLoss }) =>
      validationLoss === undefined ? [] : [{ step, loss: validationLoss }],
    );
  const last = points.at(-1);
  if (!last) return 'There was no validation.';
  const chart = chartLines(
    points.map(({ loss }) => loss),
    points.length,
    `validation loss, ${points.length} times up to step ${last.step.toLocaleString('en')}`,
  );
  const shown = points.filter((_, i) => i === points.length - 1 || i % Math.ceil(points.length / 10) === 0);
  return [
    '```',
    ...chart,
    '```',
    '',
    `| step | ${shown.map(({ step }) => step).join(' | ')} |`,
    `|---|${shown.map(() => '---:').join('|')}|`,
    `| validation loss | ${shown.map(({ loss }) => loss.toFixed(3)).join(' | ')} |`,
  ].join('\n');
}

/** The first samples of each prompt, with seeds from 1, at temperature 0.8. */
export async function sampleSection({ model, tokenizer }: Pretrained): Promise<string> {
  const generator = createTextGenerator({ model, tokenizer });
  const lines: string[] = [];
  for (const prompt of samplePrompts) {
    for (let seed = 1; seed <= samplesEach; seed++) {
      const [row] = await generator.generate([prompt], {
        maxNewTokens: 40,
        temperature: 0.8,
        topK: 50,
        seed,
      });
      lines.push(`- **${oneLine(prompt)}**${oneLine(row!.text)}`);
    }
  }
  await generator.dispose();
  return lines.join('\n');
}

const oneLine = (text: string) => text.replaceAll('\n', ' ⏎ ');

async function run({ model: name, corpus, metrics }: { model?: string; corpus?: string; metrics?: string }) {
  const pretrained = await fromPretrained(name);
  const section = (title: string, text: string) => console.log(`### ${title}\n\n${text}\n`);
  section('Size', await sizeSection(pretrained));
  if (metrics) section('Validation while it was trained', curveSection(await readFile(metrics, 'utf8')));
  if (corpus) section('Perplexity on what was held out', await perplexitySection(pretrained, corpus));
  section('Samples that were not chosen', await sampleSection(pretrained));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await new Command('measure')
    .description('Measures a model for its card, and prints Markdown.')
    .option('--model <name>', 'the model (default: the embedded one)')
    .option('--corpus <dir>', 'the folder of the texts held out (default: no perplexities)')
    .option('--metrics <file>', "the training run's metrics.jsonl (default: no curve)")
    .action(run)
    .parseAsync();
}
