/**
 * @file What a prompt that enters a later layer costs and saves (Liu, Sun, Huang and Qiu 2022, arXiv:2210.11292):
 *   prompt tuning beside late prompts at several layers, learned and predicted from each text, and late prefixes,
 *   with quality, CPU time and memory: `npx tsx bench/studies/late-prompts.ts --data FOLDER --output FOLDER`. A stopped
 *   study goes on with the same command. Results: late-prompts.md.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { evaluate } from '../../src/evaluation/evaluate.js';
import { readTextIfPresent, writeFileAtomic, writeJsonAtomic } from '../../src/formats/files.js';
import { fromPretrained } from '../../src/pretrained.js';
import { trainFromConfig } from '../../src/runs/train-adapter.js';
import { fail, list, wholeNumber } from './run-compare.js';
import { readStudyData, type StudyData, studyData } from './study-data.js';
import { mean, spread } from './summary.js';

const usage = `npx tsx bench/studies/late-prompts.ts --data FOLDER [--sets sst2,trec,subj,chnsenticorp-htl]
  [--layers 1,3,5] [--predicted-layers 3] [--prefix-layers 3] [--seeds 1,2,3] [--model NAME] [--steps N]
  [--train-rows N] [--test-rows N] [--virtual-tokens P] [--learning-rate RATE] [--threads N] [--output FOLDER]`;

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    sets: { type: 'string', default: 'sst2,trec,subj,chnsenticorp-htl' },
    layers: { type: 'string', default: '1,3,5' },
    'predicted-layers': { type: 'string', default: '3' },
    'prefix-layers': { type: 'string', default: '3' },
    seeds: { type: 'string', default: '1,2,3' },
    model: { type: 'string' },
    steps: { type: 'string', default: '150' },
    'train-rows': { type: 'string', default: '400' },
    'test-rows': { type: 'string', default: '300' },
    'virtual-tokens': { type: 'string', default: '20' },
    'learning-rate': { type: 'string' },
    threads: { type: 'string', default: '2' },
    output: { type: 'string', default: 'late-prompts-study' },
  },
});
if (!values.data) fail(`give --data\n${usage}`);
const { output } = values;
const threads = wholeNumber('threads', values.threads);
const numVirtualTokens = wholeNumber('virtual-tokens', values['virtual-tokens']);
const pretrained = await fromPretrained(values.model);

interface Outcome {
  readonly accuracy: number;
  /** Of the whole run, with its first epoch and its sessions. */
  readonly cpuSecondsPerStep: number;
  readonly memoryBytes: number;
}

interface Variant {
  readonly title: string;
  readonly method: string;
  readonly methodOptions: Readonly<Record<string, unknown>>;
}

const late = (layer: string, predicted: boolean): Variant => ({
  title: `${predicted ? 'predicted' : 'learned'}-${layer}`,
  method: 'late-prompt-tuning',
  methodOptions: { numVirtualTokens, insertionLayer: wholeNumber('layers', layer), predicted },
});

const latePrefix = (layer: string): Variant => ({
  title: `prefix-${layer}`,
  method: 'late-prefix-tuning',
  methodOptions: { numVirtualTokens, insertionLayer: wholeNumber('prefix-layers', layer) },
});

const variants: readonly Variant[] = [
  { title: 'prompt-tuning', method: 'prompt-tuning', methodOptions: { numVirtualTokens } },
  ...list(values.layers).map((layer) => late(layer, false)),
  ...list(values['predicted-layers']).map((layer) => late(layer, true)),
  ...list(values['prefix-layers']).map(latePrefix),
];

async function outcomeOf(data: StudyData, { title: _, ...variant }: Variant, seed: number): Promise<Outcome> {
  let memoryBytes = 0;
  const before = process.cpuUsage();
  const { adapter, step } = await trainFromConfig({
    ...pretrained,
    ...variant,
    ...{ data: data.train, seed, threads, validation: 0 },
    maxSteps: wholeNumber('steps', values.steps),
    learningRate: values['learning-rate'] === undefined ? undefined : Number(values['learning-rate']),
    onEvent: (event) => {
      if (event.type === 'start') memoryBytes = event.estimatedMemoryBytes;
    },
  });
  const { user, system } = process.cpuUsage(before);
  const { scores } = await evaluate({
    ...pretrained,
    ...{ adapter, data: data.test, labels: data.labels, metrics: ['accuracy'], threads },
  });
  const accuracy = scores.accuracy!.value;
  return { accuracy, cpuSecondsPerStep: (user + system) / 1e6 / step, memoryBytes };
}

/** An outcome that is computed once, and then read. */
async function kept(name: string, compute: () => Promise<Outcome>): Promise<Outcome> {
  const path = join(output, `${name}.json`);
  const text = await readTextIfPresent(path);
  if (text !== undefined) return JSON.parse(text);
  const outcome = await compute();
  await writeJsonAtomic(path, outcome);
  console.log(`${name}: ${(100 * outcome.accuracy).toFixed(1)} %`);
  return outcome;
}

await mkdir(output, { recursive: true });
const seeds = list(values.seeds).map((seed) => wholeNumber('seeds', seed));
const names = list(values.sets);
const unknown = names.find((name) => !studyData.includes(name));
if (unknown) fail(`--sets: ${unknown} is not one of ${studyData.join(', ')}`);
const outcomes = new Map<string, Outcome[]>();
for (const seed of seeds)
  for (const name of names) {
    const data = await readStudyData(values.data, name, {
      trainRows: wholeNumber('train-rows', values['train-rows']),
      testRows: wholeNumber('test-rows', values['test-rows']),
    });
    for (const variant of variants) {
      const outcome = await kept(`${name}-${variant.title}-seed-${seed}`, () =>
        outcomeOf(data, variant, seed),
      );
      const key = `${variant.title} ${name}`;
      outcomes.set(key, [...(outcomes.get(key) ?? []), outcome]);
    }
  }
const lines = variants.map(({ title }) => {
  const ofSets = names.map((name) => outcomes.get(`${title} ${name}`)!);
  const all = ofSets.flat();
  return [
    title,
    ...ofSets.map((found) => spread(found.map(({ accuracy }) => 100 * accuracy))),
    (100 * mean(all.map(({ accuracy }) => accuracy))).toFixed(1),
    mean(all.map(({ cpuSecondsPerStep }) => cpuSecondsPerStep)).toPrecision(2),
    (mean(all.map(({ memoryBytes }) => memoryBytes)) / 1e6).toFixed(0),
  ];
});
const header = ['prompt', ...names, 'mean', 'CPU s per step', 'estimated MB'];
const table = [header, header.map(() => '---'), ...lines].map((line) => `| ${line.join(' | ')} |`).join('\n');
await writeFileAtomic(join(output, 'table.md'), `${table}\n`);
console.log(`\nAccuracy in percent.\n\n${table}`);
