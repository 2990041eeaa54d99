/**
 * @file `eval --metrics`, `compare` and `runs` as processes: what they print and leave, and that a comparison goes on
 * after a kill.
 */
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluate, fromPretrained, loadAdapter } from '../../src/index.js';
import { finished, type Json, jsonLines, runCli, startCli, succeed } from '../support/cli.js';
import { refused } from '../support/refused.js';
import { workplace } from '../support/workplace.js';

/** Lower case is small, upper case large. */
const records = Array.from({ length: 12 }, (_, i) => {
  const word = 'abcdefgh'[i % 8]!.repeat(2 + (i % 3));
  return i % 2 === 0
    ? { prompt: word, completion: ' small', answers: ['a small one', 'small'] }
    : { prompt: word.toUpperCase(), completion: ' large', answers: ['large'] };
});

const config = `model: model
data: rows.jsonl
test: rows.jsonl
output: out
labels: [small, large]
metrics: [accuracy, loss]
seeds: [1, 2]
maxSteps: 3
learningRate: 0.1
methods:
  - name: prompt
    method: prompt-tuning
    methodOptions:
      numVirtualTokens: 3
`;

let cwd: string;
beforeAll(async () => {
  cwd = await workplace();
  await writeFile(join(cwd, 'rows.jsonl'), records.map((record) => JSON.stringify(record)).join('\n'));
  await writeFile(join(cwd, 'compare.yaml'), config);
  const flags = ['--method', 'lora', '--learning-rate', '0.05', '--max-steps', '3', '--tensorboard'];
  await succeed(['train', '--model', 'model', '--data', 'rows.jsonl', '--output', 'runs/one', ...flags], {
    cwd,
  });
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const evalFlags = ['eval', '--model', 'model', '--data', 'rows.jsonl', '--adapter', 'runs/one'];

describe('eval --metrics', () => {
  it('gives the figures of `evaluate`, writes every row and a report', async () => {
    const flags = ['--labels', 'small,large', '--metrics', 'accuracy,ece,loss', '--json'];
    const files = ['--predictions', 'p.jsonl', '--report', 'report.html'];
    const [figures] = jsonLines(await succeed([...evalFlags, ...flags, ...files], { cwd }));
    const { model, tokenizer } = await fromPretrained(join(cwd, 'model'));
    const adapter = await loadAdapter(join(cwd, 'runs/one/adapter'), model);
    const options = { model, tokenizer, data: join(cwd, 'rows.jsonl'), labels: ['small', 'large'] };
    const metrics = ['accuracy', 'ece', 'loss'];
    const learned = await evaluate({ ...options, adapter, metrics });
    const alone = await evaluate({ ...options, metrics });
    expect(figures).toEqual({
      data: 'rows.jsonl',
      examples: 12,
      notes: ['unused fields: answers'],
      majority: { label: 'small', share: 0.5 },
      adapter: learned.scores,
      model: alone.scores,
      differences: {
        accuracy: {
          difference: learned.scores.accuracy!.value - alone.scores.accuracy!.value,
          interval: { low: expect.any(Number), high: expect.any(Number) },
          pValue: expect.any(Number),
        },
        ece: { difference: learned.scores.ece!.value - alone.scores.ece!.value },
      },
    });
    const lines = jsonLines(await readFile(join(cwd, 'p.jsonl'), 'utf8'));
    expect(lines).toHaveLength(12);
    const { prediction, probabilities, scores } = alone.rows[3]!;
    expect(lines[3]).toEqual({ row: 4, ...learned.rows[3], untuned: { prediction, probabilities, scores } });
    const report = await readFile(join(cwd, 'report.html'), 'utf8');
    expect(report).toContain('<title>one on rows.jsonl</title>');
    expect(report).toContain('Confusion matrices');
  });

  it('scores what it generates against several references, in a table for people', async () => {
    const flags = ['--reference-field', 'answers', '--metrics', 'rouge-l,chrf2', '--max-new-tokens', '4'];
    const lines = (await succeed([...evalFlags, ...flags], { cwd })).split('\n');
    expect(lines[0]).toBe('rows.jsonl: 12 examples (in brackets: 95 % intervals over rows)');
    expect(lines[1]).toBe('  unused fields: completion');
    expect(lines[2]).toMatch(/^ {16}with the adapter {12}without it {18}difference$/);
    expect(lines[3]).toMatch(/^rouge-l +\d\.\d{4} \[\d\.\d{4}, \d\.\d{4}\] .* p [=<] \d\.\d{3}$/);
    expect(lines[4]).toMatch(/^chrf2 +\d+\.\d\d \[/);
  });

  it.each([
    [['--metrics', 'bleu,mcc'], 2, /^the metric "mcc" is for labels, but texts are generated/],
    [['--metrics', 'blue'], 2, '--metrics: there is no metric "blue"; did you mean "bleu"?'],
    [['--report', 'r.html'], 2, /^--metrics: expected names of metrics for texts/],
    [['--max-new-tokens', '3'], 2, '--max-new-tokens: it affects answers only; add --metrics to score them'],
    [['--metrics', 'bleu', '--truncation', 'end'], 2, /^--truncation: it affects loss and perplexity only/],
    [
      ['--metrics', 'accuracy', '--labels', 'small,huge'],
      1,
      'rows.jsonl (line 2): the answer "large" is not one of the labels small, huge',
    ],
    [
      ['--metrics', 'bleu', '--reference-field', 'answer'],
      1,
      /^rows\.jsonl \(line 1\): there is no field "answer"/,
    ],
  ] as const)('refuses %j', (flags, code, message) => refused(cwd, [...evalFlags, ...flags], code, message));
});

it('eval scores texts without special tokens, and names unused fields', async () => {
  await cp(join(cwd, 'model'), join(cwd, 'special'), { recursive: true });
  await writeFile(join(cwd, 'asked.jsonl'), JSON.stringify({ prompt: 'abc', completion: ' small', id: 7 }));
  const ask = ['--prompt', 'abc', '--max-new-tokens', '4', '--json'];
  const plain = jsonLines(await succeed(['generate', '--model', 'model', ...ask], { cwd }))[0]!;
  const { model, tokenizer } = await fromPretrained(join(cwd, 'model'));
  expect(model.config.vocabSize).toBe(257);
  // The first token that the model writes, made special.
  const path = join(cwd, 'special', 'tokenizer.json');
  const json = JSON.parse(await readFile(path, 'utf8'));
  const [first]: [number] = plain.ids;
  const [content] = Object.entries(json.model.vocab).find(([, id]) => id === first)!;
  json.added_tokens.push({ ...json.added_tokens[0], id: first, content });
  await writeFile(path, JSON.stringify(json));
  const flags = ['--metrics', 'chrf2', '--max-new-tokens', '4', '--predictions', 'special.jsonl'];
  const shown = await succeed(['eval', '--model', 'special', '--data', 'asked.jsonl', ...flags], { cwd });
  const row = jsonLines(await readFile(join(cwd, 'special.jsonl'), 'utf8'))[0]!;
  expect(row.prediction).toBe(tokenizer.decode(plain.ids.filter((id: number) => id !== first)).trim());
  expect(shown).toContain('rows)\n  unused fields: id\n');
  const losses = ['eval', '--model', 'model', '--data', 'asked.jsonl'];
  expect(await succeed(losses, { cwd })).toContain(' label tokens\n  unused fields: id\n');
  expect(jsonLines(await succeed([...losses, '--json'], { cwd }))[0]!.notes).toEqual(['unused fields: id']);
  const search = ['search', '--model', 'model', '--data', 'rows.jsonl', '--method', 'gcg', '--steps', '1'];
  expect(await succeed([...search, '--num-tokens', '2', '--num-candidates', '2'], { cwd })).toContain(
    '\nunused fields: answers\n',
  );
}, 120_000);

describe('compare', () => {
  it('resumes after kill -9, keeps finished cells, and writes table, results and report', async () => {
    const child = startCli(['compare', 'compare.yaml'], { cwd });
    const end = finished(child);
    while (!(await readdir(join(cwd, 'out')).catch((): string[] => [])).includes('prompt-all-seed-1'))
      await setTimeout(20);
    child.kill('SIGKILL');
    await end;
    const untuned = await readFile(join(cwd, 'out/untuned/result.json'), 'utf8');

    const compared = await runCli(['compare', 'compare.yaml'], { cwd });
    expect(compared.stderr.match(/unused fields: answers\n/g)).toHaveLength(1);
    const lines = compared.stdout.split('\n');
    expect(lines[0]).toMatch(/^untuned: accuracy \d\.\d{4}, loss \d\.\d{4} \(kept\)$/);
    expect(await readFile(join(cwd, 'out/untuned/result.json'), 'utf8')).toBe(untuned);
    expect(lines[1]).toMatch(/^prompt-all-seed-1: /);
    expect(lines[4]).toMatch(
      /^method +examples +seeds +accuracy +loss +trainable parameters +time +peak memory$/,
    );
    expect(lines[6]).toMatch(/^prompt +12 +2 +\d\.\d{4} ± \d\.\d{4} .* 96 .* s +\d+ MB$/);
    expect((await readdir(join(cwd, 'out'))).sort()).toEqual(
      ['prompt-all-seed-1', 'prompt-all-seed-2', 'report.html', 'results.json', 'table.md', 'untuned'].sort(),
    );
    const results: Json = JSON.parse(await readFile(join(cwd, 'out/results.json'), 'utf8'));
    expect(results.cells).toHaveLength(3);
    expect(results.cells[1]).toMatchObject({ method: 'prompt', seed: 1, steps: 3, trainableParameters: 96 });
    const adapter = await loadAdapter(
      join(cwd, 'out/prompt-all-seed-1/run/adapter'),
      (await fromPretrained(join(cwd, 'model'))).model,
    );
    expect(adapter.numVirtualTokens).toBe(3);

    const [again] = jsonLines(await succeed(['compare', 'compare.yaml', '--json'], { cwd }));
    expect(again).toEqual(results);

    const files = ['out/untuned/predictions.jsonl', 'out/prompt-all-seed-1/predictions.jsonl'];
    const [paired] = jsonLines(
      await succeed(['compare', ...files, '--metrics', 'accuracy', '--json'], { cwd }),
    );
    expect(paired).toMatchObject({
      files,
      rows: 12,
      metrics: [
        {
          name: 'accuracy',
          first: results.cells[0].scores.accuracy,
          second: results.cells[1].scores.accuracy,
        },
      ],
    });
  });

  it('gives the same bytes in two processes at once, and in shares that meet in a store', async () => {
    const settings = config.replace('output: out', 'output: OUT\nuntuned: false\nthreads: 1');
    for (const name of ['alone', 'two', 'shares'])
      await writeFile(join(cwd, `${name}.yaml`), settings.replace('OUT', name));
    await succeed(['compare', 'alone.yaml'], { cwd });
    await succeed(['compare', 'two.yaml', '--workers', '2'], { cwd });
    const shared = ['compare', 'shares.yaml', '--store', 'store'];
    const [part] = await Promise.all(
      ['1/2', '2/2'].map((share) => succeed([...shared, '--part', share], { cwd })),
    );
    expect(part).toMatch(/^prompt-all-seed-1: .*\n\nPart 1 of 2: 1 cell is in folder:.*store\n/);
    expect(await readdir(cwd)).not.toContain('shares');
    const gathered = await succeed(shared, { cwd });
    expect(gathered).toMatch(/^prompt-all-seed-1: .* \(kept\)\nprompt-all-seed-2: .* \(kept\)\n/);
    const bytesOf = async (folder: string) => {
      const bytes: Record<string, string> = {};
      for (const cell of ['prompt-all-seed-1', 'prompt-all-seed-2'])
        for (const name of ['result.json', 'predictions.jsonl', 'run/adapter/adapter_model.safetensors'])
          bytes[`${cell} ${name}`] = await readFile(join(cwd, folder, cell, name), 'latin1');
      return bytes;
    };
    const alone = await bytesOf('alone');
    expect(await bytesOf('two')).toEqual(alone);
    expect(await bytesOf('shares')).toEqual(alone);
    expect(await readdir(join(cwd, 'store'))).not.toContain('conflict');
  });

  it('goes on with the other cells where one fails, and lists it at the end', async () => {
    const failing = config
      .replace('output: out', 'output: failing\nuntuned: false')
      .replace('seeds: [1, 2]', 'seeds: [1]')
      .concat('  - name: wide\n    method: prompt-tuning\n    methodOptions: { numVirtualTokens: 500 }\n');
    await writeFile(join(cwd, 'failing.yaml'), failing);
    const { code, stdout, stderr } = await runCli(['compare', 'failing.yaml'], { cwd });
    expect(code).toBe(1);
    expect(stdout).toMatch(/\nprompt +12 /);
    expect(stderr).toMatch(
      /\n1 of 2 cells failed:\n {2}wide-all-seed-1: 500 virtual tokens leave no room .*\nThe same command/,
    );
  });

  it('refuses what it cannot compare, with the line', async () => {
    await writeFile(join(cwd, 'wrong.yaml'), config.replace('numVirtualTokens', 'numTokens'));
    await refused(
      cwd,
      ['compare', 'wrong.yaml'],
      2,
      /^wrong\.yaml \(line 14\): methods\.0\.methodOptions\.numTokens: the key is unknown/,
    );
    await refused(
      cwd,
      ['compare', 'rows.jsonl'],
      2,
      /^expected one configuration \(\.yaml\), or two files of predictions/,
    );
    await refused(
      cwd,
      ['compare', 'rows.jsonl', 'rows.jsonl'],
      1,
      /^rows\.jsonl \(line 1\): expected a row of predictions/,
    );
  });
});

describe('runs', () => {
  it('lists the runs of a folder, and draws the curves of those that are named', async () => {
    const [listed] = jsonLines(await succeed(['runs', '--json'], { cwd }));
    expect(listed).toMatchObject({
      run: 'runs/one',
      model: 'model',
      method: 'lora',
      state: 'done',
      steps: 3,
    });
    expect(listed!.seconds).toBeGreaterThan(0);
    const table = await succeed(['runs'], { cwd });
    expect(table).toMatch(
      /^run +method +state +steps +loss +best validation +time\nruns\/one +lora +done +3 +\d\.\d{3} .*s\n$/,
    );
    const curves = (await succeed(['runs', 'runs/one'], { cwd })).split('\n');
    expect(curves[1]).toMatch(/^a {2}runs\/one/);
    expect(curves[3]).toBe('loss');
    expect(curves.at(-2)).toMatch(/└─+ step 3$/);
    expect(
      (await readdir(join(cwd, 'runs/one'))).filter((name) => name.startsWith('events.out.tfevents.')),
    ).toHaveLength(1);
  });

  it('reports that there are none', async () => {
    await succeed(['runs', 'runs/one', '--note', 'the first'], { cwd });
    const chosen = ['runs', '--filter', 'state=done', '--sort=-steps', '--columns', 'seed,optimizer.name'];
    const [heading, line] = (await succeed(chosen, { cwd })).split('\n');
    expect(heading).toMatch(/time +seed +optimizer\.name +note$/);
    expect(line).toMatch(/ +42 +adamw +the first$/);
    await refused(cwd, ['runs', '--sort', 'rank'], 2, /^no run has "rank"; expected run, model/);
    await refused(cwd, ['runs', 'model', '--delete'], 2, "model is not a run's folder");
    await refused(cwd, ['runs', 'model'], 1, 'there are no runs in model');
    await refused(
      cwd,
      ['runs', 'nowhere'],
      2,
      'nowhere: there is no such folder; expected one with runs in it',
    );
    const { code } = await runCli(['runs', '--help'], { cwd });
    expect(code).toBe(0);
  });
});
