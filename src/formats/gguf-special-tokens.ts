/**
 * @file Which tokens of a GGUF file are special, and which end the model's output, by the rules of llama.cpp
 *   (src/llama-vocab.cpp of 2026): the metadata names some, others are recognized by their text.
 */
import type { GgufFile, GgufValue } from './gguf.js';

/** Token types, as in tokenizer.ggml.token_type. */
export const tokenTypes = { normal: 1, unknown: 2, control: 3, userDefined: 4 } as const;

/** Texts of tokens that end texts, turns or messages in various models. */
const endTexts = [
  ...['<|eot_id|>', '<|im_end|>', '<|end|>', '<|return|>', '<|call|>', '<|flush|>', '<|calls|>'],
  ...['<end_of_turn>', '<|endoftext|>', '</s>', '<|eom_id|>', '<EOT>', '_<EOT>', '[EOT]', '[EOS]'],
  ...['<|end_of_text|>', '<end_of_utterance>', '<eos>', '<turn|>', '<|tool_response>'],
  ...['<｜end▁of▁sentence｜>', '[e~['],
];

/** Markers between parts and files for code models. The metadata may name others by these keys. */
const codeTexts: Readonly<Record<string, readonly string[]>> = {
  fim_pre: [
    '<|fim_prefix|>',
    '<fim-prefix>',
    '<fim_prefix>',
    '<｜fim▁begin｜>',
    '<PRE>',
    '▁<PRE>',
    '<|code_prefix|>',
    '<|prefix|>',
  ],
  fim_suf: [
    '<|fim_suffix|>',
    '<fim-suffix>',
    '<fim_suffix>',
    '<｜fim▁hole｜>',
    '<SUF>',
    '▁<SUF>',
    '<|code_suffix|>',
    '<|suffix|>',
  ],
  fim_mid: [
    '<|fim_middle|>',
    '<fim-middle>',
    '<fim_middle>',
    '<｜fim▁end｜>',
    '<MID>',
    '▁<MID>',
    '<|code_middle|>',
    '<|middle|>',
  ],
  fim_pad: ['<|fim_pad|>', '<fim-pad>', '<fim_pad>', '<PAD>', '[PAD]'],
  fim_rep: ['<|fim_repo|>', '<|repo_name|>', '<fim-repo>', '<REPO>', '<reponame>'],
  fim_sep: ['<|file_sep|>'],
};
const endingKeys = ['eos', 'eot', 'eom', 'fim_pad', 'fim_rep', 'fim_sep'];

/** Visible parts of a message's frame. */
const frameTexts = ['<|channel|>', '<|message|>', '<|start|>', '<|constrain|>'];

export interface SpecialTokens {
  /** The ids of end tokens, in ascending order. */
  readonly ends: readonly number[];
  /** The type of each token, if its text determines it better than the file. */
  readonly types: readonly (number | undefined)[];
}

/** The end tokens of a file's model. A file without a tokenizer may still name some. */
export function endTokensIn({ metadata }: Pick<GgufFile, 'metadata'>): readonly number[] {
  const tokens = metadata.get('tokenizer.ggml.tokens');
  const ids = new Map(Array.isArray(tokens) ? tokens.map((token, id) => [String(token), id]) : []);
  return specialTokensOf(ids, [], (key) => metadata.get(`tokenizer.ggml.${key}_token_id`)).ends;
}

/**
 * @param ids the vocabulary
 * @param fileTypes `token_type`, by id
 * @param named the id in the metadata's `tokenizer.ggml.<key>_token_id`
 */
export function specialTokensOf(
  ids: ReadonlyMap<string, number>,
  fileTypes: readonly number[],
  named: (key: string) => GgufValue | undefined,
): SpecialTokens {
  const ends = new Set<number>();
  const types: (number | undefined)[] = [...fileTypes];
  const idsOf = (texts: readonly string[]) => texts.flatMap((text) => ids.get(text) ?? []);
  for (const id of idsOf(endTexts)) {
    ends.add(id);
    types[id] = tokenTypes.control;
  }
  const code: Record<string, number | undefined> = {};
  for (const [key, texts] of Object.entries(codeTexts)) {
    if (named(key) !== undefined) continue;
    const [id] = idsOf(texts);
    if (id === undefined) continue;
    code[key] = id;
    types[id] = tokenTypes.control;
  }
  for (const key of endingKeys) {
    const id = named(key) ?? code[key];
    if (typeof id === 'number') ends.add(id);
  }
  for (const id of idsOf(frameTexts)) types[id] = tokenTypes.userDefined;

  // If a turn ends with a call or a return, <|end|> separates its messages.
  const has = (...texts: string[]) => texts.some((text) => ids.has(text));
  if (has('<|call|>', '<|calls|>') && has('<|return|>', '<|flush|>'))
    for (const id of idsOf(['<|end|>'])) {
      ends.delete(id);
      types[id] = tokenTypes.userDefined;
    }
  if (has('<|tool_response>'))
    for (const id of idsOf(['</s>'])) {
      ends.delete(id);
      types[id] = tokenTypes.normal;
    }
  return { ends: [...ends].sort((a, b) => a - b), types };
}
