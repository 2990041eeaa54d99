/**
 * @file Tokenizers as users have them on disk: special tokens from their class or older files, and the space at a
 * join.
 */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { succeed } from '../support/cli.js';
import { refused } from '../support/refused.js';

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'promptune-tokenizers-'));
  await cp(join(import.meta.dirname, '../tokenizers'), cwd, { recursive: true });
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const write = (name: string, ...records: object[]) =>
  writeFile(join(cwd, name), records.map((record) => `${JSON.stringify(record)}\n`).join(''));

it('prints the space between a prompt and what SentencePiece tokens go on with, and stops at strings that have it', async () => {
  const request = ['generate', '--model', 'sentencepiece', '--prompt', 'cat cat', '--max-new-tokens', '2'];
  expect(await succeed(request, { cwd })).toContain('cat cat thanksE'); // as transformers decodes the joined ids
  const [line] = (await succeed([...request, '--stop', ' thanks', '--json'], { cwd })).trim().split('\n');
  expect(JSON.parse(line!)).toMatchObject({ text: '', finishReason: 'stop' });
});

it('teaches a completion as the joined text has it', async () => {
  await write('joined.jsonl', { prompt: 'cat', completion: ' cat' });
  const check = [
    'data',
    'check',
    'joined.jsonl',
    '--model',
    'sentencepiece',
    '--examples',
    '1',
    '--no-append-eos',
  ];
  expect(await succeed(check, { cwd })).toContain('cat⟦ cat⟧');
});

it("takes BERT's mask from its class where no file names it", async () => {
  await write(
    'sentences.jsonl',
    { sentence: 'A good film.', label: 1 },
    { sentence: 'A bad film.', label: 0 },
  );
  const template = ['--template', '{{ sentence }} It was {{ mask() }}.'];
  const words = ['--verbalizer', '1=good', '--verbalizer', '0=bad'];
  const data = ['--model', 'bert-without-names', '--data', 'sentences.jsonl'];
  expect(await succeed(['classify', ...data, ...template, ...words], { cwd })).toContain('accuracy');
});

it('ends texts with the token that special_tokens_map.json names, and finds the tokens of added_tokens.json', async () => {
  const map = { eos_token: '<|bot|>', additional_special_tokens: ['<|user|>', '<|bot|>'] };
  await writeFile(join(cwd, 'gpt2-files/special_tokens_map.json'), JSON.stringify(map));
  await write('markers.jsonl', { prompt: 'hello<|user|>', completion: 'world' });
  const check = ['data', 'check', 'markers.jsonl', '--model', 'gpt2-files', '--examples', '1'];
  expect(await succeed(check, { cwd })).toContain('hello<|user|>⟦world<|bot|>⟧');
});

it('builds what the class builds, whatever else tokenizer.json says', async () => {
  const read = async (name: string) => readFile(join(cwd, 'gpt2-files', name), 'utf8');
  const vocab = JSON.parse(await read('vocab.json'));
  const merges = (await read('merges.txt'))
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, use_regex: true };
  const parts = { normalizer: null, pre_tokenizer: byteLevel, post_processor: null, decoder: byteLevel };
  const json = { added_tokens: [], ...parts, model: { type: 'BPE', vocab, merges } };
  await cp(join(cwd, 'gpt2-files'), join(cwd, 'of-class'), { recursive: true });
  await writeFile(join(cwd, 'of-class/tokenizer.json'), JSON.stringify(json));
  await write('marks.jsonl', { prompt: 'e\u0301', completion: 'a' });
  const shown = async (tokenizer_class: string) => {
    const config = { tokenizer_class, eos_token: '<|bot|>' };
    await writeFile(join(cwd, 'of-class/tokenizer_config.json'), JSON.stringify(config));
    return succeed(['data', 'check', 'marks.jsonl', '--model', 'of-class', '--examples', '1'], { cwd });
  };
  expect(await shown('PreTrainedTokenizerFast')).toContain('e\u0301⟦');
  expect(await shown('Qwen2Tokenizer')).toContain('\u00e9⟦'); // whose class normalizes to composed characters
});

it('refuses a tokenizer that it would do otherwise than the Rust library', async () => {
  const path = join(cwd, 'sentencepiece/tokenizer.json');
  const json = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify({ ...json, pre_tokenizer: { type: 'UnicodeScripts' } }));
  const config = { tokenizer_class: 'PreTrainedTokenizerFast' }; // which takes the file as it is
  await writeFile(join(cwd, 'sentencepiece/tokenizer_config.json'), JSON.stringify(config));
  const request = ['generate', '--model', 'sentencepiece', '--prompt', 'a'];
  await refused(
    cwd,
    request,
    1,
    /\(pre_tokenizer\.type\): the pre-tokenizer UnicodeScripts is not supported/,
  );
});
