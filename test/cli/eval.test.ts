/** @file `promptune eval` and `promptune inspect` as processes: the figures are those of the API. */
import { cp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { graphText } from '../../src/evaluation/graph-text.js';
import {
  type Adapter,
  evaluateLoss,
  fromPretrained,
  loadAdapter,
  nearestTokens,
  openDataset,
  type Pretrained,
} from '../../src/index.js';
import { jsonLines, runCli, succeed } from '../support/cli.js';
import { workplace } from '../support/workplace.js';

const records = [
  { question: 'What does a dog say?', answer: ' 汪汪🐶' },
  { question: 'Who says moo?', answer: ' A cow.' },
  { question: `${'Very '.repeat(30)}long?`, answer: ' Cut.' },
];
const templates = ['--template', 'Q: {question}\\nA:', '--completion-template', '{answer}'];

let cwd: string;
let pretrained: Pretrained;
let adapter: Adapter;
beforeAll(async () => {
  cwd = await workplace();
  await writeFile(join(cwd, 'test.jsonl'), records.map((record) => JSON.stringify(record)).join('\n'));
  const flags = [
    '--output',
    'run',
    '--num-virtual-tokens',
    '4',
    '--learning-rate',
    '0.3',
    '--max-steps',
    '4',
  ];
  await succeed(['train', '--model', 'model', '--data', 'test.jsonl', ...templates, ...flags], { cwd });
  pretrained = await fromPretrained(join(cwd, 'model'));
  adapter = await loadAdapter(join(cwd, 'run/adapter'), pretrained.model);
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

it('compares precisions, of which the first is that without --dtype', async () => {
  const cacheDir = { cwd, env: { PROMPTUNE_CACHE: join(cwd, 'cache') } };
  const args = ['eval', '--model', 'model', '--data', 'test.jsonl', ...templates, '--max-length', '92'];
  const printed = await succeed([...args, '--adapter', 'run', '--dtype', 'fp32,fp16', '--json'], cacheDir);
  const { precisions } = JSON.parse(printed);
  const { loss, labelTokens } = await figures(adapter);
  expect(precisions).toMatchObject([
    { dtype: 'fp32', loss, labelTokens },
    { dtype: 'fp16', labelTokens },
  ]);
  expect(precisions[1].loss).toBeCloseTo(loss, 2);
  expect(precisions[1].loss).not.toBe(loss);
  expect(precisions[1].weightBytes).toBeLessThan(0.75 * precisions[0].weightBytes);
  const shown = await succeed([...args, '--dtype', 'fp32,fp16'], cacheDir);
  expect(shown).toMatch(/^dtype +loss +perplexity +weights/m);
  expect(shown).toMatch(/^fp16 .* [+-]\d+\.\d\d % /m);
  const refused = await runCli([...args, '--dtype', 'fp32,int3'], cacheDir);
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringContaining('Expected one or more of auto'),
  ]);
});

const evaluate = (...args: string[]) =>
  succeed(['eval', '--model', 'model', '--data', 'test.jsonl', ...args], { cwd });

/** The figures of the API for the same records. */
async function figures(learned: Adapter | undefined) {
  const dataset = await openDataset({
    data: join(cwd, 'test.jsonl'),
    tokenizer: pretrained.tokenizer,
    template: 'Q: {question}\nA:',
    completionTemplate: '{answer}',
    maxLength: 92,
  });
  const result = await evaluateLoss({ model: pretrained.model, adapter: learned, dataset });
  await dataset.dispose();
  return result;
}

it('eval gives the figures of `evaluateLoss`, with the adapter and without, whatever the batches are', async () => {
  const expected = {
    data: 'test.jsonl',
    examples: 3,
    truncated: 1,
    dropped: 0,
    tokens:
      92 +
      'Q: What does a dog say?\nA: 汪汪🐶'.length -
      4 +
      6 +
      4 +
      1 +
      'Q: Who says moo?\nA: A cow.'.length +
      1,
    labelTokens: 12 + 8 + 6,
    adapter: await figures(adapter),
    model: await figures(undefined),
  };
  expect(jsonLines(await evaluate('--adapter', 'run', ...templates, '--json'))).toEqual([expected]);
  expect(expected.adapter.loss).not.toBe(expected.model.loss);
  expect(expected.model.labelTokens).toBe(26);

  const [single] = jsonLines(await evaluate('--adapter', 'run', ...templates, '--batch-size', '1', '--json'));
  expect(single!.adapter.loss).toBeCloseTo(expected.adapter.loss, 5);
});

it('eval prints them in a table for people', async () => {
  const row = (title: string, { loss, perplexity }: { loss: number; perplexity: number }) =>
    title.padEnd(24) + loss.toFixed(4).padStart(10) + perplexity.toFixed(2).padStart(14);
  expect((await evaluate('--adapter', 'run/adapter', ...templates)).split('\n')).toEqual([
    'test.jsonl: 3 examples (1 truncated), 26 label tokens',
    `${' '.repeat(24)}      loss    perplexity`,
    row('with the adapter', await figures(adapter)),
    row('without it', await figures(undefined)),
    '',
  ]);
});

it('eval drops and counts examples according to the data options', async () => {
  const flags = ['--truncation', 'drop', '--no-append-eos', '--train-on', 'all', '--json'];
  const [result] = jsonLines(await evaluate(...templates, ...flags));
  expect(result).toMatchObject({ examples: 2, truncated: 0, dropped: 1 });
  expect(result!.labelTokens).toBe(result!.tokens);
  expect(result!.model.labelTokens).toBe(result!.tokens - 2); // first tokens never count
  expect(result).not.toHaveProperty('adapter');
});

it('inspect shows configuration, size and the nearest tokens of every vector', async () => {
  const [shown] = jsonLines(await succeed(['inspect', 'run', '--nearest', '2', '--json'], { cwd }));
  const folder = join(cwd, 'run/adapter');
  const sizes = await Promise.all(
    (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size),
  );
  expect(shown).toMatchObject({
    folder: 'run/adapter',
    bytes: sizes.reduce((sum, size) => sum + size),
    config: {
      peft_type: 'PROMPT_TUNING',
      num_virtual_tokens: 4,
      token_dim: 32,
      base_model_name_or_path: 'model',
    },
    tensors: [{ name: 'prompt_embeddings', shape: [4, 32], parameters: 128 }],
  });
  const prompt = adapter.tensors.get('prompt_embeddings')!;
  const nearest = await nearestTokens(pretrained.model, prompt, 2);
  expect(shown!.virtualTokens).toEqual(
    nearest.map((tokens, row) => ({
      norm: Math.hypot(...prompt.data.subarray(row * 32, row * 32 + 32)),
      nearest: tokens.map(({ id, similarity }) => ({
        token: pretrained.tokenizer.tokenOf(id),
        id,
        similarity,
      })),
    })),
  );

  const lines = (await succeed(['inspect', 'run/adapter'], { cwd })).split('\n');
  expect(lines[0]).toMatch(/^run\/adapter: PROMPT_TUNING, 128 parameters, 1\.\d kB$/);
  expect(lines[1]).toBe('  prompt_embeddings [4, 32]');
  expect(lines).toContain('  num_virtual_tokens: 4');
  expect(lines.filter((line) => /^ +\d {2}length \d\.\d\d( {2}".+" -?\d\.\d\d){5}$/.test(line)).length).toBe(
    4,
  );
});

it('inspect --graph prints the graph of a training step or of generation', async () => {
  const trained = await succeed(['inspect', 'run', '--graph'], { cwd });
  expect(trained).toBe(`${graphText(pretrained.model, adapter, 'training')}\n`);
  expect(trained).toMatch(
    /^outputs \(2\)\n {2}loss \[\] f32 = %\d+\n {2}gradient\.prompt_embeddings \[4, 32\]/m,
  );
  const generated = await succeed(['inspect', 'run', '--graph', 'generation'], { cwd });
  expect(generated).toBe(`${graphText(pretrained.model, adapter, 'generation')}\n`);
  expect(generated).toMatch(/^once, before the first step\n\ninputs \(1\)\n {2}prompt_embeddings/);
  expect(generated).toContain('\none step from the cache\n\ninputs (');
  const ofMethod = await succeed(['inspect', '--graph', '--model', 'model', '--method', 'lora'], { cwd });
  expect(ofMethod).toContain('  # h.1.attn.c_attn\n');
  expect(ofMethod).toMatch(/^ {2}gradient\.base_model\.model\.transformer\.h\.1\.attn\.c_attn\.lora_B/m);
});

it('inspect reports a missing base model, and shows the rest', async () => {
  const elsewhere = join(cwd, 'run');
  const { stdout, stderr, code } = await runCli(['inspect', 'adapter', '--json'], { cwd: elsewhere });
  expect(code).toBe(0);
  expect(jsonLines(stdout)[0]).toMatchObject({ folder: 'adapter', tensors: [{ name: 'prompt_embeddings' }] });
  expect(jsonLines(stdout)[0]).not.toHaveProperty('virtualTokens');
  expect(stderr).toMatch(
    /^The nearest tokens are not shown; add --model to see them\. the model "model" could not be found/,
  );
});

it('inspect says why an adapter cannot be loaded', async () => {
  const adapter = join(cwd, 'unloadable');
  await cp(join(cwd, 'run/adapter'), adapter, { recursive: true });
  const path = join(adapter, 'adapter_config.json');
  const config = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify({ ...config, num_virtual_tokens: 9 }));
  const { stdout, stderr, code } = await runCli(['inspect', 'unloadable'], { cwd });
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  expect(stdout.split('\n')[1]).toBe(
    '  cannot be loaded: unloadable/adapter_config.json (num_virtual_tokens): it makes 9 virtual tokens, but the tensor has 4',
  );
});
