/**
 * @file Tokenizers of every kind against the Rust library (a sample of what tools/conformance compares), and refusals.
 */
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { differences, type Expected } from '../../tools/conformance/compare-tokenizers.js';
import type { JsonObject } from '../formats/json.js';
import edges from './edges.fixture.json' with { type: 'json' }; // by tools/golden/make_tokenizer_edges.py
import { Pipeline } from './pipeline.js';

const fixture: { name: string; tokenizer: JsonObject; expected: Expected }[] = JSON.parse(
  gunzipSync(await readFile(new URL('conformance.fixture.json.gz', import.meta.url))).toString(),
);

it.each(fixture)('does as the Rust library: $name', ({ tokenizer, expected }) => {
  expect(differences(new Pipeline(tokenizer, 'tokenizer.json'), expected)).toEqual([]);
});

it.each(fixture)('knows the bytes of tokens as their text has them: $name', ({ tokenizer, expected }) => {
  const pipeline = new Pipeline(tokenizer, 'tokenizer.json');
  for (const [ids] of expected.rows) {
    const [, ...rest] = ids; // what begins a text may lose a space
    const bytes = rest.map((id) => pipeline.bytesOf(id));
    if (bytes.includes(undefined)) continue;
    const added = Buffer.concat(bytes as Uint8Array[]).toString();
    if (!added.includes('\uFFFD')) expect(pipeline.decode(ids, false).endsWith(added), added).toBe(true);
  }
});

const edgeCases: { name: string; tokenizer: JsonObject; text?: string; ids: number[]; decoded: string }[] =
  edges;
it.each(edgeCases)('has, as the Rust library: $name', ({ tokenizer, text, ids, decoded }) => {
  const pipeline = new Pipeline(tokenizer, 'tokenizer.json');
  if (text !== undefined)
    expect(pipeline.encode(text, { addSpecialTokens: false, continues: false })).toEqual(ids);
  expect(pipeline.decode(ids, false)).toBe(decoded);
});

const model = { type: 'WordLevel', unk_token: '?', vocab: { '?': 0, a: 1, b: 2 } };
const bpe = { type: 'BPE', vocab: { a: 0, b: 1, ab: 2 }, merges: [['a', 'b']] };

describe('a tokenizer.json that would not run as in Rust is refused by name', () => {
  it.each<[string, JsonObject, string]>([
    [
      'a doubled id',
      { model: { ...model, vocab: { '?': 0, a: 1, b: 1 } } },
      '(model.vocab, token "b"): has the id 1, which "a" has too',
    ],
    [
      'a negative id',
      { model: { ...model, vocab: { '?': 0, a: -1 } } },
      'token "a"): expected a token id near 0 to 1, found -1',
    ],
    [
      'half an id',
      { model: { ...model, vocab: { '?': 0, a: 1.5 } } },
      'token "a"): expected a token id near 0 to 1, found 1.5',
    ],
    [
      'an id as text',
      { model: { ...model, vocab: { '?': 0, a: '1' } } },
      'token "a"): expected a token id near 0 to 1, found "1"',
    ],
    [
      'no unknown token',
      { model: { ...model, unk_token: '!' } },
      '(model.unk_token): "!" is not in the vocabulary',
    ],
    ['dropout', { model: { ...bpe, dropout: 0.1 } }, '(model.dropout): 0.1 leaves merges out at random'],
    [
      'a merge of no token',
      { model: { ...bpe, merges: ['a c'] } },
      '(model.merges): merge 1, "a c", is of "c"',
    ],
    ['three in a merge', { model: { ...bpe, merges: ['a b c'] } }, 'merge 1, "a b c", is not two tokens'],
    [
      'an unknown normalizer',
      { model, normalizer: { type: 'Sequence', normalizers: [{ type: 'X' }] } },
      '(normalizer.normalizers[0].type): the normalizer X is not supported',
    ],
    [
      'an unknown pre-tokenizer',
      { model, pre_tokenizer: { type: 'UnicodeScripts' } },
      '(pre_tokenizer.type): the pre-tokenizer UnicodeScripts',
    ],
    ['an unknown decoder', { model, decoder: { type: 'X' } }, '(decoder.type): the decoder X'],
    [
      'an unknown post-processor',
      { model, post_processor: { type: 'X' } },
      '(post_processor.type): the post-processor X',
    ],
    [
      'a missing field',
      { model, normalizer: { type: 'Strip', strip_left: true } },
      '(normalizer.strip_right): expected true or false, found undefined',
    ],
    [
      'a pattern that cannot be done',
      {
        model,
        pre_tokenizer: { type: 'Split', behavior: 'Isolated', invert: false, pattern: { Regex: '(a)\\1' } },
      },
      'is not supported: the reference \\1',
    ],
    [
      'an added token with another id',
      { model, added_tokens: [{ id: 7, content: '<x>' }] },
      '(added_tokens[0].id): "<x>" has the id 7, and the tokenizers library gives it 3',
    ],
  ])('%s', (_, json, message) => {
    expect(() => new Pipeline(json, 'tokenizer.json')).toThrow(message);
  });
});

it('adds no prefix to a text that continues another', () => {
  const metaspace = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true };
  const vocab = { '?': 0, '▁cat': 1, cat: 2, '▁dog': 3 };
  const pipeline = new Pipeline({ model: { ...model, vocab }, pre_tokenizer: metaspace }, 'tokenizer.json');
  const encode = (text: string, continues: boolean) =>
    pipeline.encode(text, { addSpecialTokens: false, continues });
  expect([encode('cat dog', false), encode('cat dog', true), encode(' cat dog', true)]).toEqual([
    [1, 3],
    [2, 3],
    [1, 3],
  ]);
});
