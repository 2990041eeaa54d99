/** @file The commands that the campaign of kills interrupts: small ones of every kind that writes. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { isTemporaryName } from '../../src/formats/files.js';

export interface TorturedCommand {
  readonly name: string;
  /** Its arguments, at first and again after an interruption, in a folder in the state that it left. */
  args(cwd: string): string[];
  /** Its output, below the folder in which it runs. */
  readonly output: string;
}

const oneThread = ['--threads', '1'];
const often = ['--batch-size', '2', '--validation', '3', '--eval-every', '4', '--save-every', '3'];
const sizes = [
  '--vocab-size',
  '270',
  '--hidden-size',
  '16',
  '--num-layers',
  '1',
  '--num-attention-heads',
  '2',
];

/** Resumes the run in `run` if one has begun. */
const resumable = (command: string, start: readonly string[]) => (cwd: string) =>
  existsSync(join(cwd, 'run/config.yaml'))
    ? [command, '--resume', '--output', 'run', ...oneThread]
    : [command, ...start, '--output', 'run', ...oneThread];

const train = (...flags: string[]) =>
  resumable('train', ['--model', 'model', '--data', 'pairs.jsonl', ...often, '--max-steps', '10', ...flags]);
const same =
  (...args: string[]) =>
  () =>
    args;

export const commands: readonly TorturedCommand[] = [
  { name: 'train', args: train('--num-virtual-tokens', '3'), output: 'run' },
  {
    name: 'train, LoRA',
    args: train('--method', 'lora', '--r', '2', '--optimizer', 'adafactor'),
    output: 'run',
  },
  { name: 'train, all weights', args: train('--method', 'full-fine-tuning', '--tensorboard'), output: 'run' },
  {
    name: 'pretrain',
    args: resumable('pretrain', [
      ...['--data', 'texts.txt', '--max-positions', '24', '--max-steps', '7'],
      ...sizes,
      ...often,
    ]),
    output: 'run',
  },
  { name: 'compare', args: same('compare', 'compare.yaml'), output: 'out' },
  {
    name: 'select',
    args: same(
      ...[
        'select',
        'train',
        '--model',
        'model',
        '--candidates',
        'candidates.yaml',
        '--data',
        'choices.jsonl',
      ],
      ...['--epochs', '2', '--batch-size', '6', '--output', 'chosen', '--overwrite', ...oneThread],
    ),
    output: 'chosen',
  },
  {
    name: 'search',
    args: same(
      ...['search', '--model', 'model', '--data', 'pairs.jsonl', '--init-text', 'Sum', '--steps', '2'],
      ...['--num-candidates', '8', '--output', 'found.json', ...oneThread],
    ),
    output: 'found.json',
  },
  {
    name: 'merge',
    args: same('merge', '--model', 'model', '--adapter', 'learned', '--output', 'merged'),
    output: 'merged',
  },
  { name: 'push', args: same('push', 'learned', 'anna/cats'), output: 'pushed' },
];

/** Writes the inputs of the commands, except the model in `model` and the adapter in `learned`. */
export async function writeInputs(folder: string): Promise<void> {
  const lines = (rows: readonly object[]) => `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`;
  const words = ['cat', 'dog', 'cow', '猫', '狗', '牛', 'hen', 'fox'];
  const files = {
    'pairs.jsonl': lines(
      words.map((word, i) => ({ prompt: `${word}:`, completion: ` ${words[(i + 3) % 8]}!` })),
    ),
    'texts.txt': Array.from({ length: 40 }, (_, i) => `${words[i % 8]} ${i} says 你好.`).join('\n'),
    'choices.jsonl': lines(
      words.map((word, i) => ({ input: word, small: i % 2 ? 'kkkkk' : 'k', large: i % 2 ? 'A' : 'AAAAAA' })),
    ),
    'candidates.yaml':
      '- name: small\n  completionTemplate: "{small}"\n- name: large\n  completionTemplate: "{large}"\n',
    'compare.yaml': `model: model
data: pairs.jsonl
test: pairs.jsonl
output: out
metrics: [loss]
seeds: [1, 2]
maxSteps: 3
methods:
  - name: prompt
    method: prompt-tuning
    methodOptions:
      numVirtualTokens: 3
`,
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
}

/** Times and memory, which differ between runs. */
const measured = /seconds|memory|perSecond/i;

/** A digest of every file at a path, without measured values; `leftovers` are files that should not exist. */
export async function writtenAt(
  path: string,
): Promise<{ files: Record<string, string>; leftovers: string[] }> {
  const files: Record<string, string> = {};
  const leftovers: string[] = [];
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => undefined);
  const paths = entries
    ? entries.filter((entry) => !entry.isDirectory()).map(({ parentPath, name }) => join(parentPath, name))
    : existsSync(path)
      ? [path]
      : [];
  for (const file of paths) {
    const name = relative(path, file);
    if (name.split('/').some(isTemporaryName) || name.endsWith('run.lock')) leftovers.push(name);
    else if (!/events\.out\.|report\.html$|table\.md$/.test(name)) files[name] = await digest(file);
  }
  return { files, leftovers };
}

async function digest(path: string): Promise<string> {
  let content: string | Buffer = await readFile(path);
  const withoutMeasured = (key: string, value: unknown) => (measured.test(key) ? undefined : value);
  if (/\.jsonl?$/.test(path)) {
    const values = path.endsWith('.jsonl')
      ? content.toString().split('\n').filter(Boolean)
      : [content.toString()];
    content = values.map((value) => JSON.stringify(JSON.parse(value), withoutMeasured)).join('\n');
  }
  return createHash('sha256').update(content).digest('hex');
}
