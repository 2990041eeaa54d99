/**
 * @file Folders without a tokenizer.json: GPT-2's vocab.json and merges.txt, or BERT's vocab.txt, as the
 * tokenizer.json that means the same.
 */
import { fileSystem, join } from '#platform';
import { FileError } from '../errors.js';
import { readTextIfPresent, withFileErrors } from '../formats/files.js';
import { aroundEach, type Marker } from '../formats/gguf-tokenizer.js';
import { type JsonObject, readJsonObjectIfPresent } from '../formats/json.js';
import { defaultNames } from './tokenizer-classes.js';
import type { TokenizerConfig } from './tokenizer-config.js';
import { readVocabulary } from './vocabulary.js';

/** What is read by no one but SentencePiece and tiktoken. */
const otherFiles = ['spiece.model', 'tokenizer.model', 'sentencepiece.bpe.model', 'tekken.json'];

const byteLevel = (use_regex: boolean, add_prefix_space: boolean) => ({
  type: 'ByteLevel',
  add_prefix_space,
  use_regex,
});

const qwenPattern = String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;

/**
 * The tokenizer as transformers' class builds it: GPT-2's, RoBERTa's, Qwen 2's or BERT's.
 * @throws FileError if there is none, naming the token or line that does not fit, or the class that is not known
 *   here
 */
export async function readVocabularyFiles(
  folder: string,
  config: TokenizerConfig,
): Promise<{ json: JsonObject; config: TokenizerConfig }> {
  const ofClass = (byDefault: string) => ({ ...config, tokenizerClass: config.tokenizerClass || byDefault });
  const vocab = await readJsonObjectIfPresent(join(folder, 'vocab.json'));
  if (vocab) {
    const gpt2 = ofClass('GPT2Tokenizer');
    return { json: await byteLevelBpe(folder, vocab, gpt2), config: gpt2 };
  }
  const words = await readTextIfPresent(join(folder, 'vocab.txt'));
  if (words !== undefined) {
    const bert = ofClass('BertTokenizer');
    return { json: wordPiece(folder, words, bert), config: bert };
  }
  for (const name of otherFiles) {
    if (!(await fileSystem.stat(join(folder, name)))) continue;
    const advice = `write a tokenizer.json beside it with transformers: AutoTokenizer.from_pretrained("${folder}").save_pretrained("${folder}")`;
    throw new FileError(folder, undefined, `the tokenizer is ${name} alone, which is not read; ${advice}`);
  }
  const problem = 'no tokenizer here; expected tokenizer.json, vocab.json and merges.txt, or vocab.txt';
  throw new FileError(folder, undefined, problem);
}

async function byteLevelBpe(folder: string, vocab: JsonObject, config: TokenizerConfig): Promise<JsonObject> {
  const { tokenizerClass, json: settings } = config;
  const vocabPath = join(folder, 'vocab.json');
  const { ids } = readVocabulary(vocab, vocabPath);
  const mergesPath = join(folder, 'merges.txt');
  const text = await withFileErrors(mergesPath, 'read', () => fileSystem.readText(mergesPath));
  const merges = mergesOf(text, vocab, mergesPath);
  const known = [
    '',
    'GPT2Tokenizer',
    'RobertaTokenizer',
    'BartTokenizer',
    'LongformerTokenizer',
    'Qwen2Tokenizer',
  ];
  if (!known.includes(tokenizerClass))
    throw new FileError(
      folder,
      'tokenizer_class',
      `${tokenizerClass} is not known here for vocab.json and merges.txt; write a tokenizer.json with transformers`,
    );
  const prefixSpace = settings.add_prefix_space === true;
  const isQwen = tokenizerClass === 'Qwen2Tokenizer';
  const split = { type: 'Split', pattern: { Regex: qwenPattern }, behavior: 'Isolated', invert: false };
  return {
    version: '1.0',
    added_tokens: [],
    normalizer: isQwen ? { type: 'NFC' } : null,
    pre_tokenizer: isQwen
      ? { type: 'Sequence', pretokenizers: [split, byteLevel(false, prefixSpace)] }
      : byteLevel(true, prefixSpace),
    post_processor: postProcessor(config, ids),
    decoder: byteLevel(true, true),
    model: { type: 'BPE', vocab, merges },
  };
}

/** RoBERTa's markers, or the beginning and the end that the configuration asks for, as OPT's does. */
function postProcessor(config: TokenizerConfig, ids: ReadonlyMap<string, number>): JsonObject | null {
  const { tokenizerClass, json } = config;
  const nameOf = (name: string): string | undefined =>
    name in config.named ? config.named[name]?.content : defaultNames(tokenizerClass)[name];
  if (/^(?:Roberta|Bart|Longformer)/.test(tokenizerClass)) {
    const [sep, cls] = ['sep_token', 'cls_token'].map((name) => [nameOf(name), ids.get(nameOf(name) ?? '')]);
    return { type: 'RobertaProcessing', sep, cls };
  }
  const wanted = (flag: string, name: string): Marker | undefined => {
    const token = json[flag] === true ? nameOf(name) : undefined;
    const id = token === undefined ? undefined : ids.get(token);
    return token !== undefined && id !== undefined ? { token, id } : undefined;
  };
  return aroundEach(wanted('add_bos_token', 'bos_token'), wanted('add_eos_token', 'eos_token'));
}

/** BERT's vocab.txt: a token on each line, whose number is its id. */
function wordPiece(
  folder: string,
  text: string,
  { named, json, tokenizerClass }: TokenizerConfig,
): JsonObject {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  const vocab: JsonObject = Object.create(null);
  for (const [id, token] of lines.entries()) {
    if (token in vocab)
      throw new FileError(
        join(folder, 'vocab.txt'),
        `line ${id + 1}`,
        `${JSON.stringify(token)} is there twice`,
      );
    vocab[token] = id;
  }
  const names = { ...defaultNames(tokenizerClass) };
  for (const [name, token] of Object.entries(named)) if (token) names[name] = token.content;
  const lowercase = json.do_lower_case !== false;
  return {
    version: '1.0',
    added_tokens: [],
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: json.tokenize_chinese_chars !== false,
      strip_accents: typeof json.strip_accents === 'boolean' ? json.strip_accents : null,
      lowercase,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'BertProcessing',
      sep: [names.sep_token, vocab[names.sep_token!]],
      cls: [names.cls_token, vocab[names.cls_token!]],
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      vocab,
      unk_token: names.unk_token,
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
    },
  };
}

function mergesOf(text: string, vocab: JsonObject, path: string): [string, string][] {
  const merges: [string, string][] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line === '' || line.startsWith('#version')) continue;
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
