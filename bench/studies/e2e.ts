/**
 * @file Prefix tuning's experiment on the E2E data set (Li and Liang 2021, table 1; data of Dušek et al. 2020):
 *   methods of matched sizes, beam search of 5, BLEU, NIST and ROUGE-L, beside the published figures. A stopped study
 *   continues with the same command:
 *   `npx tsx bench/studies/e2e.ts --train devset.csv --test testset_w_refs.csv --output FOLDER`. Results: e2e.md.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeFileAtomic } from '../../src/formats/files.js';
import { fromPretrained } from '../../src/pretrained.js';
import { openRecords } from '../../src/records/records.js';
import { fieldText } from '../../src/text/fields.js';
import { e2eTable } from './e2e-table.js';
import {
  adapter,
  lora,
  modelNumbers,
  optionsOfCount,
  prefix,
  prompt,
  type SizedMethod,
} from './matched-sizes.js';
import { fail, jsonl, list, runCompare, spread, wholeNumber } from './run-compare.js';

const usage = `npx tsx bench/studies/e2e.ts --train devset.csv --test testset_w_refs.csv [--output FOLDER]
  [--model NAME] [--methods NAMES] [--seeds 1,2,3] [--steps N] [--test-meanings N]`;

const { values } = parseArgs({
  options: {
    train: { type: 'string' },
    test: { type: 'string' },
    output: { type: 'string', default: 'e2e' },
    model: { type: 'string' },
    methods: { type: 'string' },
    seeds: { type: 'string', default: '1' },
    steps: { type: 'string', default: '150' },
    'test-meanings': { type: 'string', default: '100' },
  },
});
const { output } = values;
if (!values.train || !values.test) fail(`give --train and --test\n${usage}`);
const meanings = wholeNumber('test-meanings', values['test-meanings']);

/**
 * The methods compared, with the share of the model's parameters that each trains. The learning rates worked well in
 * short runs.
 */
const studied = (
  hiddenSize: number,
): Record<string, { sized: SizedMethod; share: number; rate: number }> => ({
  prefix: { sized: prefix, share: 0.001, rate: 0.005 },
  adapter: { sized: adapter(hiddenSize), share: 0.001, rate: 0.003 },
  'adapter-3': { sized: adapter(hiddenSize), share: 0.03, rate: 0.001 },
  lora: { sized: lora, share: 0.001, rate: 0.001 },
  // A prompt of the same size would be hundreds of vectors long; a tenth of it is about as long as in papers.
  prompt: { sized: prompt, share: 0.0001, rate: 0.01 },
});
const fullFineTuning = { method: 'full-fine-tuning', learningRate: 5e-5 };

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

const pretrained = await fromPretrained(values.model);
const total = modelNumbers(pretrained);
const sizes = studied(pretrained.model.config.hiddenSize);
const known = [...Object.keys(sizes), fullFineTuning.method];
const names = values.methods ? list(values.methods) : known;
const unknown = names.find((name) => !known.includes(name));
if (unknown !== undefined) fail(`--methods: there is no "${unknown}"; there are ${known.join(', ')}`);
const methods: object[] = [];
for (const name of names) {
  const study = sizes[name];
  if (!study) {
    methods.push(fullFineTuning);
    continue;
  }
  const methodOptions = await optionsOfCount(study.sized, study.share * total, pretrained);
  methods.push({ name, method: study.sized.method, methodOptions, learningRate: study.rate });
}

const train = [...(await referencesIn(values.train))].flatMap(([mr, refs]) =>
  refs.map((ref) => ({ mr, ref })),
);
const test = [...(await referencesIn(values.test))].map(([mr, refs]) => ({ mr, refs }));
const chosen = spread(test, meanings);
// The count is in the name, so that cells scored on other rows are not reused.
const [trainFile, testFile] = [join(output, 'train.jsonl'), join(output, `test-${chosen.length}.jsonl`)];
await mkdir(output, { recursive: true });
await writeFileAtomic(trainFile, jsonl(train));
await writeFileAtomic(testFile, jsonl(chosen));
console.log(`${train.length} rows to train on, ${chosen.length} of ${test.length} meanings to test on.`);

const cells = await runCompare(output, {
  ...(values.model && { model: values.model }),
  data: trainFile,
  test: testFile,
  template: '{mr} |',
  completionTemplate: ' {ref}',
  referenceField: 'refs',
  metrics: ['bleu', 'nist', 'rouge-l'],
  generation: { numBeams: 5, maxNewTokens: 80, stop: ['\n'] },
  seeds: list(values.seeds).map((seed) => wholeNumber('seeds', seed)),
  maxSteps: wholeNumber('steps', values.steps),
  untuned: false, // it does not know the task's format, and would write 80 tokens per meaning
  methods,
});
if (cells) {
  const table = e2eTable(cells, total);
  await writeFileAtomic(join(output, 'table.md'), `${table}\n`);
  console.log(`\n${table}\n\nThe table is also in ${join(output, 'table.md')}`);
}
