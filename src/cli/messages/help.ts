/**
 * @file Translates the help. Commands and options are described in English where they are defined, most options by
 *   schemas of the library.
 */
import { describe, keysIn } from '../../sentences/zh/describe.js';
import { options } from '../../sentences/zh/options.js';
import { help } from './zh/help.js';

/** A text of the help in Chinese. Undefined where the catalogs lack a part of it. */
export const helpInChinese = (text: string): string | undefined =>
  describe(text, (part) => help[part] ?? ofOption(part));

/** What a schema says names keys, of which the help makes flags. */
function ofOption(part: string): string | undefined {
  const written = part.replaceAll(/--[a-z]+(?:-[a-z]+)+/g, keyOfFlag);
  const keys = new Set(written.match(keysIn));
  return options[written]?.replaceAll(keysIn, (word) => (keys.has(word) ? flagOfKey(word) : word));
}

const keyOfFlag = (flag: string) =>
  flag.slice(2).replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

const flagOfKey = (key: string) => `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
