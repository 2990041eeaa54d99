/**
 * @file Which tokens may follow: the tokens' bytes form a tree that is walked with the matcher, so that tokens with the
 *   same beginning are checked together, and skipped if that cannot follow.
 */
import type { Matcher, Position } from './matcher.js';

/** The bytes of each token, by id; undefined for tokens without a text of their own. */
export type TokenBytes = readonly (Uint8Array | undefined)[];

/** Nodes in depth-first order; each adds a byte to its parent. */
export class TokenTree {
  readonly #bytes: Uint8Array;
  /** From 0. */
  readonly #depths: Uint16Array;
  /** The next node that is not a descendant. */
  readonly #nexts: Int32Array;
  /** Node n ends the tokens of `#ids` from `#firsts[n]` up to `#firsts[n + 1]`. */
  readonly #firsts: Int32Array;
  readonly #ids: readonly number[];
  /** A bit per token, set for those without bytes. */
  readonly #withoutBytes: Uint32Array;
  readonly #count: number;

  constructor(tokens: TokenBytes) {
    this.#count = tokens.length;
    this.#withoutBytes = new Uint32Array(Math.ceil(tokens.length / 32));
    for (const [id, bytes] of tokens.entries())
      if (!bytes?.length) this.#withoutBytes[id >> 5]! |= 1 << (id & 31);
    this.#ids = [...tokens.keys()]
      .filter((id) => tokens[id]?.length)
      .sort((a, b) => compared(tokens[a]!, tokens[b]!));
    const bytes: number[] = [];
    const depths: number[] = [];
    const firsts: number[] = [];
    let before: Uint8Array = new Uint8Array();
    for (const [i, id] of this.#ids.entries()) {
      const own = tokens[id]!;
      for (let depth = commonLength(before, own); depth < own.length; depth++) {
        bytes.push(own[depth]!);
        depths.push(depth);
        firsts.push(i);
      }
      before = own;
    }
    this.#bytes = Uint8Array.from(bytes);
    this.#depths = Uint16Array.from(depths);
    this.#firsts = Int32Array.from([...firsts, this.#ids.length]);
    this.#nexts = new Int32Array(bytes.length);
    const open: number[] = []; // the last node at each depth
    for (const [node, depth] of depths.entries()) {
      for (const above of open.splice(depth)) this.#nexts[above] = node;
      open[depth] = node;
    }
    for (const above of open) this.#nexts[above] = bytes.length;
  }

  /**
   * A bit per token, set if it may follow.
   * @param areOthersAllowed whether tokens without bytes may. Default false
   */
  allowed(matcher: Matcher, from: Position, areOthersAllowed = false): Uint32Array {
    const mask = areOthersAllowed ? this.#withoutBytes.slice() : new Uint32Array(this.#withoutBytes.length);
    matcher.beginMask();
    const path: Position[] = [from];
    const count = this.#bytes.length;
    for (let node = 0; node < count; ) {
      const depth = this.#depths[node]!;
      const [above, byte] = [path[depth]!, this.#bytes[node]!];
      const known = above.next[byte];
      const position = known === undefined ? matcher.next(above, byte) : known;
      if (position === null) {
        node = this.#nexts[node]!;
        continue;
      }
      path[depth + 1] = position;
      for (let i = this.#firsts[node]!; i < this.#firsts[node + 1]!; i++) {
        const id = this.#ids[i]!;
        mask[id >> 5]! |= 1 << (id & 31);
      }
      node++;
    }
    return mask;
  }

  /** Whether a mask has the bits of all tokens. */
  isFull(mask: Uint32Array): boolean {
    const rest = this.#count % 32;
    return mask.every(
      (word, i) => word === (rest > 0 && i === mask.length - 1 ? 2 ** rest - 1 : 2 ** 32 - 1),
    );
  }
}

function compared(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

function commonLength(a: Uint8Array, b: Uint8Array): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}
