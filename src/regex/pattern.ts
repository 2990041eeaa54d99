/**
 * @file Compiles patterns from files, which may be hostile, to searches with bounded time: JavaScript's own if the
 *   pattern's structure shows that it backtracks little, and the slower linear.ts otherwise.
 */
import { say } from '../say.js';
import { isNullable, linearPattern, type Pattern } from './linear.js';
import { translatePattern } from './oniguruma.js';
import { type Node, parsePattern } from './syntax.js';

/** In characters; the longest patterns of known tokenizers have 500. */
const maxLength = 10_000;

/**
 * @param source in Oniguruma's syntax, as in tokenizer.json
 * @throws Error naming the construct that cannot be translated, or the fault
 */
export function compilePattern(source: string): Pattern {
  if (source.length > maxLength)
    throw new Error(say`it has ${source.length} characters, at most ${maxLength}`);
  const translated = translatePattern(source);
  const tree = parsePattern(translated);
  return isQuick(tree) ? new RegExp(translated, 'gv') : linearPattern(tree, JSON.stringify(source));
}

/**
 * A function that matches whole names by a pattern, like Python's `re.fullmatch` with the names of layers.
 * @throws Error naming the construct that cannot be translated, or the fault
 */
export function wholeNamePattern(source: string): (name: string) => boolean {
  const pattern = compilePattern(String.raw`\A(?:${source})\z`);
  return (name) => {
    pattern.lastIndex = 0;
    return pattern.exec(name) !== null;
  };
}

/**
 * Whether JavaScript's backtracking needs few steps per character. That is so if each alternative repeats one set of
 * characters without a limit, and what follows can always match: then there is nothing to retry. Two more forms are
 * known to be harmless: a lookahead for the complement of the set; and two repeated sets if another alternative matches
 * all of the first, so that a failing run is not retried from each of its characters.
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

/** The set of characters that a node repeats without a limit. */
function repeatedSet(node: Node): string | undefined {
  if (node.kind === 'atomic') return repeatedSet(node.node);
  const isRepeated = node.kind === 'repeat' && node.most === Number.POSITIVE_INFINITY && !node.isLazy;
  return isRepeated && node.node.kind === 'set' ? node.node.source : undefined;
}

/** Always matches, and offers no other way that a later part could need. */
const isNeverFailing = (node: Node): boolean =>
  isNullable(node) && node.kind === 'repeat' && (isSmall(node) || repeatedSet(node) !== undefined);

/** Such as `(?!\S)` after `\s+`. */
const isOpposite = (node: Node, set: string): boolean =>
  node.kind === 'look' &&
  !node.isBehind &&
  node.isNegative &&
  node.node.kind === 'set' &&
  node.node.source === set.replace(String.raw`\p{`, String.raw`\P{`);

/** Whether an alternative matches every run of a set to its end. */
function takesAllOf(items: readonly Node[], set: string): boolean {
  const first = items.findIndex((item) => repeatedSet(item) === set);
  return (
    first >= 0 &&
    items.slice(0, first).every((item) => isSmall(item) && isNullable(item)) &&
    items.slice(first + 1).every(isNeverFailing)
  );
}

/** Maximum number of ways in which a part of a pattern can match. */
const maxWays = 64;

/** Whether a part can match in few ways, each of them short. */
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
      // A repeated set has one way per number of repetitions; for other nodes, the ways multiply.
      if (node.node.kind === 'set') return node.most - node.least + 1 + node.least / maxWays;
      return (waysOf(node.node) + 1) ** node.most;
    case 'look':
    case 'atomic':
      return waysOf(node.node);
  }
}
