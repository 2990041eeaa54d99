/** @file A grammar over the tokens of a vocabulary: which may come next, and whether a text is whole. */
import { networkOf } from './json-schema.js';
import { Matcher, type Position } from './matcher.js';
import type { JsonSchema } from './schema-keywords.js';
import { type TokenBytes, TokenTree } from './token-tree.js';

/** The position of a row's text in a grammar. */
export interface GrammarState {
  /** Bit `id % 32` of word `id / 32` is set if the token may come next. No bit is set if nothing may. */
  readonly allowed: Uint32Array;
  /** Whether the text may end here. */
  readonly isEnd: boolean;
  /** Whether the text cannot continue. */
  readonly isOver: boolean;
  /** The state after an allowed token. */
  after(id: number): GrammarState;
}

export interface TokenGrammar {
  start(): GrammarState;
}

/** Maximum numbers of cached grammars, and of masks of each: some kilobytes apiece. */
const maxGrammars = 16;
const maxMasks = 64;

/** The grammars of one vocabulary. Its tokens are put into a tree for the first grammar. */
export class Grammars {
  readonly #tokens: () => TokenBytes;
  #vocabulary: { readonly tokens: TokenBytes; readonly tree: TokenTree } | undefined;
  /** By the schema's text, the most recently used last. */
  readonly #known = new Map<string, TokenGrammar>();

  /** @param tokens called once */
  constructor(tokens: () => TokenBytes) {
    this.#tokens = tokens;
  }

  /** @throws SchemaError for a schema that is invalid, not supported, or that no value satisfies */
  ofJsonSchema(schema: JsonSchema): TokenGrammar {
    const text = JSON.stringify(schema);
    const grammar = this.#known.get(text) ?? this.#grammar(schema);
    keepLast(this.#known, text, grammar, maxGrammars);
    return grammar;
  }

  #grammar(schema: JsonSchema): TokenGrammar {
    const matcher = new Matcher(networkOf(schema));
    if (!this.#vocabulary) {
      const tokens = this.#tokens();
      this.#vocabulary = { tokens, tree: new TokenTree(tokens) };
    }
    const { tokens, tree } = this.#vocabulary;
    const masks = new Map<Position, Uint32Array>();
    const maskAt = (position: Position): Uint32Array => {
      const mask = masks.get(position) ?? tree.allowed(matcher, position);
      keepLast(masks, position, mask, maxMasks);
      return mask;
    };
    const stateAt = (position: Position): GrammarState => ({
      get allowed() {
        return maskAt(position);
      },
      isEnd: position.isEnd,
      isOver: position.stacks.length === 0,
      after(id) {
        const behind = tokens[id]!.reduce<Position | null>(
          (at, byte) => at && matcher.next(at, byte),
          position,
        );
        if (!behind) throw new Error(`token ${id} cannot come here`);
        return stateAt(behind);
      },
    });
    return {
      start() {
        matcher.tidy();
        return stateAt(matcher.start);
      },
    };
  }
}

/** Adds an entry at the end, and removes the oldest one if there are too many. */
function keepLast<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > most) map.delete(map.keys().next().value!);
}
