/** @file Data on the command line: looked at before training, and labeled by words. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { jsonLines, runCli, succeed } from '../support/cli.js';
import { refused } from '../support/refused.js';
import { workplace } from '../support/workplace.js';

let cwd: string;
beforeAll(async () => {
  cwd = await workplace();
  const rows = [
    { label: 1, sentence: 'The film was wonderful.' },
    { label: 0, sentence: 'The soup was cold and the waiter rude.' },
    { label: 1, sentence: 'The film was wonderful.' },
  ];
  await writeFile(join(cwd, 'reviews.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const template = ['--template', 'Review: {{ sentence }} Sentiment:'];
const words = ['--verbalizer', '1=positive,good', '--verbalizer', '0=negative,bad'];

it('data check, in JSON and for people', async () => {
  const args = ['data', 'check', 'reviews.jsonl', ...template, ...words];
  const [report] = jsonLines(await succeed([...args, '--against', 'reviews.jsonl', '--json'], { cwd }));
  expect(report).toMatchObject({
    data: 'reviews.jsonl',
    rows: 3,
    duplicates: 1,
    labels: { 0: 1, 1: 2 },
    leakage: { against: 'reviews.jsonl', examples: 3, prompts: 3 },
    faults: 0,
  });
  const shown = await succeed([...args, '--examples', '1'], { cwd });
  expect(shown).toContain('reviews.jsonl: 3 rows\n');
  expect(shown).toContain('\nReview: The film was wonderful. Sentiment:⟦ positive<|endoftext|>⟧\n');
  expect(await succeed(['data', 'check', 'reviews.jsonl'], { cwd })).toContain(
    '3 rows, read as labeled texts: sentence → label',
  );
}, 120_000);

it('data check and train read data sets of all kinds, and name unused fields', async () => {
  const write = (name: string, text: string) => writeFile(join(cwd, name), text);
  await write('hub.json', JSON.stringify([{ Text: 'A fine film.', Label: 1, idx: 7 }], null, 2));
  const shown = await succeed(['data', 'check', 'hub.json'], { cwd });
  expect(shown).toContain('hub.json: 1 row, read as labeled texts: Text → Label\n  unused fields: idx\n');
  expect(shown).toContain('A fine film.\nLabel:⟦ 1<|endoftext|>⟧');
  const train = ['train', '--data', 'hub.json', '--max-steps', '1', '--num-virtual-tokens', '2'];
  expect(await succeed([...train, '--output', 'hub-run'], { cwd })).toContain('\nunused fields: idx\n');
  await write('scores.csv', 'sep=;\r\nsentence;label\r\nfine;1.0\r\nbad;0.5\r\n');
  const words = ['--verbalizer', '1.0=good', '--verbalizer', '0.5=poor'];
  const [report] = jsonLines(await succeed(['data', 'check', 'scores.csv', ...words, '--json'], { cwd }));
  expect(report).toMatchObject({ labels: { '0.5': 1, '1.0': 1 }, faults: 0 });
}, 120_000);

it('data check reads conversations as pandas writes them, and names what the chat template ignores', async () => {
  const said =
    "[{'role': 'user', 'content': 'hi'}\n {'role': 'assistant', 'content': \"it's\", 'thinking': 'so'}]";
  const rows = `id,messages\n1,"${said.replaceAll('"', '""')}"\n`;
  await writeFile(join(cwd, 'chat.csv'), rows);
  const shown = await succeed(['data', 'check', 'chat.csv'], { cwd });
  expect(shown).toContain('read as conversations (messages)');
  expect(shown).toContain("ignored by the model's chat template: fields of messages (thinking), in 1 row\n");
  expect(shown).toContain("⟦ it's<|endoftext|>⟧");
}, 120_000);

it('reads the given encoding, and suggests one', async () => {
  const rows = Buffer.from('prompt,completion\ncaf\xe9,\x93fin\x94\n', 'latin1');
  await writeFile(join(cwd, 'latin.csv'), rows);
  const check = ['data', 'check', 'latin.csv'];
  const hint =
    /^latin\.csv \(line 2\): this is not UTF-8 text;.*Name its encoding \(the option encoding, such as latin1\)/;
  await refused(cwd, check, 1, hint);
  expect(await succeed([...check, '--encoding', 'latin1'], { cwd })).toContain('café⟦“fin”<|endoftext|>⟧');
  const unknown = '--encoding: expected the name of an encoding, such as latin1';
  await refused(cwd, [...check, '--encoding', 'klingon'], 2, new RegExp(`^${unknown}`));
  await writeFile(join(cwd, 'latin.yaml'), 'data: latin.csv\nencoding: latin1\nmaxSteps: 1\nbatchSize: 1\n');
  const train = ['train', '--config', 'latin.yaml', '--num-virtual-tokens', '2', '--output', 'latin-run'];
  await succeed(train, { cwd });
  const evaluated = ['eval', '--data', 'latin.csv', '--adapter', 'latin-run', '--encoding', 'latin1'];
  await succeed(evaluated, { cwd });
  await succeed([...evaluated, '--metrics', 'rouge-l', '--max-new-tokens', '2'], { cwd });
  const labels = ['classify', '--data', 'latin.csv', '--completion-template', ' {completion}'];
  const words = [
    '--verbalizer',
    '“fin”=end',
    '--verbalizer',
    'a=b',
    '--label-field',
    'completion',
    '--encoding',
    'windows-1252',
  ];
  expect(await succeed([...labels, ...words], { cwd })).toMatch(/^(“fin”|a) .* café\naccuracy/);
}, 120_000);

it('classify by words, with the accuracy', async () => {
  const args = ['classify', '--data', 'reviews.jsonl', ...template, ...words];
  const lines = jsonLines(await succeed([...args, '--json'], { cwd }));
  expect(lines.map(({ expected }) => expected)).toEqual(['1', '0', '1']);
  for (const { probabilities } of lines) expect(probabilities[0] + probabilities[1]).toBeCloseTo(1, 6);
  expect(lines[0]!.probabilities).toEqual(lines[2]!.probabilities);
  const correct = lines.filter(({ label, expected }) => label === expected).length;
  const shown = await succeed(args, { cwd });
  expect(shown).toContain(`accuracy ${(correct / 3).toFixed(4)} (${correct} of 3)\n`);
  expect(shown).toMatch(/^[01] 0\.\d{3} {2}\([01] 0\.\d{3}\) {2}The film was wonderful\.\n/);
}, 120_000);

it('training ends with the command that uses the words', async () => {
  const run = ['--max-steps', '1', '--num-virtual-tokens', '2', '--output', 'words-run'];
  const shape = [...template, '--completion-template', ': {label}'];
  const shown = await succeed(['train', '--data', 'reviews.jsonl', ...shape, ...words, ...run], { cwd });
  expect(shown).toContain(
    "Try it: promptune classify --adapter words-run --text 'The film was wonderful.'\n",
  );
}, 120_000);

it('names the place of a fault', async () => {
  const classify = ['classify', '--data', 'reviews.jsonl', ...words];
  await refused(
    cwd,
    [...classify, '--template', '{{ sentense }}'],
    1,
    /^reviews\.jsonl \(line 1\): template, line 1, column 4: there is no field "sentense"; .*Did you mean "sentence"\?$/,
  );
  await refused(
    cwd,
    [...classify, '--template', '{{ sentence'],
    2,
    'template, line 1, column 1: a tag or a quote that begins here is never closed',
  );
  await refused(
    cwd,
    ['classify', '--data', 'reviews.jsonl', ...template, '--verbalizer', '1=a', '--verbalizer', '2=b'],
    1,
    'reviews.jsonl (line 2): the label "0" is not in the verbalizer, which has 1, 2',
  );
}, 120_000);

it('search, pretrain, select and compare read the given encoding', async () => {
  // "你好" in GBK, in a field that none of them knows: who reads it names the field.
  const row = Buffer.concat([Buffer.from('{"x": "'), Buffer.from('c4e3bac3', 'hex'), Buffer.from('"}\n')]);
  await writeFile(join(cwd, 'gbk.jsonl'), Buffer.concat([row, row]));
  await writeFile(join(cwd, 'candidates.yaml'), '- name: a\n- name: b\n');
  const compared =
    'data: gbk.jsonl\ntest: gbk.jsonl\nencoding: gbk\nmethods: [lora]\nmetrics: [loss]\noutput: compared\n';
  await writeFile(join(cwd, 'compare.yaml'), compared);
  const read = ['--data', 'gbk.jsonl', '--encoding', 'gbk', '--output', 'none'];
  const commands = [
    ['search', ...read],
    ['pretrain', ...read],
    ['select', 'train', '--candidates', 'candidates.yaml', ...read],
    ['compare', 'compare.yaml'],
  ];
  const outcomes = await Promise.all(commands.map((command) => runCli(command, { cwd })));
  for (const [i, { stderr, code }] of outcomes.entries()) {
    expect(stderr, commands[i]![0]).toContain('the fields are x');
    expect(code).not.toBe(0);
  }
}, 120_000);
