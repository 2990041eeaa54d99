/** @file Log-probabilities of tokens in the two formats of OpenAI's API. */
import type { TokenLogprob } from '../../generation/token-logprobs.js';
import { decodeOf, TextStream } from '../../text/text-stream.js';
import { type Tokenizer, textAfter } from '../../text/tokenizer.js';
import type { ChatToken, ChatTokens, CompletionTokens } from './answers.js';
import type { PartToken } from './generations.js';

/** JSON has no infinity. */
const finite = (logprob: number) => Math.max(logprob, -9999);

/** The format of completions, built part by part: it includes the offset of each token in the text. */
export class CompletionLogprobs {
  readonly #tokenizer: Tokenizer;
  readonly #text: TextStream;
  #offset = 0;
  #last: number | undefined;

  /** @param before the tokens that precede the first ones to be added */
  constructor(tokenizer: Tokenizer, before: readonly number[]) {
    this.#tokenizer = tokenizer;
    this.#text = new TextStream(decodeOf(tokenizer), before);
    this.#last = before.at(-1);
  }

  of(tokens: readonly PartToken[]): CompletionTokens {
    const texts: string[] = [];
    const offsets: number[] = [];
    const tops: (Record<string, number> | null)[] = [];
    for (const { id, logprob, alternatives = [] } of tokens) {
      const nameOf = (each: number) => this.#name(each);
      const all: TokenLogprob[] = logprob === undefined ? [] : [{ id, logprob }, ...alternatives];
      const named = all.map((each) => [nameOf(each.id), finite(each.logprob)] as const);
      texts.push(nameOf(id));
      offsets.push(this.#offset);
      tops.push(logprob === undefined ? null : Object.fromEntries(named));
      this.#offset += [...this.#text.push(id)].length;
      this.#last = id;
    }
    return {
      tokens: texts,
      token_logprobs: tokens.map(({ logprob }) => (logprob === undefined ? null : finite(logprob))),
      top_logprobs: tops,
      text_offset: offsets,
    };
  }

  /** A token's text, or its id if it is only a part of a character: names must be unique. */
  #name(id: number): string {
    const text = textOf(this.#tokenizer, this.#last, id);
    return text.includes('\uFFFD') ? `token_id:${id}` : text;
  }
}

/** The format of chat completions. */
export class ChatLogprobs {
  readonly #tokenizer: Tokenizer;
  #last: number | undefined;

  constructor(tokenizer: Tokenizer, before: readonly number[]) {
    this.#tokenizer = tokenizer;
    this.#last = before.at(-1);
  }

  of(tokens: readonly PartToken[]): ChatTokens {
    const entry = ({ id, logprob }: TokenLogprob): ChatToken => {
      const token = textOf(this.#tokenizer, this.#last, id);
      const bytes = token.includes('\uFFFD') ? null : [...Buffer.from(token)];
      return { token, logprob: finite(logprob), bytes };
    };
    const content = tokens.map(({ id, logprob, alternatives = [] }) => {
      const entries = { ...entry({ id, logprob: logprob! }), top_logprobs: alternatives.map(entry) };
      this.#last = id;
      return entries;
    });
    return { content, refusal: null };
  }
}

const textOf = (tokenizer: Tokenizer, before: number | undefined, id: number) =>
  textAfter(tokenizer, before === undefined ? [] : [before], [id]);
