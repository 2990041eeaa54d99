/** @file sacreBLEU's tokenizers `13a` (that of mteval-v13a) and `zh`. */
import { words } from './text.js';

export type BleuTokenizer = '13a' | 'zh';

/** Tokenizes a text. `13a` separates Western punctuation from words; `zh` also makes each Chinese character a token. */
export function bleuTokens(text: string, tokenizer: BleuTokenizer): string[] {
  return tokenizer === '13a' ? tokens13a(text) : tokensZh(text);
}

function tokens13a(text: string): string[] {
  const plain = text
    .trimEnd()
    .replaceAll('<skipped>', '')
    .replaceAll('-\n', '')
    .replaceAll('\n', ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>');
  return withPunctuationApart(` ${plain} `);
}

function withPunctuationApart(text: string): string[] {
  return words(
    text
      .replace(/([{-~[-` -&(-+:-@/])/g, ' $1 ')
      .replace(/([^0-9])([.,])/gu, '$1 $2 ') // a period or comma, unless inside a number
      .replace(/([.,])([^0-9])/gu, ' $1 $2')
      .replace(/([0-9])(-)/g, '$1 $2 '),
  );
}

/**
 * sacreBLEU's Chinese characters. The second line is intended: two of its ranges have five digits where Python reads
 * four, and so match most general punctuation and symbols instead of rare characters.
 */
const chinese = new RegExp(
  '[\\u3400-\\u4db5\\u4e00-\\u9fa5\\u9fa6-\\u9fbb\\uf900-\\ufa2d\\ufa30-\\ufa6a\\ufa70-\\ufad9' +
    '\\u2001-\\u2a6d\\u2f81-\\u2fa1' +
    '\\uff00-\\uffef\\u2e80-\\u2eff\\u3000-\\u303f\\u31c0-\\u31ef\\u2f00-\\u2fdf\\u2ff0-\\u2fff\\u3100-\\u312f' +
    '\\u31a0-\\u31bf\\ufe10-\\ufe1f\\ufe30-\\ufe4f\\u2600-\\u26ff\\u2700-\\u27bf\\u3200-\\u32ff\\u3300-\\u33ff]',
  'g',
);

const tokensZh = (text: string): string[] => withPunctuationApart(text.trim().replace(chinese, ' $& '));
