/** @file GPT-2's two tokenizer files, vocab.json and merges.txt, as the tokenizer.json that means the same. */
import { fileSystem, join } from '#platform';
import { FileError } from '../errors.js';
import { withFileErrors } from '../formats/files.js';
import { beginsWith } from '../formats/gguf-tokenizer.js';
import { type JsonObject, readJsonObjectIfPresent } from '../formats/json.js';

const endOfText = '<|endoftext|>';
/** As T5 and mT5 come with it. */
const sentencePieceName = 'spiece.model';

/**
 * Byte-level BPE with GPT-2's settings. Throws a FileError that names the token or line that does not fit.
 * @param begins the token that every text begins with, as OPT's do. Default: none
 */
export async function readGpt2Files(folder: string, begins?: string): Promise<JsonObject> {
  const vocabPath = join(folder, 'vocab.json');
  const vocab = await readJsonObjectIfPresent(vocabPath);
  if (!vocab) {
    const pieces = await fileSystem.stat(join(folder, sentencePieceName));
    const problem = pieces
      ? `the tokenizer is SentencePiece's ${sentencePieceName}, which is not read; write a tokenizer.json beside it with transformers: AutoTokenizer.from_pretrained("${folder}").save_pretrained("${folder}")`
      : 'no tokenizer here; expected tokenizer.json, or vocab.json and merges.txt';
    throw new FileError(folder, undefined, problem);
  }
  checkVocabulary(vocab, vocabPath);
  const mergesPath = join(folder, 'merges.txt');
  const text = await withFileErrors(mergesPath, 'read', () => fileSystem.readText(mergesPath));
  const merges = mergesOf(text, vocab, mergesPath);
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, use_regex: true };
  const special = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  return {
    version: '1.0',
    added_tokens: endOfText in vocab ? [{ id: vocab[endOfText], content: endOfText, ...special }] : [],
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor:
      begins !== undefined && begins in vocab ? beginsWith(begins, Number(vocab[begins])) : byteLevel,
    decoder: byteLevel,
    model: { type: 'BPE', vocab, merges },
  };
}

function checkVocabulary(vocab: JsonObject, path: string): void {
  const tokenOfId = new Map<unknown, string>();
  const size = Object.keys(vocab).length;
  for (const [token, id] of Object.entries(vocab)) {
    const place = `token ${JSON.stringify(token)}`;
    // Some gaps are fine; ids far beyond the size would only make a huge table.
    if (!Number.isInteger(id) || Number(id) < 0 || Number(id) >= 2 * size + 256) {
      throw new FileError(
        path,
        place,
        `expected a token id near 0 to ${size - 1}, found ${JSON.stringify(id)}`,
      );
    }
    const other = tokenOfId.get(id);
    if (other !== undefined)
      throw new FileError(path, place, `has the id ${id}, which ${JSON.stringify(other)} has too`);
    tokenOfId.set(id, token);
  }
}

function mergesOf(text: string, vocab: JsonObject, path: string): [string, string][] {
  const merges: [string, string][] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line === '' || (index === 0 && line.startsWith('#version'))) continue;
    const [left, right, ...more] = line.split(' ');
    if (!left || !right || more.length > 0) {
      throw new FileError(
        path,
        `line ${index + 1}`,
        `expected two tokens with a space between, found ${JSON.stringify(line)}`,
      );
    }
    if (!Object.hasOwn(vocab, left + right)) {
      const merged = JSON.stringify(left + right);
      throw new FileError(
        path,
        `line ${index + 1}`,
        `makes ${merged}, which vocab.json lacks; the two files do not belong together`,
      );
    }
    merges.push([left, right]);
  }
  return merges;
}
