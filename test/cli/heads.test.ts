/** @file Heads on the command line: trained, measured and used, and refused where they are of no use. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createClassifier, fromPretrained, loadAdapter } from '../../src/index.js';
import { jsonLines, runCli, succeed } from '../support/cli.js';
import { refused } from '../support/refused.js';
import { workplace } from '../support/workplace.js';

let cwd: string;
beforeAll(async () => {
  cwd = await workplace();
  const records = ['good', 'fine!', 'bad', 'awful!'].map((text, i) => ({ text, mood: i < 2 ? '😊' : '😞' }));
  await writeFile(join(cwd, 'moods.jsonl'), records.map((record) => JSON.stringify(record)).join('\n'));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const model = ['--model', 'model'];
const data = ['--data', 'moods.jsonl', '--label-field', 'mood'];
const learned = ['--adapter', 'run'];

it('finds answers: train, eval and classify', async () => {
  const records = ['red', 'blue', 'green', 'grey'].map((answer) => ({
    question: 'colour?',
    context: `it is ${answer} today`,
    answers: { text: [answer], answer_start: [6] },
  }));
  await writeFile(join(cwd, 'answers.jsonl'), records.map((record) => JSON.stringify(record)).join('\n'));
  const asked = ['--data', 'answers.jsonl', '--json'];
  const task = ['--task-type', 'question-answering', '--num-virtual-tokens', '3', '--output', 'answers'];
  const steps = ['--learning-rate', '0.05', '--max-steps', '40', '--batch-size', '4'];
  const events = jsonLines(await succeed(['train', ...model, ...asked, ...task, ...steps], { cwd }));
  expect(events[0]).toMatchObject({ type: 'start', trainableParameters: 3 * 32 + 2 * 32 + 2 });

  const answers = ['--adapter', 'answers'];
  const [evaluated] = jsonLines(await succeed(['eval', ...model, ...answers, ...asked], { cwd }));
  expect(evaluated!.adapter).toMatchObject({ accuracy: 1, labels: 4 });
  const { context } = records[1]!;
  const question = ['--question', 'colour?', '--context', context];
  expect(await succeed(['classify', ...model, ...answers, ...question], { cwd })).toMatch(
    /^blue {2}\(\d\.\d{3}, at 6\) {2}colour\?\n$/,
  );
  const { stdout } = await runCli(['classify', ...model, ...answers, '--json'], {
    cwd,
    input: JSON.stringify(records[2]),
  });
  expect(jsonLines(stdout)).toMatchObject([{ question: 'colour?', answer: 'green', start: 6, end: 11 }]);
  await refused(
    cwd,
    ['classify', ...model, ...answers, '--text', 'x'],
    2,
    '--text: the head finds answers; use --question and --context',
  );
}, 120_000);

it('train, eval and classify', async () => {
  const task = ['--task-type', 'sequence-classification', '--num-virtual-tokens', '3'];
  const steps = ['--learning-rate', '0.05', '--max-steps', '40', '--batch-size', '4', '--eval-every', '20'];
  const validation = ['--validation', 'moods.jsonl', '--output', 'run', '--json'];
  const events = jsonLines(
    await succeed(['train', ...model, ...data, ...task, ...steps, ...validation], { cwd }),
  );
  expect(events[0]).toMatchObject({ type: 'start', trainableParameters: 3 * 32 + 2 * 32 });
  const last = events.findLast(({ type }) => type === 'validation')!;
  expect(last.accuracy).toBe(1);

  const [evaluated] = jsonLines(await succeed(['eval', ...model, ...learned, ...data, '--json'], { cwd }));
  expect(evaluated!.adapter).toMatchObject({ accuracy: 1, labels: 4 });
  expect(evaluated!.adapter.loss).toBeCloseTo(last.loss, 4);

  const { stdout } = await runCli(['classify', ...model, ...learned, '--json'], {
    cwd,
    input: 'good\n\nawful!\n',
  });
  const pretrained = await fromPretrained(join(cwd, 'model'));
  const adapter = await loadAdapter(join(cwd, 'run/adapter'), pretrained.model);
  const classifier = createClassifier({ ...pretrained, adapter });
  const texts = ['good', 'awful!'];
  const expected = await classifier.classify(texts);
  await classifier.dispose();
  expect(expected.map(({ label }) => label)).toEqual(['😊', '😞']);
  const found = jsonLines(stdout);
  expect(found.map(({ text, label }) => [text, label])).toEqual(
    expected.map(({ label }, i) => [texts[i], label]),
  );
  expect(found[1]!.probabilities['😞']).toBeCloseTo(expected[1]!.probabilities['😞']!, 5);

  const labeled = await succeed(['classify', ...model, ...learned, ...data], { cwd });
  expect(labeled).toMatch(/^(\S+ [01]\.\d{3} {2}\S.*\n){4}accuracy 1\.0000 \(4 of 4\)\nalways /);
  const words = ['--verbalizer', 'a=b', '--verbalizer', 'c=d', '--text', 'x'];
  await refused(
    cwd,
    ['classify', ...model, ...learned, ...words],
    2,
    '--verbalizer: the adapter has a head, which needs no words of labels',
  );
  await refused(
    cwd,
    ['generate', ...model, ...learned, '--prompt', 'x'],
    2,
    'the adapter was trained to label texts (sequence-classification), not to generate them; use it with classify',
  );
}, 120_000);

it('refuses options that a head does not use', async () => {
  const train = ['train', ...model, '--data', 'moods.jsonl', '--output', 'other'];
  await refused(
    cwd,
    [...train, '--label-field', 'mood'],
    2,
    '--label-field: requires a task with a head, or a verbalizer; set taskType or verbalizer',
  );
  await refused(
    cwd,
    [...train, '--method', 'head-alone'],
    2,
    '--task-type: head-alone trains the head of a task; set a task that has one',
  );
  await refused(
    cwd,
    ['classify', ...model, '--text', 'x'],
    2,
    'there is nothing to label texts with; add --adapter with a head trained by train --task-type, or --verbalizer with the words of each label',
  );
}, 60_000);
