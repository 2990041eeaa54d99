/**
 * @file Compares the folders written by make_tokenizer_folders.py, as `loadTokenizer` reads them, with AutoTokenizer's
 *   results: `npx tsx tools/conformance/compare-tokenizer-folders.ts FOLDER`. Exits with code 1 if one silently
 *   differs.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PromptuneError } from '../../src/errors.js';
import { loadTokenizer, type Tokenizer } from '../../src/text/tokenizer.js';

/** AutoTokenizer's results: ids, ids with special tokens, text, text without special tokens; or its error. */
export interface Expected {
  readonly error?: string;
  readonly className: string;
  readonly texts: readonly string[];
  readonly rows: readonly (readonly [number[], number[], string, string])[];
  readonly pairTexts: readonly [string, string];
  readonly pair: readonly [number[], number[]];
  readonly mixed: readonly (readonly [number[], string, string])[];
  readonly names: Readonly<Record<string, string | null>>;
  readonly ids: Readonly<Record<string, number | null>>;
  readonly size: number;
}

/** One line for each result that differs. */
export function differences(tokenizer: Tokenizer, expected: Expected): string[] {
  const found: string[] = [];
  const compare = (what: string, actual: unknown, wanted: unknown) => {
    const [a, b] = [JSON.stringify(actual), JSON.stringify(wanted)];
    if (a !== b) found.push(`${what}: ${a}, expected ${b}`);
  };
  for (const [i, [ids, whole, decoded, skipped]] of expected.rows.entries()) {
    const text = expected.texts[i]!;
    const of = `of ${JSON.stringify(text)}`;
    compare(`ids ${of}`, tokenizer.encode(text), ids);
    compare(`ids ${of} with special tokens`, tokenizer.encode(text, { addSpecialTokens: true }), whole);
    compare(`text ${of}`, tokenizer.decode(whole), decoded);
    compare(`text ${of} without`, tokenizer.decode(whole, { skipSpecialTokens: true }), skipped);
  }
  const [text, textPair] = expected.pairTexts;
  for (const flag of [0, 1] as const)
    compare('pair', tokenizer.encode(text, { textPair, addSpecialTokens: flag === 1 }), expected.pair[flag]);
  for (const [ids, skipped, decoded] of expected.mixed) {
    compare(`text of ${ids}`, tokenizer.decode(ids), decoded);
    compare(`text of ${ids} without`, tokenizer.decode(ids, { skipSpecialTokens: true }), skipped);
  }
  const { bosTokenId, eosTokenId, padTokenId, maskTokenId, specialTokens = {}, vocabSize } = tokenizer;
  const { bos_token, eos_token, pad_token, mask_token } = expected.ids;
  compare(
    'bos, eos, pad, mask',
    [bosTokenId, eosTokenId, padTokenId, maskTokenId],
    [bos_token, eos_token, pad_token, mask_token],
  );
  for (const [name, token] of Object.entries(expected.names))
    compare(name, specialTokens[name] ?? null, token);
  compare('size', vocabSize, expected.size);
  return found;
}

async function main(folder: string): Promise<void> {
  const counts: Record<string, number> = {};
  const count = (what: string) => {
    counts[what] = (counts[what] ?? 0) + 1;
  };
  const refusals: Record<string, number> = {};
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    const expected: Expected = JSON.parse(readFileSync(join(path, 'expected.json'), 'utf8'));
    let tokenizer: Tokenizer;
    try {
      tokenizer = await loadTokenizer(path);
    } catch (error) {
      if (!(error instanceof PromptuneError)) throw error;
      count(expected.error ? 'refused here and there' : 'refused by name');
      const reason = error.message.slice(error.message.indexOf(name) + name.length);
      refusals[reason] = (refusals[reason] ?? 0) + 1;
      continue;
    }
    if (expected.error) {
      count('read here, refused there');
      continue;
    }
    const found = differences(tokenizer, expected);
    count(found.length === 0 ? 'agreed' : 'silently different');
    if (found.length > 0)
      console.log(
        `${name} (${expected.className}) differs ${found.length} times\n  ${found.slice(0, 3).join('\n  ')}`,
      );
  }
  for (const [reason, times] of Object.entries(refusals)) console.log(`refused ${times} times: ${reason}`);
  console.log(counts);
  if (counts['silently different']) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(process.argv[2]!);
