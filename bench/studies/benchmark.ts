/**
 * @file Learned prompts beside prompts of text (as they stand, with examples, calibrated, searched), with defaults
 *   alone: `promptune benchmark` on public data sets: `npx tsx bench/studies/benchmark.ts --data FOLDER --output
 *   FOLDER`. A stopped study continues with the same command. Results: defaults.md.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type BenchmarkResult, benchmarkPrompts } from '../../src/benchmark/benchmark.js';
import { readTextIfPresent, writeFileAtomic, writeJsonAtomic } from '../../src/formats/files.js';
import { fromPretrained } from '../../src/pretrained.js';
import { fail, list, wholeNumber } from './run-compare.js';
import { readStudyData, studyData } from './study-data.js';
import { mean, spread } from './summary.js';

const usage = `npx tsx bench/studies/benchmark.ts --data FOLDER [--sets ${studyData.join(',')}]
  [--methods prompt-tuning,prefix-tuning,p-tuning,lora,head] [--seeds 1,2,3] [--model NAME] [--train-rows N]
  [--test-rows N] [--search-steps N] [--threads N] [--output FOLDER]`;

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    sets: { type: 'string', default: studyData.join(',') },
    methods: { type: 'string', default: 'prompt-tuning,prefix-tuning,p-tuning,lora,head' },
    seeds: { type: 'string', default: '1,2,3' },
    model: { type: 'string' },
    'train-rows': { type: 'string', default: '1000' },
    'test-rows': { type: 'string', default: '300' },
    'search-steps': { type: 'string', default: '100' },
    threads: { type: 'string', default: '2' },
    output: { type: 'string', default: 'benchmark-study' },
  },
});
if (!values.data) fail(`give --data\n${usage}`);
const { output } = values;
const limits = {
  trainRows: wholeNumber('train-rows', values['train-rows']),
  testRows: wholeNumber('test-rows', values['test-rows']),
};
const pretrained = await fromPretrained(values.model);

/** A result that is computed once, and then read. */
async function resultOf(name: string, seed: number): Promise<BenchmarkResult> {
  const path = join(output, `${name}-seed-${seed}.json`);
  const text = await readTextIfPresent(path);
  if (text !== undefined) return JSON.parse(text);
  const { train, test, labels } = await readStudyData(values.data!, name, limits);
  // Of labels, the words stand behind the prompt as in study-data.ts: with a space before them, or without.
  const words = (rows: typeof train) =>
    rows.map(({ prompt, completion }) => ({ text: prompt, label: completion.trim() }));
  const shown = train[0]!.completion.startsWith(' ') ? ' {label}' : '{label}';
  const result = await benchmarkPrompts({
    ...pretrained,
    ...(labels
      ? { data: words(train), test: words(test), template: '{text}', completionTemplate: shown }
      : { data: train, test, metrics: ['chrf2'] }),
    methods: list(values.methods).filter((method) => labels || method !== 'head'),
    searchSteps: Number(values['search-steps']),
    threads: wholeNumber('threads', values.threads),
    seed,
    onEvent: (event) => {
      if (event.type !== 'result') return;
      const { row } = event;
      console.log(`${name}, seed ${seed}: ${row.name} ${row.score.toFixed(3)}`);
    },
  });
  await writeJsonAtomic(path, result);
  return result;
}

await mkdir(output, { recursive: true });
const seeds = list(values.seeds).map((seed) => wholeNumber('seeds', seed));
const sections: string[] = [];
for (const name of list(values.sets)) {
  if (!studyData.includes(name)) fail(`--sets: ${name} is not one of ${studyData.join(', ')}`);
  const results: BenchmarkResult[] = [];
  for (const seed of seeds) results.push(await resultOf(name, seed));
  const [first] = results as [BenchmarkResult];
  const lines = first.rows.map((row, i) => {
    const same = results.map(({ rows }) => rows[i]!);
    const tokens = mean(same.map(({ tokens }) => tokens)).toFixed(0);
    const scores = same.map(({ score }) => (first.metric === 'accuracy' ? 100 * score : score));
    return `| ${name} | ${row.name} | ${row.kind} | ${spread(scores)} | ${tokens} |`;
  });
  const majority = first.majority ? `, majority ${(100 * first.majority.share).toFixed(1)}` : '';
  sections.push(`| ${name} (${first.metric}${majority}) | | | | |`, ...lines);
}
const table = ['| data | prompt | kind | score | tokens |', '| --- | --- | --- | ---: | ---: |', ...sections];
await writeFileAtomic(join(output, 'table.md'), `${table.join('\n')}\n`);
console.log(`\nIn percent.\n\n${table.join('\n')}`);
