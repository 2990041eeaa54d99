/** @file Parses values of command-line arguments. */

import { InvalidArgumentError } from 'commander';
import { say } from '../../say.js';
import { parseShare, type Share } from '../../workspace/index.js';
import { helpText } from '../messages/index.js';

/** An integer from 0. */
export function wholeNumber(written: string): number {
  if (!/^\d+$/.test(written)) throw new InvalidArgumentError(say`Expected an integer, such as 8.`);
  return Number(written);
}

/** An integer from 1. */
export function countingNumber(written: string): number {
  const value = wholeNumber(written);
  if (value === 0) throw new InvalidArgumentError(say`Expected an integer from 1.`);
  return value;
}

/** `3/100`. */
export function share(written: string): Share {
  try {
    return parseShare(written);
  } catch {
    throw new InvalidArgumentError(say`Expected K/N with K from 1 to N, such as 3/100.`);
  }
}

export function decimalNumber(written: string): number {
  const value = Number(written);
  if (written.trim() === '' || Number.isNaN(value)) {
    throw new InvalidArgumentError(say`Expected a number, such as 0.5.`);
  }
  return value;
}

/** The escapes of `text`, and another sentence, for the end of a command's help. */
export const textHelp =
  (...more: string[]) =>
  (): string => {
    const escapes = 'In texts, \\n stands for a line break, \\t for a tab and \\\\ for a backslash.';
    return `\n${[escapes, ...more].map(helpText).join(' ')}`;
  };

/** Unescapes line breaks, which are hard to type in shells. */
export function text(written: string): string {
  const meanings: Record<string, string> = { n: '\n', t: '\t', '\\': '\\' };
  return written.replace(/\\([nt\\])/g, (_, letter: string) => meanings[letter]!);
}

/** The text as an argument that `text` reads. */
export const asTyped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t');

/** For texts of options that may be repeated. */
export function texts(written: string, earlier: readonly string[] | undefined): string[] {
  return [...(earlier ?? []), text(written)];
}

/** The fields of a template, if the text is a JSON object. */
export function fieldsOrText(written: string): string | Record<string, string> {
  if (!written.trimStart().startsWith('{')) return written;
  try {
    return JSON.parse(written) as Record<string, string>;
  } catch {
    return written; // a text that happens to start with a brace
  }
}

/** Adds a label's words to those of earlier labels. */
export function labelWords(written: string, earlier?: unknown): Record<string, string[]> {
  const at = written.indexOf('=');
  const words = text(written.slice(at + 1)).split(',');
  if (at < 1 || words.some((word) => word.trim() === ''))
    throw new InvalidArgumentError(say`Expected a label and its words, such as 1=great,good.`);
  return { ...(earlier as Record<string, string[]> | undefined), [written.slice(0, at)]: words };
}

/** Comma-separated names. */
export function names(written: string): string[] {
  const given = written.split(',').map((name) => name.trim());
  if (given.includes('')) throw new InvalidArgumentError(say`Expected comma-separated names.`);
  return given;
}
