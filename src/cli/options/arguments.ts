/** @file From what is typed on the command line to values. */
import { InvalidArgumentError } from 'commander';

/** A whole number from 0. */
export function wholeNumber(written: string): number {
  if (!/^\d+$/.test(written)) throw new InvalidArgumentError('Expected a whole number, such as 8.');
  return Number(written);
}

/** A whole number from 1. */
export function countingNumber(written: string): number {
  const value = wholeNumber(written);
  if (value === 0) throw new InvalidArgumentError('Expected a whole number from 1.');
  return value;
}

export function decimalNumber(written: string): number {
  const value = Number(written);
  if (written.trim() === '' || Number.isNaN(value)) {
    throw new InvalidArgumentError('Expected a number, such as 0.5.');
  }
  return value;
}

/** What `text` understands, for the help. */
export const textHelp = '\nIn texts, \\n stands for a line break, \\t for a tab and \\\\ for a backslash.';

/** Shells make it hard to type a line break, and prompts are full of them. */
export function text(written: string): string {
  const meanings: Record<string, string> = { n: '\n', t: '\t', '\\': '\\' };
  return written.replace(/\\([nt\\])/g, (_, letter: string) => meanings[letter]!);
}

/** For texts that may be given several times. */
export function texts(written: string, earlier: readonly string[] | undefined): string[] {
  return [...(earlier ?? []), text(written)];
}

/** One label's words, added to those of earlier labels. */
export function labelWords(written: string, earlier?: unknown): Record<string, string[]> {
  const at = written.indexOf('=');
  const words = text(written.slice(at + 1)).split(',');
  if (at < 1 || words.some((word) => word.trim() === ''))
    throw new InvalidArgumentError('Expected a label and its words, such as 1=great,good.');
  return { ...(earlier as Record<string, string[]> | undefined), [written.slice(0, at)]: words };
}

/** Names with commas between them. */
export function names(written: string): string[] {
  const given = written.split(',').map((name) => name.trim());
  if (given.includes('')) throw new InvalidArgumentError('Expected names with commas between them.');
  return given;
}
