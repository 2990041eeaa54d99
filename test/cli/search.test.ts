/**
 * @file `promptune search` as a process: what it finds, says and writes, and that the text found does as reported
 * elsewhere.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { refuse, startChatServer } from '../../src/search/chat-server.fixture.js';
import { withTextBefore } from '../../src/text/template-compiler.js';
import { jsonLines, runCli, succeed } from '../support/cli.js';
import { refused } from '../support/refused.js';
import { workplace } from '../support/workplace.js';

let cwd: string;
beforeAll(async () => {
  cwd = await workplace();
  const rows = Array.from({ length: 12 }, (_, i) => ({ prompt: `${i} + ${i}`, completion: ` ${2 * i}` }));
  const lines = (list: readonly object[]) => list.map((row) => JSON.stringify(row)).join('\n');
  await writeFile(join(cwd, 'train.jsonl'), lines(rows.slice(0, 8)));
  await writeFile(join(cwd, 'held.jsonl'), lines(rows.slice(8)));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const search = (...args: string[]) => ['search', '--model', 'model', '--data', 'train.jsonl', ...args];
const held = ['--validation', 'held.jsonl'];

it('finds a text whose loss is that of `eval` with the text in the template', async () => {
  const template = '{prompt} =';
  const flags = ['--template', template, '--init-text', 'Sum\\t', '--steps', '2', '--num-candidates', '8'];
  const lines = (await succeed(search(...held, ...flags, '--output', 'found/it.json'), { cwd })).split('\n');
  const written = JSON.parse(await readFile(join(cwd, 'found/it.json'), 'utf8'));
  const { text, tokenIds, loss, perplexity, start, noPrompt, history, settings } = written;
  expect(lines.slice(0, 3)).toEqual([
    'gcg on model, from "Sum\\t" (4 tokens)',
    '8 examples, and 4 held out for comparison',
    `step 0: validation loss ${start.loss.toPrecision(4)}`,
  ]);
  const row = (title: string, scored: { loss: number; perplexity: number }) =>
    `${title.padEnd(24)}${scored.loss.toFixed(4).padStart(10)}${scored.perplexity.toFixed(2).padStart(14)}`;
  expect(lines).toContain(`Found in step ${written.step}: ${JSON.stringify(text)}`);
  expect(lines).toContain(`token ids: ${tokenIds.join(' ')}`);
  expect(lines).toContain(row('the text found', { loss, perplexity }));
  expect(lines).toContain(row('the start', start));
  expect(lines).toContain(row('no prompt', noPrompt));
  expect(loss).toBeLessThan(start.loss);
  expect(tokenIds).toHaveLength(text.length);
  expect(history[0]).toEqual({ step: 0, text: 'Sum\t', loss: start.loss });
  expect(settings).toMatchObject({ model: 'model', method: 'gcg', template, steps: 2, topK: 64, seed: 42 });

  const whole = withTextBefore(text, template);
  const escaped = whole.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t');
  const evaluation = ['eval', '--model', 'model', '--data', 'held.jsonl', '--json', '--template'];
  const [evaluated] = jsonLines(await succeed([...evaluation, escaped], { cwd }));
  expect(evaluated!.model.loss).toBe(loss);
});

it('asks a service, with the key from the environment, and prints objects for machines', async () => {
  const server = await startChatServer(() => '<instruction>Add {both}.</instruction>');
  const flags = [
    '--method',
    'opro',
    '--endpoint',
    server.url,
    '--endpoint-model',
    'm',
    '--steps',
    '1',
    '--json',
  ];
  const env = { PROMPTUNE_API_KEY: 'secret' };
  const printed = jsonLines(await succeed(search(...held, ...flags), { cwd, env }));
  await server.close();
  expect(server.requests[0]!.headers.authorization).toBe('Bearer secret');
  expect(printed.map(({ type }) => type)).toEqual(['start', 'step', 'validation', 'end']);
  expect(printed[2]).toMatchObject({ step: 1, text: 'Add {both}.\n' });
  expect(printed[3]!.history).toHaveLength(2);
  expect(JSON.stringify(printed)).not.toContain('secret');
});

it('fails with what the service says', async () => {
  const server = await startChatServer((_, response) => refuse(response, 401, 'no such key'));
  const flags = [
    '--method',
    'opro',
    '--endpoint',
    server.url,
    '--endpoint-model',
    'm',
    '--api-key',
    'secret',
  ];
  const { stderr, code } = await runCli(search(...held, ...flags), { cwd });
  await server.close();
  expect(code).toBe(1);
  const problem = 'HTTP status 401: no such key; check the key for this service';
  expect(stderr).toBe(`promptune: ${server.url}/chat/completions: ${problem}\n`);
});

it.each<[string[], string]>([
  [['search'], 'there is no data; add --data with a file'],
  [search('--method', 'pez', '--top-k', '3'), '--top-k: not used by method "pez"'],
  [search('--api-key', 'x'), '--api-key: not used by method "gcg"'],
  [
    search('--method', 'opro'),
    '--endpoint: required by method "opro"; --endpoint-model: required by method "opro"',
  ],
  [search('--output', 'model'), '--output: model is a folder, expected a file, such as found.json'],
])('%j is refused', async (args, message) => {
  await refused(cwd, args, 2, message);
});
