/** @file The command that a run ends with works as it is printed, for every method and every task. */
import { execFileSync } from 'node:child_process';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { runCommandLine } from '../src/cli/program.js';
import { methods } from '../src/index.js';
import { useWarmRuntime } from './support/warm-runtime.js';
import { workplace } from './support/workplace.js';

useWarmRuntime();

let folder: string;
const at = (name: string) => join(folder, name);
const chatTemplate =
  '{% for m in messages %}<{{ m.role }}>{{ m.content }}<end>{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}';

beforeAll(async () => {
  folder = await workplace();
  await cp(at('model'), at('chat-model'), { recursive: true });
  const config = JSON.parse(await readFile(at('model/tokenizer_config.json'), 'utf8'));
  await writeFile(
    at('chat-model/tokenizer_config.json'),
    JSON.stringify({ ...config, chat_template: chatTemplate }),
  );
  const data = {
    'pairs.jsonl': [{ prompt: 'it\'s a "cat"\n\\', completion: ' b' }],
    'questions.jsonl': [{ q: 'Who?\nYou', hint: 'a "b" \\', a: ' I' }],
    'reviews.jsonl': [
      { review: 'fine', label: '1' },
      { review: 'bad', label: '0' },
    ],
    'texts.jsonl': [
      { text: 'fine', label: 'good' },
      { text: 'sad', label: 'bad' },
    ],
    'moods.jsonl': [
      { text: 'fine', label: 'good' },
      { text: 'sad', label: 'bad' },
      { text: 'so fine', label: 'good' },
      { text: 'so sad', label: 'bad' },
    ],
    'words.jsonl': [{ tokens: ['a', 'cat'], tags: ['O', 'B'] }],
    'answers.jsonl': [{ question: 'who?', context: 'a cat', answers: { text: ['cat'], answer_start: [2] } }],
    'chat.jsonl': [
      {
        messages: [
          { role: 'user', content: 'hi' },
          { role: 'assistant', content: 'ho' },
        ],
      },
    ],
    'whole.jsonl': [{ text: 'once upon a time' }],
  };
  for (const [name, rows] of Object.entries(data))
    await writeFile(at(name), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
});
afterAll(() => rm(folder, { recursive: true }));

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGPIPE'] as const;

/** Runs a command line of `promptune` here, and returns what it prints. */
async function run(args: readonly string[]): Promise<string> {
  const printed: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((line) => void printed.push(`${line}\n`));
  const error = vi.spyOn(console, 'error').mockImplementation((line) => void printed.push(`${line}\n`));
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed.push(`${text}`);
    return true;
  });
  vi.stubEnv('npm_config_user_agent', undefined);
  const before = signals.map((name) => process.listeners(name));
  try {
    expect([await runCommandLine(args), printed.join('')]).toEqual([undefined, expect.any(String)]);
  } finally {
    for (const spy of [log, error, write]) spy.mockRestore();
    vi.unstubAllEnvs();
    for (const [i, name] of signals.entries())
      for (const listener of process.listeners(name))
        if (!before[i]!.includes(listener)) process.off(name, listener);
  }
  return printed.join('');
}

