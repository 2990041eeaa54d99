/**
 * @file Compares the tokenizers of a folder, written by make_tokenizers.py, with the Rust library's results: `npx tsx
 *   tools/conformance/compare-tokenizers.ts FOLDER`. Exits with code 1 if one silently differs.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PromptuneError } from '../../src/errors.js';
import { Pipeline } from '../../src/tokenizer/pipeline.js';

/** The library's results for the texts: ids, ids with special tokens, text, text without special tokens. */
export interface Expected {
  readonly texts: readonly string[];
  readonly rows: readonly (readonly [number[], number[], string, string])[];
  readonly pairTexts: readonly [string, string];
  /** Ids of two texts, without special tokens and with them. */
  readonly pair: readonly [number[], number[]];
  /** Ids in any order, their text without special tokens, and with them. */
  readonly mixed: readonly (readonly [number[], string, string])[];
}

/** One line for each result that differs. */
export function differences(pipeline: Pipeline, expected: Expected): string[] {
  const found: string[] = [];
  const compare = (what: string, actual: unknown, wanted: unknown) => {
    const [a, b] = [JSON.stringify(actual), JSON.stringify(wanted)];
    if (a !== b) found.push(`${what}: ${a}, expected ${b}`);
  };
  const encode = (text: string, addSpecialTokens: boolean, textPair?: string) =>
    pipeline.encode(text, { addSpecialTokens, textPair, continues: false });
  for (const [i, [ids, whole, decoded, skipped]] of expected.rows.entries()) {
    const text = expected.texts[i]!;
    compare(`ids of ${JSON.stringify(text)}`, encode(text, false), ids);
    compare(`ids of ${JSON.stringify(text)} with special tokens`, encode(text, true), whole);
    compare(`text of ${JSON.stringify(text)}`, pipeline.decode(whole, false), decoded);
    compare(`text of ${JSON.stringify(text)} without special tokens`, pipeline.decode(whole, true), skipped);
  }
  for (const flag of [0, 1] as const)
    compare('pair', encode(expected.pairTexts[0], flag === 1, expected.pairTexts[1]), expected.pair[flag]);
  for (const [ids, skipped, decoded] of expected.mixed) {
    compare(`text of ${ids}`, pipeline.decode(ids, false), decoded);
    compare(`text of ${ids} without special tokens`, pipeline.decode(ids, true), skipped);
  }
  return found;
}

function main(folder: string): void {
  const counts = { agreed: 0, refused: 0, different: 0 };
  const readJson = (name: string, file: string) => JSON.parse(readFileSync(join(folder, name, file), 'utf8'));
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name, 'tokenizer.json');
    try {
      const found = differences(
        new Pipeline(readJson(name, 'tokenizer.json'), path),
        readJson(name, 'expected.json'),
      );
      counts[found.length === 0 ? 'agreed' : 'different']++;
      if (found.length > 0)
        console.log(`${name} differs ${found.length} times\n  ${found.slice(0, 3).join('\n  ')}`);
    } catch (error) {
      if (!(error instanceof PromptuneError)) throw error;
      counts.refused++;
      console.log(`${name} is refused: ${error.message}`);
    }
  }
  console.log(
    `agreed ${counts.agreed}, refused by name ${counts.refused}, silently different ${counts.different}`,
  );
  if (counts.different > 0) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main(process.argv[2]!);
