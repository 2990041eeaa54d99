/**
 * @file `promptune generate` as a process, with a model that knows a few sentences by heart: full fine-tuning taught
 * it.
 */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createTextGenerator,
  fromPretrained,
  type GenerationOptions,
  loadAdapter,
  type TextGenerator,
} from '../../src/index.js';
import { finished, type Json, jsonLines, runCli, startCli, succeed } from '../support/cli.js';
import { workplace } from '../support/workplace.js';

const sentences = [
  { prompt: '一只猫', completion: '很可爱，毛茸茸的🐱。' },
  { prompt: 'a dog', completion: ' barks loudly 🐶!' },
  { prompt: 'a cow', completion: ' says moo.' },
];
const model = 'runs/taught/adapter';

let cwd: string;
/** The same model in this process. */
let generator: TextGenerator;
beforeAll(async () => {
  cwd = await workplace();
  const records = sentences.map((sentence) => JSON.stringify(sentence)).join('\n');
  await writeFile(join(cwd, 'sentences.jsonl'), records);
  const data = ['--model', 'model', '--data', 'sentences.jsonl', '--output', 'runs/taught', '--threads', '1'];
  const steps = [
    '--learning-rate',
    '0.01',
    '--schedule',
    'constant',
    '--max-steps',
    '120',
    '--save-every',
    '120',
  ];
  await succeed(['train', ...data, '--method', 'full-fine-tuning', ...steps], { cwd });
  generator = createTextGenerator({ ...(await fromPretrained(join(cwd, model))), threads: 1 });
});
afterAll(async () => {
  await generator.dispose();
  await rm(cwd, { recursive: true, force: true });
});

const generate = (...args: string[]) =>
  succeed(['generate', '--model', model, '--threads', '1', ...args], { cwd });
/** What --json prints for some prompts, which must be what the same request in TypeScript gives. */
async function generateAsInTypeScript(
  prompts: string[],
  flags: string[],
  options: GenerationOptions,
): Promise<Json[]> {
  const printed = jsonLines(
    await generate(...prompts.flatMap((prompt) => ['--prompt', prompt]), ...flags, '--json'),
  );
  const rows = await generator.generate(prompts, options);
  expect(printed).toEqual(rows.map((row, i) => ({ prompt: prompts[i], ...row })));
  return printed;
}

it('full fine-tuning gives a whole model, which generates what it was taught', async () => {
  expect((await readdir(join(cwd, model))).sort()).toEqual([
    'config.json',
    'model.safetensors',
    'promptune.json',
    'tokenizer.json',
    'tokenizer_config.json',
  ]);
  for (const { prompt, completion } of sentences)
    expect(await generate('--prompt', prompt)).toBe(`${prompt}${completion}\n`);
});

it('a text comes piece by piece, and no piece ends within a character', async () => {
  // A pipe may join what was written, so each piece is marked where it ends.
  const marked =
    'const { write } = process.stdout; process.stdout.write = (text) => write.call(process.stdout, text + "|");';
  const nodeOptions = ['--import', `data:text/javascript,${encodeURIComponent(marked)}`];
  const written = await succeed(['generate', '--model', model, '--prompt', '一只猫'], { cwd, nodeOptions });
  const pieces = written.split('|').slice(0, -1);
  expect(pieces.join('')).toBe('一只猫很可爱，毛茸茸的🐱。\n');
  expect(pieces.length).toBeGreaterThan(3);
});

it('a prompt may be piped in; its last line break does not belong to it', async () => {
  for (const input of ['a cow', 'a cow\n', 'a cow\r\n'])
    expect(await succeed(['generate', '--model', model], { cwd, input })).toBe('a cow says moo.\n');
});

it('several prompts make one batch, whose texts come one after the other', async () => {
  expect(await generate('--prompt', 'a cow', '--prompt', '一只猫')).toBe(
    'a cow says moo.\n\n一只猫很可爱，毛茸茸的🐱。\n\n',
  );
});

it('a text ends at any end token that generation_config.json lists; temperature 0 takes the likeliest', async () => {
  const [whole] = jsonLines(await generate('--prompt', 'a dog', '--json', '--temperature', '0'));
  const ids = whole!.ids as number[];
  expect(whole!.text).toBe(' barks loudly 🐶!');
  const at = ids.findIndex((id, i) => i >= 2 && ids.indexOf(id) === i);
  const path = join(cwd, model, 'generation_config.json');
  try {
    await writeFile(path, JSON.stringify({ eos_token_id: [ids.at(-1), ids[at]] }));
    const [row] = jsonLines(await generate('--prompt', 'a dog', '--json'));
    expect(row).toMatchObject({ ids: ids.slice(0, at + 1), finishReason: 'eos' });
    // Of a file that names none, nothing ends but the number of tokens, whatever the tokenizer calls its end.
    await writeFile(path, '{}');
    const more = ['--max-new-tokens', `${ids.length + 2}`];
    const [endless] = jsonLines(await generate('--prompt', 'a dog', '--json', ...more));
    expect(endless).toMatchObject({ finishReason: 'length' });
    expect((endless!.ids as number[]).slice(0, ids.length)).toEqual(ids);
  } finally {
    await rm(path);
  }
});

