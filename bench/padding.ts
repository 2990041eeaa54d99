/**
 * @file The share of padding in an epoch's computation, in length buckets and in plain shuffled order:
 *   npx tsx bench/padding.ts devset.csv path/to/gpt2 --template '{mr}' --completion-template ' {ref}' --batch-size 8
 */
import { parseArgs } from 'node:util';
import { randomFor, shuffledIndices } from '../src/random.js';
import { paddingShare, planEpoch } from '../src/text/batches.js';
import { openDataset } from '../src/text/dataset.js';
import { loadTokenizer } from '../src/text/tokenizer.js';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    template: { type: 'string' },
    'completion-template': { type: 'string' },
    'batch-size': { type: 'string', default: '8' },
  },
});
const [path, tokenizerFolder] = positionals;
if (!path || !tokenizerFolder) throw new Error('usage: padding.ts DATA_FILE TOKENIZER_FOLDER [options]');

const started = performance.now();
const dataset = await openDataset({
  data: path,
  tokenizer: await loadTokenizer(tokenizerFolder),
  template: values.template,
  completionTemplate: values['completion-template'],
});
const seconds = (performance.now() - started) / 1000;
const { tokenCounts, labelCounts } = dataset;
const batchSize = Number(values['batch-size']);
const shuffled = shuffledIndices(dataset.length, randomFor('epoch', 0));
const unsorted = Array.from({ length: Math.ceil(shuffled.length / batchSize) }, (_, i) =>
  shuffled.slice(i * batchSize, (i + 1) * batchSize),
);
const percent = (share: number) => `${(100 * share).toFixed(2)} %`;

console.log(
  `${dataset.summary.examples} examples, ${dataset.summary.tokens} tokens, read in ${seconds.toFixed(2)} s`,
);
console.log(`padding, shuffled only:   ${percent(paddingShare([tokenCounts], unsorted))}`);
for (const epoch of [0, 1, 2]) {
  const batches = planEpoch({ tokenCounts, labelCounts, batchSize, seed: 0, epoch });
  console.log(`padding, length buckets:  ${percent(paddingShare([tokenCounts], batches))} (epoch ${epoch})`);
}
await dataset.dispose();
