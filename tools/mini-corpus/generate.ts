/**
 * @file Writes the corpus of the bundled model: `npx tsx tools/mini-corpus/generate.ts --sentences N --seed S --output
 *   DIR`. Makes train.jsonl, heldout-frames.jsonl and heldout-combinations.jsonl, with one JSON object per line:
 *   {"text", "lang", "genre"}.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command } from 'commander';
import { wholeNumber } from '../../src/cli/options/arguments.js';
import { allFrames, type Document, generateDocuments } from './documents.js';
import type { Split } from './engine/frames.js';

export interface CorpusOptions {
  /** Minimum number of sentences in train.jsonl; each held-out file gets a fiftieth of them. */
  sentences: number;
  seed: number;
  /** A folder; created if missing. */
  output: string;
  /** Names of the genres in train.jsonl. Default: all. The held-out files always have all. */
  genres?: readonly string[];
  /** Leaves out documents that name their task. Default: false. */
  unnamed?: boolean;
}

export interface FileReport {
  file: string;
  documents: number;
  sentences: number;
  /** The number of distinct sentences among them. */
  distinct: number;
  bytes: number;
}

const splits: readonly Split[] = ['train', 'heldout-frames', 'heldout-combinations'];

/** Writes the three files and reports their contents. */
export function writeCorpus({ sentences, seed, output, genres, unnamed }: CorpusOptions): FileReport[] {
  mkdirSync(output, { recursive: true });
  return splits.map((split, i) => {
    const wanted = split === 'train' ? sentences : Math.ceil(sentences / 50);
    // Each file has its own seed, so that the length of train.jsonl does not change the held-out files.
    return writeDocuments(
      join(output, `${split}.jsonl`),
      generateDocuments({
        seed: seed * splits.length + i,
        split,
        unnamed,
        ...(split === 'train' && { genres }),
      }),
      wanted,
    );
  });
}

function writeDocuments(path: string, documents: Iterable<Document>, wanted: number): FileReport {
  const report: FileReport = { file: path, documents: 0, sentences: 0, distinct: 0, bytes: 0 };
  const seen = new Set<string>();
  const temporary = `${path}.tmp`;
  const file = openSync(temporary, 'w');
  try {
    let lines: string[] = [];
    const flush = () => {
      report.bytes += writeSync(file, lines.join(''));
      lines = [];
    };
    for (const document of documents) {
      lines.push(`${JSON.stringify(document)}\n`);
      report.documents++;
      for (const sentence of sentencesOf(document.text)) {
        report.sentences++;
        seen.add(sentence);
      }
      if (lines.length >= 1000) flush();
      if (report.sentences >= wanted) break;
    }
    flush();
    fsyncSync(file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  return { ...report, distinct: seen.size };
}

/** A text cut after each full stop, question or exclamation mark, and at line ends. */
export function sentencesOf(text: string): string[] {
  return text
    .split(/(?<=[.?!][”"]?)\s+|(?<=[。？！]”)|(?<=[。？！])(?!”)|\n/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  new Command('generate')
    .description('Writes the corpus that the embedded model is trained on.')
    .requiredOption('--sentences <n>', 'sentences to train on, at least', wholeNumber)
    .requiredOption('--output <dir>', 'folder for the three files')
    .option('--seed <n>', 'the same seed gives the same files', wholeNumber, 1)
    .option('--genres <name...>', 'only these in train.jsonl (default: all)')
    .option('--unnamed', 'leave out documents that name their task ("Question: …")')
    .action((options: CorpusOptions) => {
      console.log(
        `${allFrames.length} frames, ${allFrames.filter(({ heldOut }) => heldOut).length} of them held out`,
      );
      for (const { file, documents, sentences, distinct, bytes } of writeCorpus(options)) {
        const share = ((100 * distinct) / sentences).toFixed(1);
        console.log(
          `${file}: ${documents} documents, ${sentences} sentences (${share} % different), ${(bytes / 1e6).toFixed(1)} MB`,
        );
      }
    })
    .parse();
}
