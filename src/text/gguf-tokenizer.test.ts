import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { GgufValue } from '../formats/gguf.js';
import { endTokensIn } from '../formats/gguf-special-tokens.js';
import { tokenizerFilesOf } from '../formats/gguf-tokenizer.js';
import { loadTokenizer } from './tokenizer.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'promptune-gguf-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const bytes = Array.from({ length: 256 }, (_, i) => `<0x${i.toString(16).toUpperCase().padStart(2, '0')}>`);
/** Token → score; single letters have the worst. */
const words = { '▁': -20, a: -21, b: -22, c: -23, '▁a': -3, ab: -1, bc: -2, '▁ab': -4 };

function table(others: Readonly<Record<string, GgufValue>> = {}): Map<string, GgufValue> {
  const tokens = ['<unk>', '<s>', '</s>', ...bytes, ...Object.keys(words)];
  const types = [2, 3, 3, ...bytes.map(() => 6), ...Object.keys(words).map(() => 1)];
  const keys = {
    model: 'llama',
    tokens,
    token_type: types,
    scores: [0, 0, 0, ...bytes.map(() => 0), ...Object.values(words)],
    bos_token_id: 1,
    eos_token_id: 2,
    unknown_token_id: 0,
    ...others,
  };
  return new Map(Object.entries(keys).map(([key, value]) => [`tokenizer.ggml.${key}`, value]));
}

async function tokenizerOf(metadata: Map<string, GgufValue>) {
  const files = tokenizerFilesOf({ path: 'a.gguf', metadata, tensors: new Map() });
  for (const [name, content] of Object.entries(files))
    await writeFile(join(folder, name), JSON.stringify(content));
  return loadTokenizer(folder);
}

it('merges by the scores of a SentencePiece table, and spells what it lacks in bytes', async () => {
  const tokenizer = await tokenizerOf(table());
  const tokensOf = (text: string) => {
    const names = [...(table().get('tokenizer.ggml.tokens') as string[])];
    return tokenizer.encode(text).map((id) => names[id]);
  };
  expect(tokensOf('abc')).toEqual(['▁ab', 'c']); // "ab" has the best score, then "▁ab"
  expect(tokensOf('bc a')).toEqual(['▁', 'bc', '▁a']);
  expect(tokensOf('é')).toEqual(['▁', '<0xC3>', '<0xA9>']);
  for (const text of ['abc', 'bc a', 'é', '猫 ab'])
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  expect(tokenizer.encode('abc', { addSpecialTokens: true })[0]).toBe(1); // Llama's default
  expect(tokenizer).toMatchObject({ bosTokenId: 1, eosTokenId: 2, startIds: [1] });
});

it('has the chat template, and the one for tools', async () => {
  const templates: [string, GgufValue][] = [
    ['tokenizer.chat_template', 'plain'],
    ['tokenizer.chat_template.tool_use', 'tools'],
  ];
  const tokenizer = await tokenizerOf(new Map([...table(), ...templates]));
  expect(tokenizer).toMatchObject({ chatTemplate: 'plain', toolChatTemplate: 'tools' });
});

it('puts no space and no token before a text where the metadata says so', async () => {
  const tokenizer = await tokenizerOf(table({ add_space_prefix: false, add_bos_token: false }));
  const names = table().get('tokenizer.ggml.tokens') as string[];
  expect(tokenizer.encode('ab a', { addSpecialTokens: true }).map((id) => names[id])).toEqual(['ab', '▁a']);
  expect(tokenizer.startIds).toEqual([]);
});

it('ends at the tokens that the metadata names, and at those whose text says so', () => {
  const ends = (tokens: readonly string[], others: Readonly<Record<string, GgufValue>> = {}) =>
    endTokensIn({ metadata: table({ tokens, ...others }) });
  // What llama.cpp (src/llama-vocab.cpp, 2026) has in special_eog_ids for the same tokens.
  expect(ends(['a', '<|im_end|>', '<|endoftext|>', '<|im_start|>'], { eos_token_id: 2 })).toEqual([1, 2]);
  expect(ends(['a', 'b', 'c', 'd'], { eos_token_id: 1, eot_token_id: 2, eom_token_id: 3 })).toEqual([
    1, 2, 3,
  ]);
  expect(ends(['a', '<|fim_pad|>', '<fim_pad>', '<|file_sep|>'], { eos_token_id: 0 })).toEqual([0, 1, 3]);
  expect(ends(['a', 'b', '<|fim_pad|>'], { eos_token_id: 0, fim_pad_token_id: 1 })).toEqual([0, 1]);
  const harmony = ['a', '<|return|>', '<|call|>', '<|end|>', '<|start|>'];
  expect(ends(harmony, { eos_token_id: 1 })).toEqual([1, 2]);
  expect(ends(['</s>', '<turn|>', '<|tool_response>'], { eos_token_id: 1 })).toEqual([1, 2]);
  expect(endTokensIn({ metadata: new Map([['tokenizer.ggml.eos_token_id', 5]]) })).toEqual([5]);
});

it.each(['gpt-2', 'llama-bpe', 'default'])('writes what the Rust library asks of a file: %s', (pre) => {
  const gpt2 = {
    model: 'gpt2',
    pre,
    tokens: ['a', 'b', 'ab', '</s>'],
    token_type: [1, 1, 1, 3],
    merges: ['a b'],
  };
  const special = { bos_token_id: 3, eos_token_id: 3, unknown_token_id: 3 };
  const file = { path: 'a.gguf', metadata: table({ ...gpt2, ...special }), tensors: new Map() };
  const written = JSON.stringify(tokenizerFilesOf(file)['tokenizer.json']);
  // It refuses a ByteLevel without this field, though it changes offsets alone.
  expect(written.match(/"ByteLevel"/g)).toHaveLength(written.match(/"trim_offsets":true/g)?.length ?? 0);
});

it('a token whose text says that it ends is special, whatever its type', async () => {
  const { '<|im_end|>': type, ...others } = { ...words, '<|im_end|>': 1 };
  const tokens = ['<unk>', '<s>', '</s>', ...bytes, ...Object.keys(others), '<|im_end|>'];
  const scores = [0, 0, 0, ...bytes.map(() => 0), ...Object.values(others), type];
  const types = [2, 3, 3, ...bytes.map(() => 6), ...Object.keys(others).map(() => 1), 1];
  const tokenizer = await tokenizerOf(table({ tokens, scores, token_type: types }));
  const ids = tokenizer.encode('ab<|im_end|>');
  expect(ids.at(-1)).toBe(tokens.length - 1);
  expect(tokenizer.decode(ids, { skipSpecialTokens: true })).toBe('ab');
});

it.each<[string, Record<string, GgufValue>, string]>([
  ['a token twice', { tokens: ['a', 'b', 'a'] }, '(tokenizer.ggml.tokens): the tokens 0 and 2 are both "a"'],
  ['another kind of table', { model: 'bert' }, '(tokenizer.ggml.model): "bert" is not supported'],
  ['no scores', { scores: 'none' }, '(tokenizer.ggml.scores): expected a list of numbers'],
  [
    'a special token that is none',
    { eos_token_id: 9999 },
    '(tokenizer.ggml.eos_token_id): 9999 is not the id of one of',
  ],
])('refuses a file with %s', (_, others, message) => {
  const file = { path: 'a.gguf', metadata: table(others), tensors: new Map() };
  expect(() => tokenizerFilesOf(file)).toThrow(message);
});
