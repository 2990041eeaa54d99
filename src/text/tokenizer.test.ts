import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileError } from '../errors.js';
import { loadTokenizer, startText } from './tokenizer.js';

fc.configureGlobal({ seed: 1 });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'promptune-tokenizer-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** GPT-2's spelling of the 256 bytes: visible Latin-1 characters as they are, the others from U+0100 on. */
function byteAlphabet(): string[] {
  const visible = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(visible(byte) ? byte : next++));
}

const tokens = [...byteAlphabet(), 'Ġc', 'at', 'Ġcat', '<|endoftext|>'];
const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
const merges = '#version: 0.2\nĠ c\na t\nĠc at\n';
const [atId, catId, endId] = [257, 258, 259];

async function write(files: Record<string, unknown>): Promise<string> {
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return folder;
}

const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
const template = (token: string) => {
  const text = (id: string) => ({ Sequence: { id, type_id: 0 } });
  const first = { SpecialToken: { id: token, type_id: 0 } };
  return {
    type: 'TemplateProcessing',
    single: [first, text('A')],
    pair: [first, text('A'), text('B')],
    special_tokens: { [token]: { id: token, ids: [endId], tokens: [token] } },
  };
};

const gpt2Files = { 'vocab.json': vocab, 'merges.txt': merges };

