/**
 * @file What a prompt that enters a later layer costs and saves (Liu, Sun, Huang and Qiu 2022): prompt tuning and late
 *   prompts at several layers, with quality, time and memory of each run, in FOLDER/table.md. A stopped study goes on
 *   with the same command: `npx tsx bench/studies/late-prompts.ts --data train.jsonl --test test.jsonl --output FOLDER`
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { comparisonRows, tableCells } from '../../src/comparison/table.js';
import { writeFileAtomic } from '../../src/formats/files.js';
import { fail, list, runCompare, wholeNumber } from './run-compare.js';

const usage = `npx tsx bench/studies/late-prompts.ts --data FILE --test FILE [--output FOLDER] [--model NAME]
  [--layers 1,2,3] [--seeds 1,2,3] [--steps N] [--train-rows N] [--labels good,bad] [--template T]
  [--completion-template T] [--virtual-tokens P] [--learning-rate RATE]`;

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    test: { type: 'string' },
    output: { type: 'string', default: 'late-prompts' },
    model: { type: 'string' },
    layers: { type: 'string', default: '1,3,5' },
    seeds: { type: 'string', default: '1,2,3' },
    steps: { type: 'string', default: '200' },
    'train-rows': { type: 'string', default: '400' },
    labels: { type: 'string' },
    template: { type: 'string' },
    'completion-template': { type: 'string' },
    'virtual-tokens': { type: 'string', default: '20' },
    'learning-rate': { type: 'string', default: '0.01' },
  },
});
if (!values.data || !values.test) fail(`give --data and --test\n${usage}`);
const { output, model, template, 'completion-template': completionTemplate } = values;
const labels = values.labels === undefined ? undefined : list(values.labels);
const numVirtualTokens = wholeNumber('virtual-tokens', values['virtual-tokens']);
await mkdir(output, { recursive: true });
const cells = await runCompare(output, {
  ...(model && { model }),
  data: values.data,
  test: values.test,
  ...(template && { template }),
  ...(completionTemplate && { completionTemplate }),
  ...(labels ? { labels, metrics: ['accuracy'] } : { metrics: ['loss'] }),
  seeds: list(values.seeds).map((seed) => wholeNumber('seeds', seed)),
  sizes: [wholeNumber('train-rows', values['train-rows'])],
  maxSteps: wholeNumber('steps', values.steps),
  learningRate: Number(values['learning-rate']),
  methods: [
    { name: 'prompt-tuning', method: 'prompt-tuning', methodOptions: { numVirtualTokens } },
    ...list(values.layers).map((layer) => ({
      name: `late-${layer}`,
      method: 'late-prompt-tuning',
      methodOptions: { numVirtualTokens, insertionLayer: wholeNumber('layers', layer) },
    })),
  ],
});
if (cells) {
  const [head, ...rows] = tableCells(comparisonRows(cells)).map((line) => `| ${line.join(' | ')} |`);
  const rule = head!.replace(/[^|]+/g, ' --- ');
  await writeFileAtomic(join(output, 'table.md'), `${[head, rule, ...rows].join('\n')}\n`);
}
