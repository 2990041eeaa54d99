/**
 * @file Passages with one question each: `npx tsx tools/mini-corpus/answers.ts --rows N --seed S --output FILE`. Writes
 *   one {"prompt", "completion"} per line, so that only the answers count in the loss: passages cannot be predicted.
 *   All are in English and in one layout: otherwise a model this small does not learn within minutes that it has to
 *   look for the answer in the passage.
 */
import { pathToFileURL } from 'node:url';
import { Command } from 'commander';
import { wholeNumber } from '../../src/cli/options/arguments.js';
import { writeFileAtomic } from '../../src/formats/files.js';
import { Writer } from './engine/frames.js';
import { seededRandom } from './engine/random.js';
import { askContext } from './genres/question.js';
import { lexicon } from './words/lexicon.js';

/** The same rows for the same seed, in one layout, without held-out content. */
export function answerRows(rows: number, seed: number): { prompt: string; completion: string }[] {
  const random = seededRandom(seed);
  return Array.from({ length: rows }, () => {
    const { context, question, short } = askContext(new Writer(random, lexicon, 'train'));
    return { prompt: `${context.en}\n- ${question.en}\n-`, completion: ` ${short.en}` };
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await new Command('answers')
    .description('Writes passages with a question each, to train on the answers.')
    .requiredOption('--rows <n>', 'passages', wholeNumber)
    .requiredOption('--output <file>', 'a .jsonl file')
    .option('--seed <n>', 'the same seed gives the same rows', wholeNumber, 1)
    .action(async ({ rows, output, seed }: { rows: number; output: string; seed: number }) => {
      const lines = answerRows(rows, seed).map((row) => `${JSON.stringify(row)}\n`);
      await writeFileAtomic(output, lines.join(''));
    })
    .parseAsync();
}