describe('--json prints what the same request in TypeScript gives', () => {
  it('greedy, to the end of the text', async () => {
    const prompts = sentences.map(({ prompt }) => prompt);
    const rows = await generateAsInTypeScript(prompts, [], {});
    expect(rows.map(({ text, finishReason }) => [text, finishReason])).toEqual(
      sentences.map(({ completion }) => [completion, 'eos']),
    );
    expect(rows[2]!.ids.length).toBe(' says moo.'.length + 1);
  });

  it('greedy, up to a number of tokens, which may end within a character', async () => {
    const [row] = await generateAsInTypeScript(['一只猫'], ['--max-new-tokens', '4'], { maxNewTokens: 4 });
    expect(row).toMatchObject({ text: '很\uFFFD', finishReason: 'length' });
  });

  it('up to a stop string, wherever the tokens end', async () => {
    const flags = ['--stop', '毛', '--stop', 'loud', '--stop', 'never'];
    const rows = await generateAsInTypeScript(['一只猫', 'a dog'], flags, { stop: ['毛', 'loud', 'never'] });
    expect(rows.map(({ text, finishReason }) => [text, finishReason])).toEqual([
      ['很可爱，', 'stop'],
      [' barks ', 'stop'],
    ]);
  });

  it('by beam search, with its score', async () => {
    const flags = ['--num-beams', '3', '--length-penalty', '0.5', '--max-new-tokens', '12'];
    const options = { numBeams: 3, lengthPenalty: 0.5, maxNewTokens: 12 };
    const [row] = await generateAsInTypeScript(['a cow', 'a dog'], flags, options);
    expect(row!.text).toBe(' says moo.');
    expect(row!.score).toBeLessThan(0);
  });

  it('with a penalty on repetition', async () => {
    await generateAsInTypeScript(['a cow'], ['--repetition-penalty', '3'], { repetitionPenalty: 3 });
  });

  it('drawn: the same for the same seed, and other texts for another', async () => {
    const flags = (seed: string) => ['--temperature', '2', '--top-k', '0', '--top-p', '0.98', '--seed', seed];
    const options = { temperature: 2, topK: 0, topP: 0.98 };
    const texts = async (seed: number) => {
      const rows = await generateAsInTypeScript(['x', 'y'], flags(String(seed)), { ...options, seed });
      return rows.map(({ text }) => text);
    };
    const first = await texts(7);
    expect(await texts(7)).toEqual(first);
    expect(await texts(8)).not.toEqual(first);
    expect(first[0]).not.toBe(first[1]);
  });
});

it('with a learned prompt, by its folder or that of its run, the empty prompt among them', async () => {
  const data = ['--model', model, '--data', 'sentences.jsonl', '--output', 'runs/prompt', '--threads', '1'];
  const method = [
    '--init',
    'random',
    '--num-virtual-tokens',
    '5',
    '--learning-rate',
    '0.5',
    '--max-steps',
    '3',
  ];
  await succeed(['train', ...data, ...method], { cwd });
  const pretrained = await fromPretrained(join(cwd, model));
  const adapter = await loadAdapter(join(cwd, 'runs/prompt/adapter'), pretrained.model);
  const adapted = createTextGenerator({ ...pretrained, adapter, threads: 1 });
  const rows = await adapted.generate(['a dog', ''], { maxNewTokens: 20 });
  await adapted.dispose();
  const flags = ['--prompt', 'a dog', '--prompt', '', '--max-new-tokens', '20', '--json'];
  for (const folder of ['runs/prompt', 'runs/prompt/adapter'])
    expect(jsonLines(await generate('--adapter', folder, ...flags))).toEqual([
      { prompt: 'a dog', ...rows[0] },
      { prompt: '', ...rows[1] },
    ]);
});

it('closing the output ends it silently', async () => {
  const child = startCli(['generate', '--model', model, '--prompt', 'a dog', '--top-k', '0'], { cwd });
  child.stdout.once('data', () => child.stdout.destroy());
  const { stderr, code, signal } = await finished(child);
  expect(stderr).toBe('');
  expect(code === 0 || code === 130 || signal === 'SIGPIPE').toBe(true);
});

it('ONNX Runtime neither reports to its makers nor leaves an identifier of the device behind', async () => {
  const home = join(cwd, 'home');
  await mkdir(home);
  const flags = ['--model', model, '--prompt', 'a', '--max-new-tokens', '1'];
  await succeed(['generate', ...flags], { cwd, env: { HOME: home } });
  expect(await readdir(home)).toEqual([]);
});

describe('refuses, with the reason', () => {
  const refused = async (code: number, message: string, ...args: string[]) =>
    expect(await runCli(['generate', '--model', model, ...args], { cwd })).toEqual({
      stdout: '',
      stderr: `promptune: ${message}\n`,
      code,
      signal: null,
    });

  it('no prompt, and one that a bare model cannot continue', async () => {
    await refused(2, 'there is no prompt; add --prompt "...", or pipe one in');
    const nothing = 'the prompt is empty; expected at least one token (such as the end-of-text token)';
    await refused(1, nothing, '--prompt', '');
  });

  it('a prompt that fills the context', async () => {
    const message =
      'prompt 1 has 96 tokens, which leaves no room for a new one: the model holds 96 with them; shorten it to at most 95';
    await refused(1, message, '--prompt', 'a', '--prompt', 'x'.repeat(96));
  });

  it('options that are invalid, or contradict each other', async () => {
    await refused(2, '--top-p: expected at most 1, got 2', '--prompt', 'a', '--top-p', '2');
    const beams = 'beam search does not draw tokens: leave out topK, or numBeams (2)';
    await refused(2, beams, '--prompt', 'a', '--num-beams', '2', '--top-k', '3');
  });
});
