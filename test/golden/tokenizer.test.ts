/**
 * @file GPT-2's tokenizer against the ids and texts of Python's tokenizers.
 * PROMPTUNE_GOLDEN names another folder of cases, PROMPTUNE_GPT2_TOKENIZER another copy of GPT-2's tokenizer files.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GgufValue } from '../../src/formats/gguf.js';
import { tokenizerFilesOf } from '../../src/formats/gguf-tokenizer.js';
import { loadTokenizer, type Tokenizer } from '../../src/text/tokenizer.js';

interface Case {
  text: string;
  ids: number[];
  decoded: string;
}

const goldenFolder = process.env.PROMPTUNE_GOLDEN ?? join(import.meta.dirname, 'cases');
const casesFile = join(goldenFolder, 'tokenizers', 'gpt2.json');
const noCases = process.env.PROMPTUNE_GOLDEN !== undefined && !existsSync(casesFile);
const givenFolder = process.env.PROMPTUNE_GPT2_TOKENIZER;

describe("GPT-2's tokenizer", () => {
  let unpacked: string;
  let fromGguf: string;
  const writeTokenizerOf = async (metadata: ReadonlyMap<string, GgufValue>) => {
    const files = tokenizerFilesOf({ path: 'a.gguf', metadata, tensors: new Map() });
    for (const [name, content] of Object.entries(files))
      await writeFile(join(fromGguf, name), JSON.stringify(content));
  };

  beforeAll(async () => {
    unpacked = await mkdtemp(join(tmpdir(), 'promptune-gpt2-'));
    fromGguf = await mkdtemp(join(tmpdir(), 'promptune-gguf-'));
    for (const file of ['vocab.json', 'merges.txt']) {
      const packed = await readFile(join(import.meta.dirname, 'tokenizers', `${file}.gz`));
      await writeFile(join(unpacked, file), gunzipSync(packed));
    }
  });
  afterAll(async () => {
    for (const folder of [unpacked, fromGguf]) await rm(folder, { recursive: true, force: true });
  });

  describe.skipIf(noCases)(`agrees with ${casesFile}${noCases ? ' (skipped: no such file)' : ''}`, () => {
    it('from vocab.json and merges.txt', async () => {
      expectAgreement(await loadTokenizer(unpacked), JSON.parse(await readFile(casesFile, 'utf8')));
    });

    it("from the table of a GGUF file, which is GPT-2's", async () => {
      await writeTokenizerOf(await gpt2Table(unpacked));
      expectAgreement(await loadTokenizer(fromGguf), JSON.parse(await readFile(casesFile, 'utf8')));
    });

    it.skipIf(!givenFolder)(
      `from the files in PROMPTUNE_GPT2_TOKENIZER${givenFolder ? '' : ' (skipped: not set)'}`,
      async () => {
        expectAgreement(await loadTokenizer(givenFolder!), JSON.parse(await readFile(casesFile, 'utf8')));
      },
    );
  });

  it('splits by Unicode white space: U+FEFF is none, U+0085 is one', async () => {
    // Ids by Python's tokenizers 0.23.3.
    const cases: [string, number[]][] = [
      ['\ufeffhello', [171, 119, 123, 31373]],
      ["Is it\u0085's?", [3792, 340, 126, 227, 338, 30]],
      ["'s '\ufeff's", [338, 705, 171, 119, 123, 6, 82]],
    ];
    expectAgreement(
      await loadTokenizer(unpacked),
      cases.map(([text, ids]) => ({ text, ids, decoded: text })),
    );
  });

  // Ids by Python's tokenizers 0.23.3, with the pre-tokenizers of the models that these are of.
  it.each<[string, number[][]]>([
    [
      'gpt-2',
      [
        [1238, 1731, 1238, 1731],
        [1026, 338, 11179, 6, 50, 220, 2124, 628, 331],
        [19526, 254, 25001, 121, 1105, 2682, 0],
      ],
    ],
    [
      'smollm',
      [
        [17, 15, 17, 19, 17, 15, 17, 19],
        [1026, 338, 11179, 6, 50, 220, 2124, 628, 331],
        [19526, 254, 25001, 121, 220, 16, 17, 18, 19, 0],
      ],
    ],
    [
      'llama-bpe',
      [
        [19004, 27211, 1731],
        [1026, 338, 11179, 6, 50, 220, 2124, 628, 331],
        [19526, 254, 25001, 121, 220, 10163, 19, 0],
      ],
    ],
    [
      'qwen2',
      [
        [17, 15, 17, 19, 17, 15, 17, 19],
        [1026, 338, 11179, 6, 50, 220, 2124, 628, 331],
        [19526, 254, 25001, 121, 220, 16, 17, 18, 19, 0],
      ],
    ],
  ])('splits as tokenizer.ggml.pre %s says', async (pre, ids) => {
    await writeTokenizerOf(new Map([...(await gpt2Table(unpacked)), ['tokenizer.ggml.pre', pre]]));
    const tokenizer = await loadTokenizer(fromGguf);
    const texts = ['20242024', "It's HE'S  x\n\n y", '你好 1234!'];
    expect(texts.map((text) => tokenizer.encode(text))).toEqual(ids);
  });

  it('knows its size and its special tokens without a tokenizer_config.json', async () => {
    const tokenizer = await loadTokenizer(unpacked);
    expect(tokenizer).toMatchObject({
      vocabSize: 50257,
      bosTokenId: 50256,
      eosTokenId: 50256,
      padTokenId: undefined,
    });
    expect([tokenizer.idOf('Ġcat'), tokenizer.tokenOf(3797), tokenizer.idOf('no such token')]).toEqual([
      3797,
      ' cat',
      undefined,
    ]);
  });
});

/** GPT-2's tokenizer as llama.cpp's converter writes it. */
async function gpt2Table(folder: string): Promise<Map<string, GgufValue>> {
  const vocab: Record<string, number> = JSON.parse(await readFile(join(folder, 'vocab.json'), 'utf8'));
  const merges = (await readFile(join(folder, 'merges.txt'), 'utf8')).split('\n').slice(1).filter(Boolean);
  const tokens = Object.keys(vocab).sort((a, b) => vocab[a]! - vocab[b]!);
  return new Map<string, GgufValue>([
    ['tokenizer.ggml.model', 'gpt2'],
    ['tokenizer.ggml.pre', 'gpt-2'],
    ['tokenizer.ggml.tokens', tokens],
    ['tokenizer.ggml.token_type', tokens.map((token) => (token === '<|endoftext|>' ? 3 : 1))],
    ['tokenizer.ggml.merges', merges],
    ['tokenizer.ggml.eos_token_id', vocab['<|endoftext|>']!],
  ]);
}

function expectAgreement(tokenizer: Tokenizer, cases: Case[]) {
  expect(cases.length).toBeGreaterThan(0);
  for (const { text, ids, decoded } of cases) {
    expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(ids);
    expect(tokenizer.decode(ids), JSON.stringify(text)).toBe(decoded);
  }
}
