/**
 * @file Translates the help. Commands and options are described in English where they are defined, most of them by
 *   schemas of the library; a description consists of what an option is, its choices, its default and who has it.
 */
import { helpZh } from './help-zh.js';

/** `what: choice, choice; may be repeated (default: …); more [owner, owner]`. */
const description = /^([\s\S]*?)(?: \(default: ([\s\S]*?)\)(; [^()]*)?)?( \[[\w, -]+\])?$/;

const endings: Readonly<Record<string, string>> = {
  '; may be repeated': '；可重复给出',
  '; can be repeated': '；可重复给出',
  ', comma-separated': '，用逗号分隔',
};

/** A text of the help in Chinese. Undefined where the catalog lacks a part of it. */
export function helpInChinese(text: string): string | undefined {
  if (helpZh[text] !== undefined) return helpZh[text];
  const [, what = '', byDefault, more = '', owners = ''] = description.exec(text)!;
  const parts = [phrase(what), byDefault === undefined ? '' : defaultText(byDefault), phrase(more)];
  if (parts.includes(undefined)) return undefined;
  const [said, otherwise, after] = parts;
  return `${said}${otherwise && `（默认：${otherwise}）`}${after}${owners}`;
}

/** What an option is, possibly with an ending, with choices, or of several sentences. */
function phrase(text: string): string | undefined {
  if (text === '') return '';
  if (helpZh[text] !== undefined) return helpZh[text];
  const ending = Object.keys(endings).find((end) => text.endsWith(end));
  if (ending !== undefined) return joined([phrase(text.slice(0, -ending.length)), endings[ending]], '');
  const [, what, choices] = /^([\s\S]*): ([\w.-]+(?:, [\w.-]+)*)$/.exec(text) ?? [];
  if (what !== undefined && helpZh[what] !== undefined)
    return `${helpZh[what]}：${choices!.replaceAll(', ', '、')}`;
  return text.includes('; ') ? joined(text.split('; ').map(phrase), '；') : undefined;
}

/** A default: a value, one value for each of several alternatives, or words. */
function defaultText(text: string): string | undefined {
  if (helpZh[text] !== undefined) return helpZh[text];
  if (text.includes('; ')) return joined(text.split('; ').map(defaultText), '；');
  if (/^[^,]+ for [\w-]+(, [^,]+ for [\w-]+)*$/.test(text))
    return text
      .split(', ')
      .map((part) => part.replace(/^(.+) for (.*)$/, '$2 为 $1'))
      .join('，');
  return /[a-z] [a-z]/.test(text) ? undefined : text;
}

const joined = (parts: readonly (string | undefined)[], by: string): string | undefined =>
  parts.includes(undefined) ? undefined : parts.join(by);