/** The words of a command line, as a shell has them. */
const wordsOf = (line: string): string[] =>
  execFileSync('bash', ['-c', `promptune() { printf '%s\\0' "$@"; }; ${line}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);

const short = ['--max-steps', '1', '--batch-size', '1'];
const few = { numVirtualTokens: '--num-virtual-tokens' };

/** The options that a method needs, and those that make it small. */
function optionsOf(method: (typeof methods)[number]): string[] {
  const { name, schema } = method;
  const size = 'numVirtualTokens' in schema.shape && name !== 'cpt' ? [few.numVirtualTokens, '2'] : [];
  if (name === 'cpt') return ['--examples-file', at('pairs.jsonl')];
  if (name === 'cartridge') return [...size, '--init-text', 'a text'];
  if (name === 'instance-prompt') return [...size, '--encoder', 'linear'];
  return size;
}

async function trained(name: string, ...args: string[]): Promise<{ line: string; words: string[] }> {
  const output = at(`runs/${name}`);
  const printed = await run(['train', '--output', output, ...short, ...args]);
  const [, line] = /^Try it: (.*)$/m.exec(printed) ?? [];
  return { line: line!, words: wordsOf(line!) };
}

const model = () => ['--model', at('model')];

it.each(methods.filter(({ name }) => name !== 'head-alone').map((method) => [method.name, method] as const))(
  '%s',
  async (name, method) => {
    const data = ['--data', at('pairs.jsonl')];
    const { words } = await trained(name, ...model(), ...data, '--method', name, ...optionsOf(method));
    const printed = await run([...words, '--max-new-tokens', '1']);
    expect(printed.startsWith('it\'s a "cat"\n\\')).toBe(true);
  },
);

it.each([
  ['sequence-classification', 'texts.jsonl', /^(good|bad) 0\.\d+ .* {2}fine$/m],
  ['token-classification', 'words.jsonl', /^a\/[OB] cat\/[OB]$/m],
  ['question-answering', 'answers.jsonl', /who\?$/m],
])('%s', async (task, file, expected) => {
  const data = ['--data', at(file), '--task-type', task, '--method', 'head-alone'];
  const { words } = await trained(task, ...model(), ...data);
  expect(await run(words)).toMatch(expected);
});

it('labels as completions: they are chosen from, and counted', async () => {
  const data = ['--data', at('moods.jsonl')];
  const { line, words } = await trained('moods', ...model(), ...data, '--num-virtual-tokens', '2');
  expect(line).toBe(`promptune classify --adapter ${at('runs/moods')} --text fine`);
  expect(await run(words)).toMatch(/^(good|bad) 0\.\d+ {2}\((good|bad) 0\.\d+\) {2}fine$/m);
  expect(await run(['inspect', at('runs/moods')])).toMatch(/^Labels: bad, good$/m);
  const scored = await run(['eval', '--adapter', at('runs/moods'), ...data]);
  expect(scored).toMatch(/^accuracy +(0\.[0-9]+|1\.0000) .*\n(.*\n)*always "(good|bad)": accuracy 0\.5000$/m);
  const lost = await run(['eval', '--adapter', at('runs/moods'), ...data, '--train-on', 'completion']);
  expect(lost).toContain('perplexity');
});

it('a head over a template', async () => {
  const data = [
    '--data',
    at('reviews.jsonl'),
    '--task-type',
    'sequence-classification',
    '--template',
    'It: {review}',
  ];
  const { line, words } = await trained('template-head', ...model(), ...data, '--method', 'lora', '--r', '1');
  expect(line).toBe(`promptune classify --adapter ${at('runs/template-head')} --text fine`);
  expect(await run(words)).toMatch(/^[01] 0\.\d+ .* {2}fine$/m);
});

it('a template with several fields', async () => {
  const template = ['--template', '{hint}: {q}', '--completion-template', '{a}'];
  const { words } = await trained('fields', ...model(), '--data', at('questions.jsonl'), ...template);
  expect(JSON.parse(words.at(-1)!.replaceAll('\\\\', '\\'))).toEqual({ hint: 'a "b" \\', q: 'Who?\nYou' });
  await run([...words, '--max-new-tokens', '1']);
});

it.each(['lora', 'full-fine-tuning'])('labels by words, with %s', async (method) => {
  const shape = ['--template', '{review} It was', '--verbalizer', '1=great,good', '--verbalizer', '0=bad'];
  const data = ['--data', at('reviews.jsonl'), ...shape, '--method', method];
  const { words } = await trained(`words-${method}`, ...model(), ...data);
  expect(words[0]).toBe('classify');
  expect(await run(words)).toMatch(/^[01] 0\.\d+ {2}\([01] 0\.\d+\) {2}fine$/m);
});

it('the adapter notes how it is used, and what it was trained on', async () => {
  const notes = JSON.parse(await readFile(at('runs/words-lora/adapter/promptune.json'), 'utf8'));
  expect(notes).toEqual({
    base: { name: at('model'), sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    usage: {
      promptTemplate: '{review} It was',
      reading: {
        template: '{review} It was',
        verbalizer: { 1: ['great', 'good'], 0: ['bad'] },
        layoutLanguage: 'en',
      },
    },
    training: {
      method: 'lora',
      data: [{ name: 'reviews.jsonl', rows: 2, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }],
      examples: 2,
      steps: 1,
    },
  });
});

it.each(['prompt-tuning', 'full-fine-tuning'])('a conversation, with %s', async (method) => {
  const data = ['--model', at('chat-model'), '--data', at('chat.jsonl'), '--method', method];
  const { words } = await trained(`chat-${method}`, ...data);
  expect(words.at(-1)).toBe('hi');
  const answer = async (...how: string[]) => {
    const others = how.length > 0 ? words.filter((word) => word !== '--chat') : words;
    return run([...others, ...how, '--max-new-tokens', '3', '--json']);
  };
  const asMessage = await answer();
  expect(await answer('--raw')).not.toBe(asMessage);
  expect(await answer('--template', '<user>{text}<end><assistant>')).toBe(asMessage);
});

it('soft tokens inside a template, and a text as a whole', async () => {
  const soft = await trained(
    'soft',
    ...model(),
    '--data',
    at('reviews.jsonl'),
    '--template',
    '{soft:2}{review}{soft:1}',
  );
  expect(await run([...soft.words, '--max-new-tokens', '1'])).toMatch(/^fine/);
  const whole = await trained('whole', ...model(), '--data', at('whole.jsonl'), '--method', 'lora');
  expect(await run([...whole.words, '--max-new-tokens', '1'])).toMatch(/^once upon a time/);
});

it('promptune quickstart', async () => {
  const printed = await run(['quickstart', '--steps', '1', '--output', at('runs/quickstart')]);
  expect(printed).toContain('   A cute cat,\n      without  ');
  expect(printed).toContain(`promptune generate --adapter ${at('runs/quickstart')} --prompt "A clever cat"`);
});
