/**
 * @file Patterns of files, which may be hostile, as what searches by them in a time that is sure: JavaScript's own
 *   where a look at the pattern shows that it never has much to try again, and the slower linear.ts for all others.
 */
import { isNullable, linearPattern, type Pattern } from './linear.js';
import { translatePattern } from './oniguruma.js';
import { type Node, parsePattern } from './syntax.js';

/** In characters; the longest of known tokenizers have 500. */
const maxLength = 10_000;

/**
 * @param source in Oniguruma's syntax, as tokenizer.json has it
 * @throws Error that names the construct which cannot be translated, or what is wrong
 */
export function compilePattern(source: string): Pattern {
  if (source.length > maxLength) throw new Error(`it has ${source.length} characters, at most ${maxLength}`);
  const translated = translatePattern(source);
  const tree = parsePattern(translated);
  return isQuick(tree) ? new RegExp(translated, 'gv') : linearPattern(tree, JSON.stringify(source));
}

/**
 * What matches whole names by a pattern, as Python's `re.fullmatch` does with the names of layers.
 * @throws Error that names the construct which cannot be translated, or what is wrong
 */
export function wholeNamePattern(source: string): (name: string) => boolean {
  const pattern = compilePattern(String.raw`\A(?:${source})\z`);
  return (name) => {
    pattern.lastIndex = 0;
    return pattern.exec(name) !== null;
  };
}

/**
 * Whether JavaScript's backtracking needs few steps per character. It does where each alternative repeats one set of
 * characters without a limit, and what follows can always match: then nothing is tried again. Two more forms are
 * known to be harmless: a lookahead for the set's opposite, and two repeated sets where another alternative takes
 * all of the first, so that a run which fails is not tried from each of its characters.
 */
export function isQuick(tree: Node): boolean {
  const alternatives = (tree.kind === 'choice' ? tree.nodes : [tree]).map(itemsOf);
  return alternatives.every((items) => isQuickAlternative(items, alternatives));
}

function isQuickAlternative(items: readonly Node[], alternatives: readonly (readonly Node[])[]): boolean {
  const first = items.findIndex((item) => !isSmall(item));
  if (first < 0) return true;
  const repeated = repeatedSet(items[first]!);
  if (repeated === undefined) return false;
  const rest = items.slice(first + 1);
  if (rest.every(isNeverFailing)) return true;
  if (rest.length === 1 && isOpposite(rest[0]!, repeated)) return true;
  const [second, ...others] = rest;
  return (
    (isSmall(second!) || repeatedSet(second!) !== undefined) &&
    others.every(isNeverFailing) &&
    alternatives.some((other) => takesAllOf(other, repeated))
  );
}

const itemsOf = (node: Node): readonly Node[] => (node.kind === 'sequence' ? node.nodes : [node]);

/** A set that is repeated without a limit. */
function repeatedSet(node: Node): string | undefined {
  if (node.kind === 'atomic') return repeatedSet(node.node);
  const isRepeated = node.kind === 'repeat' && node.most === Number.POSITIVE_INFINITY && !node.isLazy;
  return isRepeated && node.node.kind === 'set' ? node.node.source : undefined;
}

/** Matches whatever comes, and has nothing to try again that another part would need. */
const isNeverFailing = (node: Node): boolean =>
  isNullable(node) && node.kind === 'repeat' && (isSmall(node) || repeatedSet(node) !== undefined);

/** As `(?!\S)` behind `\s+`. */
const isOpposite = (node: Node, set: string): boolean =>
  node.kind === 'look' &&
  !node.isBehind &&
  node.isNegative &&
  node.node.kind === 'set' &&
  node.node.source === set.replace(String.raw`\p{`, String.raw`\P{`);

/** Whether an alternative takes every run of a set to its end. */
function takesAllOf(items: readonly Node[], set: string): boolean {
  const first = items.findIndex((item) => repeatedSet(item) === set);
  return (
    first >= 0 &&
    items.slice(0, first).every((item) => isSmall(item) && isNullable(item)) &&
    items.slice(first + 1).every(isNeverFailing)
  );
}

/** Of all ways that a part of a pattern can match. */
const maxWays = 64;

/** Whether a part has few ways to match, each of them short. */
const isSmall = (node: Node): boolean => waysOf(node) <= maxWays;

function waysOf(node: Node): number {
  switch (node.kind) {
    case 'set':
      return 1;
    case 'sequence':
      return node.nodes.reduce((ways, inner) => ways * waysOf(inner), 1);
    case 'choice':
      return node.nodes.reduce((ways, inner) => ways + waysOf(inner), 0);
    case 'repeat':
      // A repeated set has a way for each number of times; others multiply with each.
      if (node.node.kind === 'set') return node.most - node.least + 1 + node.least / maxWays;
      return (waysOf(node.node) + 1) ** node.most;
    case 'look':
    case 'atomic':
      return waysOf(node.node);
  }
}
