/**
 * @file Translates what is said of an option. It consists of what the option is, its choices, its default and who has
 *   it: `what: choice, choice; may be repeated (default: …); more [owner, owner]`.
 */

/** The Chinese of a part; undefined where the catalog lacks it. */
export type Known = (part: string) => string | undefined;

const description = /^([\s\S]*?)(?: \(default: ([\s\S]*?)\)(; [^()]*)?)?( \[[\w, -]+\])?$/;

const endings: Readonly<Record<string, string>> = {
  '; may be repeated': '；可重复给出',
  '; can be repeated': '；可重复给出',
  ', comma-separated': '，用逗号分隔',
};

/** A description in Chinese. Undefined where the catalog lacks a part of it. */
export function describe(text: string, known: Known): string | undefined {
  const whole = known(text);
  if (whole !== undefined) return whole;
  const [, what = '', byDefault, more = '', owners = ''] = description.exec(text)!;
  const parts = [
    phrase(what, known),
    byDefault === undefined ? '' : defaultText(byDefault, known),
    phrase(more, known),
  ];
  if (parts.includes(undefined)) return undefined;
  const [said, otherwise, after] = parts;
  return `${said}${otherwise && `（默认：${otherwise}）`}${after}${owners}`;
}

/** What an option is, possibly with an ending, with choices, or of several sentences. */
function phrase(text: string, known: Known): string | undefined {
  if (text === '') return '';
  const whole = known(text);
  if (whole !== undefined) return whole;
  const ending = Object.keys(endings).find((end) => text.endsWith(end));
  if (ending !== undefined)
    return joined([phrase(text.slice(0, -ending.length), known), endings[ending]], '');
  const [, what, choices] = /^([\s\S]*): ([\w.-]+(?:, [\w.-]+)*)$/.exec(text) ?? [];
  const said = what === undefined ? undefined : known(what);
  if (said !== undefined) return `${said}：${choices!.replaceAll(', ', '、')}`;
  return text.includes('; ')
    ? joined(
        text.split('; ').map((part) => phrase(part, known)),
        '；',
      )
    : undefined;
}

/** A default: a value, one value for each of several alternatives, or words. */
function defaultText(text: string, known: Known): string | undefined {
  const whole = known(text);
  if (whole !== undefined) return whole;
  if (text.includes('; '))
    return joined(
      text.split('; ').map((part) => defaultText(part, known)),
      '；',
    );
  if (/^[^,]+ for [\w-]+(, [^,]+ for [\w-]+)*$/.test(text))
    return text
      .split(', ')
      .map((part) => part.replace(/^(.+) for (.*)$/, '$2 为 $1'))
      .join('，');
  return /[a-z] [a-z]/.test(text) ? undefined : text;
}

const joined = (parts: readonly (string | undefined)[], by: string): string | undefined =>
  parts.includes(undefined) ? undefined : parts.join(by);

/** The keys of configurations that a sentence names, such as initText. */
export const keysIn = /(?<![\w^])[a-z]+[A-Z]\w*\b/g;
