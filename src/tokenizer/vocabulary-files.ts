/** @file Folders without a tokenizer.json: GPT-2's vocab.json and merges.txt, or BERT's vocab.txt. */
import { fileSystem, join } from '#platform';
import { FileError } from '../errors.js';
import { readTextIfPresent, withFileErrors } from '../formats/files.js';
import { type JsonObject, readJsonObjectIfPresent } from '../formats/json.js';
import { say } from '../say.js';
import type { TokenizerConfig } from './tokenizer-config.js';
import { readVocabulary } from './vocabulary.js';

/** Files that only SentencePiece or tiktoken can read. */
const otherFiles = ['spiece.model', 'tokenizer.model', 'sentencepiece.bpe.model', 'tekken.json'];

/** The classes that read each kind of older file. */
const byteLevelClasses = [
  'GPT2Tokenizer',
  'CodeGenTokenizer',
  'GPTNeoXTokenizer',
  'Qwen2Tokenizer',
  'RobertaTokenizer',
];
const wordPieceClasses = ['BertTokenizer', 'DistilBertTokenizer'];

/**
 * The equivalent of a tokenizer.json's model, and the configuration with a class that builds the rest.
 * @throws FileError if there are no such files, naming the invalid token or line, or the unknown class
 */
export async function readVocabularyFiles(
  folder: string,
  config: TokenizerConfig,
): Promise<{ json: JsonObject; config: TokenizerConfig }> {
  const ofClass = (classes: readonly string[], files: string): TokenizerConfig => {
    const tokenizerClass = config.tokenizerClass || classes[0]!;
    if (classes.includes(tokenizerClass)) return { ...config, tokenizerClass };
    const problem = say`${tokenizerClass} is not supported for ${files}; write a tokenizer.json with transformers`;
    throw new FileError(folder, 'tokenizer_class', problem);
  };
  const vocab = await readJsonObjectIfPresent(join(folder, 'vocab.json'));
  if (vocab) {
    const model = await byteLevelBpe(folder, vocab);
    return { json: { model }, config: ofClass(byteLevelClasses, say`vocab.json and merges.txt`) };
  }
  const path = join(folder, 'vocab.txt');
  const words = await readTextIfPresent(path);
  if (words !== undefined)
    return { json: { model: wordPiece(path, words) }, config: ofClass(wordPieceClasses, 'vocab.txt') };
  for (const name of otherFiles) {
    if (!(await fileSystem.stat(join(folder, name)))) continue;
    const advice = say`write a tokenizer.json beside it with transformers:
      AutoTokenizer.from_pretrained("${folder}").save_pretrained("${folder}")`;
    throw new FileError(folder, undefined, say`the tokenizer is ${name} alone, which is not read; ${advice}`);
  }
  const problem = say`no tokenizer here; expected tokenizer.json, vocab.json and merges.txt, or vocab.txt`;
  throw new FileError(folder, undefined, problem);
}

async function byteLevelBpe(folder: string, vocab: JsonObject): Promise<JsonObject> {
  readVocabulary(vocab, join(folder, 'vocab.json'));
  const path = join(folder, 'merges.txt');
  const text = await withFileErrors(path, 'read', () => fileSystem.readText(path));
  return { type: 'BPE', vocab, merges: mergesOf(text, vocab, path) };
}

/** BERT's vocab.txt: one token per line; the line's number is its id. */
function wordPiece(path: string, text: string): JsonObject {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  const vocab: JsonObject = Object.create(null);
  for (const [id, token] of lines.entries()) {
    if (token in vocab)
      throw new FileError(path, say`line ${id + 1}`, say`${JSON.stringify(token)} is there twice`);
    vocab[token] = id;
  }
  return { type: 'WordPiece', vocab };
}

function mergesOf(text: string, vocab: JsonObject, path: string): [string, string][] {
  const merges: [string, string][] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line === '' || line.startsWith('#version')) continue;
    const [left, right, ...more] = line.split(' ');
    if (!left || !right || more.length > 0) {
      throw new FileError(
        path,
        say`line ${index + 1}`,
        say`expected two tokens with a space between, found ${JSON.stringify(line)}`,
      );
    }
    if (!Object.hasOwn(vocab, left + right)) {
      const merged = JSON.stringify(left + right);
      throw new FileError(
        path,
        say`line ${index + 1}`,
        say`makes ${merged}, which vocab.json lacks; the two files do not belong together`,
      );
    }
    merges.push([left, right]);
  }
  return merges;
}
