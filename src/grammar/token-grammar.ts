/** @file A grammar over the tokens of a vocabulary: which may come next, and whether a text is whole. */
import { type CallPlaces, textWithCalls } from './calls-in-text.js';
import { networkOf } from './json-schema.js';
import { Matcher, type Position } from './matcher.js';
import type { Rule } from './network.js';
import type { JsonSchema } from './schema-keywords.js';
import { type TokenBytes, TokenTree } from './token-tree.js';

/** The position of a row's text in a grammar. */
export interface GrammarState {
  /** Bit `id % 32` of word `id / 32` is set if the token may come next. No bit is set if nothing may. */
  readonly allowed: Uint32Array;
  /** Whether every token may come next. */
  readonly isFree: boolean;
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

/** Calls in a text, and what each is valid under. */
export interface CallsInText extends CallPlaces {
  /** Of what follows a marker, or of what a text begins with. */
  readonly jsonSchema: JsonSchema;
}

/** The grammars of one vocabulary. Its tokens are put into a tree for the first grammar. */
export class Grammars {
  readonly #tokens: () => TokenBytes;
  #vocabulary: { readonly tokens: TokenBytes; readonly tree: TokenTree } | undefined;
  /** By what they are made of, as JSON, the most recently used last. */
  readonly #known = new Map<string, TokenGrammar>();

  /** @param tokens called once */
  constructor(tokens: () => TokenBytes) {
    this.#tokens = tokens;
  }

  /** @throws SchemaError for a schema that is invalid, not supported, or that no value satisfies */
  ofJsonSchema(schema: JsonSchema): TokenGrammar {
    return this.#made(schema, () => this.#grammar(networkOf(schema), false));
  }

  /**
   * Any text, in which calls are valid under a schema once they have begun.
   * @throws SchemaError as `ofJsonSchema`
   */
  ofCalls(calls: CallsInText): TokenGrammar {
    const { jsonSchema } = calls;
    return this.#made(['calls', calls], () => {
      networkOf(jsonSchema); // with text around it, a schema that no value satisfies would not be noticed
      return this.#grammar(
        networkOf(jsonSchema, (net, call) => textWithCalls(net, call, calls)),
        true,
      );
    });
  }

  #made(of: unknown, make: () => TokenGrammar): TokenGrammar {
    const key = JSON.stringify(of);
    const grammar = this.#known.get(key) ?? make();
    keepLast(this.#known, key, grammar, maxGrammars);
    return grammar;
  }

  /** @param hasText whether it is JSON in a text, which tokens without bytes may interrupt */
  #grammar(network: Rule, hasText: boolean): TokenGrammar {
    const matcher = new Matcher(network);
    if (!this.#vocabulary) {
      const tokens = this.#tokens();
      this.#vocabulary = { tokens, tree: new TokenTree(tokens) };
    }
    const { tokens, tree } = this.#vocabulary;
    const masks = new Map<Position, Uint32Array>();
    const maskAt = (position: Position): Uint32Array => {
      const isBetweenCalls = hasText && position.isEnd;
      const mask = masks.get(position) ?? tree.allowed(matcher, position, isBetweenCalls);
      keepLast(masks, position, mask, maxMasks);
      return mask;
    };
    const stateAt = (position: Position): GrammarState => ({
      get allowed() {
        return maskAt(position);
      },
      get isFree() {
        return hasText && position.isEnd && tree.isFull(maskAt(position));
      },
      isEnd: position.isEnd,
      isOver: position.stacks.length === 0,
      after(id) {
        const bytes = tokens[id] ?? [];
        let behind: Position | null = position;
        for (const byte of bytes) behind = behind && matcher.next(behind, byte);
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
