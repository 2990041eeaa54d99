/**
 * @file Tatoeba's sentence pairs as documents for the bundled model: npx tsx tools/mini-corpus/tatoeba.ts --pairs
 *   cmn.txt --output DIR. Reads lines of English TAB Chinese (CC BY 2.0 FR, tatoeba.org), converts traditional to
 *   simplified characters, and writes tatoeba-train.jsonl, and tatoeba-heldout.jsonl, whose English sentences occur in
 *   no other pair.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command } from 'commander';
import { Converter } from 'opencc-js/t2cn';
import { countingNumber } from '../../src/cli/options/arguments.js';
import { writeFileAtomic } from '../../src/formats/files.js';
import { namesItsTask } from './documents.js';
import type { Pair } from './engine/frames.js';
import { isHeldOutSentence } from './engine/held-out.js';
import { type Random, seededRandom } from './engine/random.js';
import { writePairs } from './genres/translation.js';

/** The pairs of a file, with simplified characters and full-width punctuation. Throws for a malformed line. */
function readPairs(text: string): Pair[] {
  const simplified = Converter({ from: 't', to: 'cn' });
  const fullWidth: Record<string, string> = { ',': '，', '!': '！', '?': '？', ';': '；', ':': '：' };
  return text
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((line, i) => {
      const [en, zh, ...rest] = line.split('\t');
      if (!en || !zh || rest.length > 0)
        throw new Error(`line ${i + 1}: expected English, a tab and Chinese, got ${JSON.stringify(line)}`);
      const chinese = simplified(zh.trim()).replace(
        /(?<=\p{Script=Han})[,!?;:]/gu,
        (mark: string) => fullWidth[mark]!,
      );
      return { en: en.trim(), zh: chinese };
    });
}

/**
 * Each pair once in each direction, in one of the corpus's layouts, one to three pairs per document, in random order.
 */
function tatoebaDocuments(pairs: readonly Pair[], random: Random): string[] {
  const shuffled = (): Pair[] => {
    const order = [...pairs];
    for (let i = order.length - 1; i > 0; i--) {
      const j = random.below(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  };
  return (['en', 'zh'] as const).flatMap((language) => {
    const documents: string[] = [];
    for (let rest = shuffled(); rest.length > 0; ) {
      const count = random.oneIn(3) ? 2 + random.below(2) : 1;
      documents.push(writePairs(random, rest.slice(0, count), language));
      rest = rest.slice(count);
    }
    return documents;
  });
}

interface Options {
  pairs: string;
  output: string;
  repeat: number;
  /** Leaves out documents that name their task. */
  unnamed?: boolean;
}

async function run({ pairs: path, output, repeat, unnamed }: Options) {
  mkdirSync(output, { recursive: true });
  const all = readPairs(readFileSync(path, 'utf8'));
  const random = seededRandom(1);
  for (const heldOut of [false, true]) {
    const pairs = all.filter(({ en }) => isHeldOutSentence(en) === heldOut);
    const times = heldOut ? 1 : repeat;
    const documents = Array.from({ length: times }, () => tatoebaDocuments(pairs, random))
      .flat()
      .filter((text) => !unnamed || !namesItsTask(text));
    const file = join(output, heldOut ? 'tatoeba-heldout.jsonl' : 'tatoeba-train.jsonl');
    await writeFileAtomic(file, documents.map((text) => `${JSON.stringify({ text })}\n`).join(''));
    console.log(`${file}: ${pairs.length} pairs in ${documents.length} documents`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await new Command('tatoeba')
    .description("Writes Tatoeba's sentence pairs as documents for the embedded model.")
    .requiredOption('--pairs <file>', 'English TAB Chinese, a pair a line')
    .requiredOption('--output <dir>', 'folder for the two files')
    .option('--repeat <n>', 'every pair so many times in training, in other layouts', countingNumber, 1)
    .option('--unnamed', 'leave out documents that name their task')
    .action(run)
    .parseAsync();
}
