/** @file A row whose text follows a grammar: which tokens it may choose, and where it ends. */
import { optionError, PromptuneError, UsageError } from '../errors.js';
import {
  type GrammarState,
  Grammars,
  GrammarTooLarge,
  SchemaError,
  type TokenBytes,
  type TokenGrammar,
} from '../grammar/index.js';
import { say } from '../say.js';
import type { Tokenizer } from '../text/tokenizer.js';
import type { ResolvedGenerationOptions } from './options.js';
import type { RowScores } from './row-scores.js';

const known = new WeakMap<Tokenizer, Grammars>();

/** The grammars over a tokenizer's tokens; the same each time. */
export function grammarsOf(tokenizer: Tokenizer): Grammars {
  const grammars = known.get(tokenizer) ?? new Grammars(() => bytesOfAll(tokenizer));
  known.set(tokenizer, grammars);
  return grammars;
}

/** @throws UsageError for a vocabulary that cannot write every JSON text */
function bytesOfAll(tokenizer: Tokenizer): TokenBytes {
  const tokens = Array.from({ length: tokenizer.vocabSize }, (_, id) => tokenizer.bytesOf?.(id));
  const single = new Set(tokens.map((bytes) => (bytes?.length === 1 ? bytes[0]! : -1)));
  const printable = Array.from({ length: 0x7f - 0x20 }, (_, i) => 0x20 + i);
  const missing = printable.find((byte) => !single.has(byte));
  if (missing === undefined) return tokens;
  throw new UsageError(
    say`this tokenizer cannot write every JSON text: no token is
      ${JSON.stringify(String.fromCharCode(missing))} alone`,
    { code: 'unsupported' },
  );
}

/**
 * The grammar of the options' schema, if they have one.
 * @throws UsageError for a schema that is wrong, not supported, or that nothing fulfils
 */
export function grammarFor(
  { jsonSchema }: Pick<ResolvedGenerationOptions, 'jsonSchema'>,
  grammars: () => Grammars,
): TokenGrammar | undefined {
  if (jsonSchema === undefined) return undefined;
  try {
    return grammars().ofJsonSchema(jsonSchema);
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    throw optionError('jsonSchema', error.message, { cause: error });
  }
}

export class GrammarRow {
  readonly #ends: ReadonlySet<number>;
  #state: GrammarState;

  /** @param ends tokens that end the row, where its text may end */
  constructor(grammar: TokenGrammar, ends: ReadonlySet<number>) {
    this.#state = grammar.start();
    this.#ends = ends;
  }

  /** Whether any token may come next, so that `restrict` would change nothing. */
  get isFree(): boolean {
    try {
      return this.#state.isFree;
    } catch {
      return false; // `restrict` says what is wrong
    }
  }

  /** Rules tokens out that cannot come next. @param scores of all tokens, unless it is free */
  restrict({ values }: RowScores): void {
    if (this.isFree) return;
    const { isEnd } = this.#state;
    const allowed = this.#allowed();
    let some = false;
    for (let id = 0; id < values.length; id++) {
      const isAllowed = this.#ends.has(id) ? isEnd : ((allowed[id >> 5] ?? 0) >>> (id & 31)) & 1;
      if (isAllowed) some = true;
      else values[id] = -Infinity;
    }
    if (!some) throw new PromptuneError(say`no token of the vocabulary can go on with the JSON text`);
  }

  /** @throws UsageError where the schema has too many ways to read the text */
  #allowed(): Uint32Array {
    try {
      return this.#state.allowed;
    } catch (error) {
      if (error instanceof GrammarTooLarge) throw optionError('jsonSchema', error.message, { cause: error });
      throw error;
    }
  }

  /** A token that was chosen. */
  push(id: number): void {
    if (!this.#ends.has(id)) this.#state = this.#state.after(id);
  }

  /** Whether the text is whole, and nothing can follow. */
  get isOver(): boolean {
    return this.#state.isOver;
  }
}
