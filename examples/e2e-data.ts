/**
 * @file The E2E NLG data set (Dušek et al. 2020) as prefix tuning's experiment has it: writes train.jsonl (a reference a row),
 * test.jsonl (all references of a meaning in one row) and compare.yaml, which `promptune compare` makes a table of: the shape
 * of Li and Liang 2021, table 1. npx tsx examples/e2e-data.ts --data DEVSET.csv TESTSET.csv --output FOLDER [--model NAME]
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { fieldText } from '../src/data/fields.js';
import { openRecords } from '../src/data/records.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string' },
    output: { type: 'string', default: 'e2e' },
    model: { type: 'string' },
  },
});
const [trainFile, testFile] = [values.data, positionals[0]];
if (!trainFile || !testFile) throw new Error('give --data with the training file and then the test file');

/** The references of each meaning, in the order of the file. */
async function referencesIn(path: string): Promise<Map<string, string[]>> {
  const references = new Map<string, string[]>();
  const records = await openRecords(path);
  for await (const record of records) {
    const [mr, ref] = [fieldText(record, 'mr'), fieldText(record, 'ref')];
    references.set(mr, [...(references.get(mr) ?? []), ref]);
  }
  await records.close();
  return references;
}

const jsonl = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const train = [...(await referencesIn(trainFile))].flatMap(([mr, refs]) => refs.map((ref) => ({ mr, ref })));
const test = [...(await referencesIn(testFile))].map(([mr, refs]) => ({ mr, refs }));
const { output } = values;
await mkdir(output, { recursive: true });
await writeFile(join(output, 'train.jsonl'), jsonl(train));
await writeFile(join(output, 'test.jsonl'), jsonl(test));

// The learning rates are starting points; the paper chose its own on validation data.
const comparison = {
  ...(values.model && { model: values.model }),
  data: join(output, 'train.jsonl'),
  test: join(output, 'test.jsonl'),
  output: join(output, 'runs'),
  template: '{mr} |',
  completionTemplate: ' {ref}',
  referenceField: 'refs',
  metrics: ['bleu', 'nist', 'rouge-l'],
  generation: { numBeams: 5, maxNewTokens: 80, stop: ['\n'] },
  seeds: [1, 2, 3],
  epochs: 5,
  methods: [
    { name: 'prefix', method: 'prefix-tuning', methodOptions: { numVirtualTokens: 10 } },
    { name: 'adapter', method: 'bottleneck-adapter' },
    { name: 'lora', method: 'lora', methodOptions: { r: 4 } },
    { name: 'prompt', method: 'prompt-tuning', methodOptions: { numVirtualTokens: 10 } },
    'full-fine-tuning',
  ],
};
await writeFile(join(output, 'compare.yaml'), stringify(comparison));
console.log(`${train.length} rows to train on, ${test.length} meanings to test on.`);
console.log(`Go on with: promptune compare ${join(output, 'compare.yaml')}`);
