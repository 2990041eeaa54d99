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
import { loadTokenizer, type Tokenizer } from '../../src/data/tokenizer.js';

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

  beforeAll(async () => {
    unpacked = await mkdtemp(join(tmpdir(), 'promptune-gpt2-'));
    for (const file of ['vocab.json', 'merges.txt']) {
      const packed = await readFile(join(import.meta.dirname, 'tokenizers', `${file}.gz`));
      await writeFile(join(unpacked, file), gunzipSync(packed));
    }
  });
  afterAll(() => rm(unpacked, { recursive: true, force: true }));

  describe.skipIf(noCases)(`agrees with ${casesFile}${noCases ? ' (skipped: no such file)' : ''}`, () => {
    it('from vocab.json and merges.txt', async () => {
      expectAgreement(await loadTokenizer(unpacked), JSON.parse(await readFile(casesFile, 'utf8')));
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

function expectAgreement(tokenizer: Tokenizer, cases: Case[]) {
  expect(cases.length).toBeGreaterThan(0);
  for (const { text, ids, decoded } of cases) {
    expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(ids);
    expect(tokenizer.decode(ids), JSON.stringify(text)).toBe(decoded);
  }
}
