/** @file The syntax tree of a pattern, as far as translated patterns (oniguruma.ts) need JavaScript's syntax. */
import { say } from '../say.js';

export type Node =
  /** One character: what stands for it in the pattern. */
  | { readonly kind: 'set'; readonly source: string }
  | { readonly kind: 'sequence'; readonly nodes: readonly Node[] }
  /** The first of them that fits. */
  | { readonly kind: 'choice'; readonly nodes: readonly Node[] }
  | {
      readonly kind: 'repeat';
      readonly node: Node;
      readonly least: number;
      /** Infinity for no limit. */
      readonly most: number;
      readonly isLazy: boolean;
    }
  | { readonly kind: 'look'; readonly node: Node; readonly isBehind: boolean; readonly isNegative: boolean }
  /** How it first matches is not tried again in another way. */
  | { readonly kind: 'atomic'; readonly node: Node };

/** Of groups in one another. */
const maxDepth = 100;

const quantifier = /([*+?])(\??)|\{(\d+)(,?)(\d*)\}(\??)/y;
const looks: Readonly<Record<string, { isBehind: boolean; isNegative: boolean }>> = {
  '(?=': { isBehind: false, isNegative: false },
  '(?!': { isBehind: false, isNegative: true },
  '(?<=': { isBehind: true, isNegative: false },
  '(?<!': { isBehind: true, isNegative: true },
};

/** @throws Error where groups are nested too deeply */
export function parsePattern(source: string): Node {
  let at = 0;
  return choice(0);

  function choice(depth: number): Node {
    if (depth > maxDepth) throw new Error(say`it has groups nested more than ${maxDepth} deep`);
    const nodes = [sequence(depth)];
    while (take('|')) nodes.push(sequence(depth));
    return nodes.length === 1 ? nodes[0]! : { kind: 'choice', nodes };
  }

  function sequence(depth: number): Node {
    const nodes: Node[] = [];
    while (at < source.length && source[at] !== '|' && source[at] !== ')') nodes.push(repeated(atom(depth)));
    return nodes.length === 1 ? nodes[0]! : { kind: 'sequence', nodes };
  }

  function repeated(node: Node): Node {
    quantifier.lastIndex = at;
    const found = quantifier.exec(source);
    if (!found) return node;
    at = quantifier.lastIndex;
    const [, mark, markLazy, least, comma, most, lazy] = found;
    const bounds = { '*': [0, Infinity], '+': [1, Infinity], '?': [0, 1] }[mark ?? ''] ?? [
      Number(least),
      comma ? (most ? Number(most) : Infinity) : Number(least),
    ];
    const isLazy = (markLazy ?? lazy) === '?';
    return repeated({ kind: 'repeat', node, least: bounds[0]!, most: bounds[1]!, isLazy });
  }

  function atom(depth: number): Node {
    if (source[at] !== '(') return { kind: 'set', source: setSource() };
    const [opening] = /^\((?:\?(?:[:=!]|<[=!]|<\w+>))/.exec(source.slice(at, at + 40))!;
    at += opening.length;
    const node = choice(depth + 1);
    take(')');
    const look = looks[opening];
    if (look) return { kind: 'look', node, ...look };
    if (opening === '(?:') return atomicIn(node) ?? node;
    return node; // (?<name>…), the inside of an atomic group
  }

  /** The source of what stands for one character. */
  function setSource(): string {
    const start = at;
    if (source[at] === '[') {
      for (let depth = 0; ; at++) {
        if (source[at] === '\\') at++;
        else if (source[at] === '[') depth++;
        else if (source[at] === ']' && --depth === 0) break;
      }
      at++;
    } else if (source[at] === '\\') {
      const [escaped] = /^\\(?:[pPu]\{[^}]*\}|k<\w+>|.)/.exec(source.slice(at))!;
      at += escaped.length;
    } else {
      at += String.fromCodePoint(source.codePointAt(at)!).length;
    }
    return source.slice(start, at);
  }

  function take(text: string): boolean {
    if (source[at] !== text) return false;
    at++;
    return true;
  }
}

/** The pattern of an atomic group, which is written as a lookahead and a reference to what that took. */
function atomicIn(node: Node): Node | undefined {
  if (node.kind !== 'sequence' || node.nodes.length !== 2) return undefined;
  const [look, reference] = node.nodes;
  const isReference = reference!.kind === 'set' && reference!.source.startsWith('\\k<');
  return look!.kind === 'look' && isReference ? { kind: 'atomic', node: look!.node } : undefined;
}
