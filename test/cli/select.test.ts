/**
 * @file `promptune select` as a process: from losses to a selector, its figures, and generation with what it chooses.
 */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluateSelector, fromPretrained, loadSelector } from '../../src/index.js';
import { finished, type Json, jsonLines, runCli, startCli, succeed } from '../support/cli.js';
import { refused } from '../support/refused.js';
import { workplace } from '../support/workplace.js';

/** Lower-case inputs have a short small answer, the others a short large one. */
const rows = Array.from({ length: 24 }, (_, i) => {
  const word = 'abcdefgh'[i % 8]!.repeat(2 + (i % 3));
  return i % 2 === 0
    ? { input: word, small: 'k', large: 'AAAAAAAA' }
    : { input: word.toUpperCase(), small: 'kkkkkkkk', large: 'A' };
});

const candidates = `- name: small
  completionTemplate: "{small}"
- name: large
  template: "Q: {input}\\n"
  completionTemplate: "{large}"
`;

let cwd: string;
beforeAll(async () => {
  cwd = await workplace();
  await writeFile(join(cwd, 'rows.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
  await writeFile(join(cwd, 'candidates.yaml'), candidates);
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const trainFlags = ['--model', 'model', '--candidates', 'candidates.yaml', '--data', 'rows.jsonl'];
const train = (...args: string[]) => [
  'select',
  'train',
  ...trainFlags,
  '--epochs',
  '8',
  '--batch-size',
  '6',
  '--learning-rate',
  '0.05',
  ...args,
];

it('trains, evaluates and applies a selector', async () => {
  const shown = await succeed(train('--output', 'chosen'), { cwd });
  expect(shown).toMatch(/^Trained on 19 rows; the best epoch on the validation rows is \d:\n/);
  expect(shown).toMatch(/\nsmall +\d+\.\d{4} +\d +\d\n/);
  expect(shown).toContain('To use it: promptune select apply chosen --text "…"');
  expect((await readdir(join(cwd, 'chosen'))).sort()).toEqual([
    'losses',
    'selector.json',
    'selector.safetensors',
  ]);
  expect(JSON.parse(await readFile(join(cwd, 'chosen/selector.json'), 'utf8'))).toMatchObject({
    selector: 'linear',
    inputField: 'input',
    model: { name: 'model', hiddenSize: 32 },
    candidates: [{ name: 'small' }, { name: 'large', template: 'Q: {input}\n' }],
  });

  const [report] = jsonLines(
    await succeed(['select', 'eval', 'chosen', '--data', 'rows.jsonl', '--json'], { cwd }),
  );
  const pretrained = await fromPretrained(join(cwd, 'model'));
  const selector = await loadSelector(join(cwd, 'chosen'), pretrained);
  const data = join(cwd, 'rows.jsonl');
  expect(report).toEqual({
    data: 'rows.jsonl',
    ...(await evaluateSelector({ ...pretrained, selector, data })),
  });
  expect(report!.accuracy).toBeGreaterThan(0.9);
  await selector.dispose();

  const flags = ['apply', 'chosen', '--max-new-tokens', '3'];
  const chosen = jsonLines(await succeed(['select', ...flags, '--json'], { cwd, input: 'aaa\nDDD\n' }));
  expect(chosen.map(({ input, candidate, prompt }) => [input, candidate, prompt])).toEqual([
    ['aaa', 'small', 'aaa'],
    ['DDD', 'large', 'Q: DDD\n'],
  ]);
  for (const { probability } of chosen) expect(probability).toBeGreaterThan(0.5);
  const prompts = chosen.flatMap(({ prompt }) => ['--prompt', prompt]);
  const alone = ['generate', '--model', 'model', ...prompts, '--max-new-tokens', '3', '--json'];
  const expected = jsonLines(await succeed(alone, { cwd }));
  expect(chosen.map(({ text }) => text)).toEqual(expected.map(({ text }) => text));
  const named = await succeed(['select', 'apply', 'chosen', '--text', 'DDD', '--no-generate'], { cwd });
  expect(named).toBe('[large] Q: DDD\n\n');

  const child = startCli(['serve', '--model', 'model', '--selector', 'chosen', '--port', '0'], { cwd });
  const ended = finished(child);
  const line = await new Promise<string>((resolve) =>
    createInterface({ input: child.stdout }).once('line', resolve),
  );
  const body = { model: 'chosen', prompt: ['aaa', 'DDD'], max_tokens: 3, temperature: 0 };
  const answer = await fetch(`${/http\S+/.exec(line)![0]}/completions`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  const { choices } = (await answer.json()) as Json;
  expect(choices.map(({ text }: Json) => text)).toEqual(chosen.map(({ text }) => text));
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ code: 0 });
});

it('reuses the losses of an interrupted training', async () => {
  const args = train('--output', 'stopped', '--json');
  const events = jsonLines(await succeed(args, { cwd }));
  expect(
    events.filter(({ type }) => type === 'losses').map(({ candidate, total }) => [candidate, total]),
  ).toEqual([
    ['small', 24],
    ['large', 24],
  ]);
  await rm(join(cwd, 'stopped/selector.json'));
  const again = jsonLines(await succeed(args, { cwd }));
  expect(again.filter(({ type }) => type === 'losses')).toEqual([]);
  expect(again.at(-1)).toEqual(events.at(-1));
});

describe('what is wrong', () => {
  it.each<[string[], 1 | 2, string | RegExp]>([
    [['select', 'train', '--data', 'rows.jsonl'], 2, 'there are no candidates; add --candidates with a file'],
    [['select', 'apply', 'nowhere', '--text', 'a'], 1, /nowhere: there is no such folder/],
    [
      train('--output', 'x', '--input-field', 'inptu'),
      1,
      /rows\.jsonl \(line 1\): there is no field "inptu"/,
    ],
  ])('%j is told', async (args, code, message) => {
    await refused(cwd, args, code, message);
  });

  it.each<[string, string | RegExp, (1 | 2)?]>([
    ['- name: a\n', 'bad.yaml: expected at least two candidates to choose from'],
    ['- name: a\n- name: b\n  tmplate: "{input}"\n', /bad\.yaml \(line 2, candidate 2\): .*tmplate/],
    [
      '- name: a\n- name: a\n',
      /bad\.yaml \(line 2, candidate 2, name\): another candidate has the name "a" already/,
    ],
    [
      '- name: a\n- name: b\n',
      'candidate "a" has no answer: the rows have no field completion or output; set its completionTemplate, such as " {label}"',
      2,
    ],
    ['- name: [\n', /bad\.yaml \(line \d\): it is not valid YAML or JSON/],
    ['- name: a\n- {name: b, adapter: nowhere}\n', /nowhere: there is no such folder/],
  ])('candidates such as %j are refused', async (text, message, code = 1) => {
    await writeFile(join(cwd, 'bad.yaml'), text);
    const args = ['select', 'train', '--model', 'model', '--candidates', 'bad.yaml', '--data', 'rows.jsonl'];
    await refused(cwd, [...args, '--output', 'bad'], code, message);
  });

  it('names the whole command for an unknown option', async () => {
    const { stderr, code } = await runCli(['select', 'train', '--selectr', 'x'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain('(promptune select train --help shows all options)');
  });
});