describe('loadTokenizer', () => {
  it('encodes and decodes with vocab.json and merges.txt', async () => {
    const tokenizer = await loadTokenizer(await write(gpt2Files));
    expect(tokenizer.encode(' catat<|endoftext|>')).toEqual([catId, atId, endId]);
    expect(tokenizer.decode([catId, atId, endId])).toBe(' catat<|endoftext|>');
    expect(tokenizer.decode([catId, atId, endId], { skipSpecialTokens: true })).toBe(' catat');
    expect(tokenizer.vocabSize).toBe(260);
    expect([tokenizer.tokenOf(catId), tokenizer.idOf('Ġcat'), tokenizer.idOf(' cat')]).toEqual([
      ' cat',
      catId,
      undefined,
    ]);
  });

  // What transformers 5.18 gives for the same files: tokenizer.json's post-processor decides, whatever add_bos_token
  // says.
  it.each<[string, unknown, number[]]>([
    ['TemplateProcessing', template('<|endoftext|>'), [endId]],
    ['a sequence with it', { type: 'Sequence', processors: [byteLevel, template('<|endoftext|>')] }, [endId]],
    ['ByteLevel', byteLevel, []],
    ['nothing', null, []],
  ])('knows what begins every text by the post-processor: %s', async (_, post_processor, startIds) => {
    const special = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
    const json = {
      added_tokens: [{ id: endId, content: '<|endoftext|>', ...special }],
      normalizer: null,
      model: { type: 'BPE', vocab, merges: [['a', 't']] },
      pre_tokenizer: byteLevel,
      decoder: byteLevel,
      post_processor,
    };
    for (const add_bos_token of [undefined, true, false]) {
      const files = { 'tokenizer.json': json, 'tokenizer_config.json': { add_bos_token } };
      const tokenizer = await loadTokenizer(await write(files));
      expect(tokenizer.startIds).toEqual(startIds);
      expect(tokenizer.encode('at')).toEqual([atId]);
    }
  });

  it.each([
    [true, [endId]],
    [false, []],
  ])('begins texts as OPT does: GPT-2 files with add_bos_token %j', async (add_bos_token, startIds) => {
    const config = { add_bos_token, bos_token: '<|endoftext|>' };
    const tokenizer = await loadTokenizer(await write({ ...gpt2Files, 'tokenizer_config.json': config }));
    expect(tokenizer.startIds).toEqual(startIds);
    expect(startText(tokenizer, [atId])).toEqual([...startIds, atId]);
    expect(startText(tokenizer, [endId, atId])).toEqual([endId, atId]);
  });

  it('gives back any text exactly', async () => {
    const tokenizer = await loadTokenizer(await write(gpt2Files));
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
      }),
    );
    for (const text of ['', ' , . ! n\'t " ?', '\ufeff\r\n\u0085', '猫👩‍👧']) {
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    }
  });

  it('reads tokenizer.json, and takes the special tokens from tokenizer_config.json', async () => {
    const byteLevel = { type: 'ByteLevel', add_prefix_space: false };
    const tokenizer = await loadTokenizer(
      await write({
        'tokenizer.json': {
          added_tokens: [{ id: 260, content: '<pad>', special: true }],
          normalizer: null,
          pre_tokenizer: byteLevel,
          post_processor: null,
          decoder: byteLevel,
          model: { type: 'BPE', vocab, merges: ['Ġ c', 'a t', 'Ġc at'] },
        },
        'tokenizer_config.json': { bos_token: null, eos_token: { content: 'at' }, pad_token: '<pad>' },
      }),
    );
    expect(tokenizer).toMatchObject({
      bosTokenId: undefined,
      eosTokenId: atId,
      padTokenId: 260,
      vocabSize: 261,
    });
    // A special token is found before anything is merged, so that "Ġcat" does not come about.
    expect(tokenizer.encode('<pad> cat')).toEqual([260, catId - 2, atId]);
  });

  it.each<[string[], number]>([
    [['tokenizer.json', 'tokenizer.4.0.0.json'], 4],
    [['tokenizer.4.0.0.json', 'tokenizer.5.0.json', 'tokenizer.6.0.0.json'], 5],
    [['tokenizer.6.0.0.json'], 1],
  ])(
    'reads the tokenizer.json for its version of transformers, of %j',
    async (fast_tokenizer_files, chosen) => {
      const json = (id: number) => ({
        added_tokens: [],
        model: { type: 'WordLevel', unk_token: 'x', vocab: { x: 0, [`v${id}`]: 1 } },
      });
      const tokenizer = await loadTokenizer(
        await write({
          'tokenizer.json': json(1),
          'tokenizer.4.0.0.json': json(4),
          'tokenizer.5.0.json': json(5),
          'tokenizer.6.0.0.json': json(6),
          'tokenizer_config.json': { fast_tokenizer_files, tokenizer_class: 'PreTrainedTokenizerFast' },
        }),
      );
      expect(tokenizer.tokenOf(1)).toBe(`v${chosen}`);
    },
  );

  it('has no text for ids without a token, of which padded models have some', async () => {
    const tokenizer = await loadTokenizer(await write(gpt2Files));
    expect(tokenizer.decode([atId, 260, atId])).toBe('atat');
    expect(tokenizer.decode([260])).toBe('');
    expect(tokenizer.decode([])).toBe('');
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['no files', {}, 'no tokenizer here; expected tokenizer.json, vocab.json and merges.txt'],
    ['SentencePiece', { 'spiece.model': 'x' }, 'the tokenizer is spiece.model alone, which is not read'],
    ['no merges', { 'vocab.json': vocab }, 'merges.txt: it cannot be read: there is no such file'],
    [
      'broken vocab.json',
      { ...gpt2Files, 'vocab.json': '{"a": 1,' },
      'vocab.json (line 1, column 9): it is not valid JSON',
    ],
    [
      'versions that are none',
      { ...gpt2Files, 'tokenizer_config.json': { fast_tokenizer_files: ['tokenizer.new.json'] } },
      'tokenizer_config.json (fast_tokenizer_files): expected a list of names such as "tokenizer.4.0.0.json"',
    ],
    ['an array', { 'tokenizer.json': [1] }, 'tokenizer.json: expected a JSON object, found an array'],
    [
      'an unknown model',
      { 'tokenizer.json': { model: { type: 'Magic' } } },
      'tokenizer.json (model.type): the model Magic is not supported',
    ],
    [
      'a negative id',
      { ...gpt2Files, 'vocab.json': { ...vocab, at: -3 } },
      'vocab.json (token "at"): expected a token id',
    ],
    [
      'a huge id',
      { ...gpt2Files, 'vocab.json': { ...vocab, at: 1e9 } },
      'vocab.json (token "at"): expected a token id',
    ],
    ['an id twice', { ...gpt2Files, 'vocab.json': { ...vocab, at: 0 } }, 'has the id 0, which'],
    ['half a line', { ...gpt2Files, 'merges.txt': 'Ġ c\na' }, 'merges.txt (line 2): expected two tokens'],
    [
      "another model's merges",
      { ...gpt2Files, 'merges.txt': 'd o' },
      'merges.txt (line 1): makes "do", which vocab.json lacks',
    ],
  ])('names the file that is wrong: %s', async (_, files, message) => {
    const loading = loadTokenizer(await write(files));
    await expect(loading).rejects.toThrow(FileError);
    await expect(loading).rejects.toThrow(message);
  });
});
