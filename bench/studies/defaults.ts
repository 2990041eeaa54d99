/**
 * @file What defaults alone learn, beside PEFT's and transformers' defaults for the same method, rows and number of
 *   steps: `npx tsx bench/studies/defaults.ts --data FOLDER [--python PYTHON] --output FOLDER`. A stopped study
 *   continues with the same command. Results: defaults.md.
 */
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { evaluate } from '../../src/evaluation/evaluate.js';
import { readTextIfPresent, writeFileAtomic, writeJsonAtomic } from '../../src/formats/files.js';
import { fromPretrained } from '../../src/pretrained.js';
import { trainFromConfig } from '../../src/runs/train-adapter.js';
import { fail, jsonl, list, wholeNumber } from './run-compare.js';
import { readStudyData, type StudyData, studyData } from './study-data.js';
import { spread } from './summary.js';

const usage = `npx tsx bench/studies/defaults.ts --data FOLDER [--sets ${studyData.join(',')}]
  [--methods prompt-tuning,prefix-tuning,p-tuning,lora] [--seeds 1,2,3] [--model NAME] [--train-rows N] [--test-rows N]
  [--learning-rates 0.01,0.03] [--threads N] [--python PYTHON_WITH_PEFT] [--output FOLDER]`;

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    sets: { type: 'string', default: studyData.join(',') },
    methods: { type: 'string', default: 'prompt-tuning,prefix-tuning,p-tuning,lora' },
    seeds: { type: 'string', default: '1,2,3' },
    model: { type: 'string' },
    'train-rows': { type: 'string', default: '1000' },
    'test-rows': { type: 'string', default: '300' },
    // In place of each method's default, to choose those.
    'learning-rates': { type: 'string', default: 'default' },
    threads: { type: 'string', default: '2' },
    python: { type: 'string' },
    output: { type: 'string', default: 'defaults-study' },
  },
});
if (!values.data) fail(`give --data\n${usage}`);
const { output } = values;
const rows = {
  trainRows: wholeNumber('train-rows', values['train-rows']),
  testRows: wholeNumber('test-rows', values['test-rows']),
};
const threads = wholeNumber('threads', values.threads);
const pretrained = await fromPretrained(values.model);

interface Outcome {
  /** Of labels; the mean loss per token of texts to write. */
  readonly accuracy?: number;
  readonly loss: number;
  readonly steps: number;
}

/** An outcome that is computed once, and then read. */
async function kept(name: string, compute: () => Promise<Outcome>): Promise<Outcome> {
  const path = join(output, `${name}.json`);
  const text = await readTextIfPresent(path);
  if (text !== undefined) return JSON.parse(text);
  const outcome = await compute();
  await writeJsonAtomic(path, outcome);
  console.log(`${name}: ${shown(outcome)} (${outcome.steps} steps)`);
  return outcome;
}

const shown = ({ accuracy, loss }: Outcome) =>
  accuracy === undefined ? `loss ${loss.toFixed(3)}` : `${(100 * accuracy).toFixed(1)} %`;

async function scored(data: StudyData, adapter?: Parameters<typeof evaluate>[0]['adapter']) {
  const { test, labels } = data;
  const shared = { ...pretrained, adapter, data: test, threads };
  const { scores } = await evaluate({ ...shared, metrics: ['loss'] });
  const loss = scores.loss!.value;
  if (!labels) return { loss };
  const answers = await evaluate({ ...shared, labels, metrics: ['accuracy'] });
  return { loss, accuracy: answers.scores.accuracy!.value };
}

async function withDefaults(data: StudyData, method: string, seed: number, rate: string): Promise<Outcome> {
  const learningRate = rate === 'default' ? undefined : Number(rate);
  const run = { ...pretrained, data: data.train, method, seed, learningRate, threads };
  const { adapter, step } = await trainFromConfig(run);
  return { ...(await scored(data, adapter)), steps: step };
}

const peer = join(import.meta.dirname, '../peers/peft_defaults.py');

/** The same method by PEFT with its defaults and those of transformers' Trainer, over as many steps. */
async function withPeft(
  name: string,
  data: StudyData,
  method: string,
  seed: number,
  steps: number,
): Promise<Outcome> {
  const [train, test] = ['train', 'test'].map((part) => join(output, `${name}-${part}.jsonl`));
  const folder = pretrained.model.source.folder;
  const labels = JSON.stringify(data.labels ?? []);
  const args = [peer, folder, train!, test!, labels, method, `${steps}`, `${seed}`, `${threads}`];
  const { stdout } = await promisify(execFile)(values.python!, args, { maxBuffer: 1e8 });
  return { ...JSON.parse(stdout.trim().split('\n').at(-1)!), steps };
}

function summary(outcomes: readonly Outcome[]): string {
  const numbers = outcomes.map(({ accuracy, loss }) => (accuracy === undefined ? loss : 100 * accuracy));
  return spread(numbers, outcomes[0]!.accuracy === undefined ? 3 : 1);
}

await mkdir(output, { recursive: true });
const seeds = list(values.seeds).map((seed) => wholeNumber('seeds', seed));
const lines: string[][] = [];
for (const name of list(values.sets)) {
  if (!studyData.includes(name)) fail(`--sets: ${name} is not one of ${studyData.join(', ')}`);
  const data = await readStudyData(values.data, name, rows);
  await writeFileAtomic(join(output, `${name}-train.jsonl`), jsonl(data.train));
  await writeFileAtomic(join(output, `${name}-test.jsonl`), jsonl(data.test));
  const untuned = await kept(`${name}-untuned`, async () => ({ ...(await scored(data)), steps: 0 }));
  const counts = (data.labels ?? []).map(
    (label) => data.test.filter(({ completion }) => completion.trim() === label).length,
  );
  const majority = data.labels ? `${((100 * Math.max(...counts)) / data.test.length).toFixed(1)}` : '';
  for (const method of list(values.methods))
    for (const rate of list(values['learning-rates'])) {
      const own: Outcome[] = [];
      const peers: Outcome[] = [];
      for (const seed of seeds) {
        const id = `${name}-${method}-${rate}-seed-${seed}`;
        own.push(await kept(id, () => withDefaults(data, method, seed, rate)));
        if (values.python === undefined) continue;
        const { steps } = own.at(-1)!;
        peers.push(await kept(`${id}-peft`, () => withPeft(name, data, method, seed, steps)));
      }
      const ofPeers = peers.length > 0 ? summary(peers) : '';
      const ofAll = data.labels ? untuned.accuracy! * 100 : untuned.loss;
      lines.push([name, method, rate, majority, ofAll.toFixed(data.labels ? 1 : 3), ofPeers, summary(own)]);
    }
}
const header = ['data', 'method', 'learning rate', 'majority', 'untuned', "PEFT's defaults", 'defaults'];
const table = [header, header.map(() => '---'), ...lines].map((line) => `| ${line.join(' | ')} |`).join('\n');
await writeFileAtomic(join(output, 'table.md'), `${table}\n`);
console.log(`\nAccuracy in percent; of texts to write, the mean loss per token.\n\n${table}`);
