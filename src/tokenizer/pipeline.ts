/**
 * @file Runs a tokenizer.json as the tokenizers library does: added tokens, normalizer, pre-tokenizer, model,
 *   post-processor, decoder. Written for this project because the JavaScript library (@huggingface/tokenizers 0.2.0)
 *   silently gives other ids than the Rust library for many files.
 */
import type { JsonObject } from '../formats/json.js';
import { say } from '../say.js';
import { type AddedToken, AddedTokens, addedTokenOf } from './added-tokens.js';
import { bytesOfToken } from './byte-level.js';
import { byteOfToken, type Decoder, decoderOf } from './decoders.js';
import { modelOf, type TokenModel } from './models.js';
import { type Normalizer, normalizerOf } from './normalizers.js';
import { Part, partOf } from './part.js';
import { type PostProcessor, postProcessorOf } from './post-processors.js';
import { type Piece, type PreTokenizer, preTokenizerOf } from './pre-tokenizers.js';

/** Words up to this length are cached with their ids, up to a maximum number of words. */
const rememberedLength = 64;
const rememberedWords = 1 << 16;

export interface EncodeSettings {
  readonly addSpecialTokens: boolean;
  readonly textPair?: string;
  /** Whether `text` continues another text, so that no prefix is added to its first word. */
  readonly continues: boolean;
}

export class Pipeline {
  readonly added: AddedTokens;
  readonly #normalizer: Normalizer | undefined;
  readonly #preTokenizer: PreTokenizer | undefined;
  readonly #model: TokenModel;
  #postProcessor: PostProcessor | undefined;
  readonly #decoder: Decoder | undefined;
  readonly #joinsBytes: boolean;
  readonly #isByteLevel: boolean;
  readonly #joinsTokens: boolean;
  readonly #known = new Map<string, readonly number[]>();

  /**
   * @param json the content of tokenizer.json
   * @param path its path, for errors
   * @throws FileError naming a part that is unknown or invalid, or that would behave differently here than in the
   *   library
   */
  constructor(json: JsonObject, path: string) {
    const whole = new Part(json, path, '');
    if (whole.has('version') && json.version !== '1.0') throw whole.wrong('version', '"1.0"');
    const optional = <Made>(name: string, make: (part: Part) => Made) =>
      whole.has(name) ? make(whole.part(name)) : undefined;
    this.#model = modelOf(partOf(json.model, path, 'model'));
    this.#normalizer = optional('normalizer', normalizerOf);
    this.#preTokenizer = optional('pre_tokenizer', preTokenizerOf);
    this.#postProcessor = optional('post_processor', postProcessorOf);
    this.#decoder = optional('decoder', decoderOf);
    this.#joinsBytes = this.#decoder?.(['<0xC3>', '<0xA9>']).join('') === 'é';
    this.#isByteLevel = this.#decoder?.(['Ã', '©']).join('') === 'é';
    this.#joinsTokens = this.#decoder?.(['a', 'a']).join('') === 'aa';
    this.added = new AddedTokens(this.#model.vocabulary, this.#normalizer);
    const tokens = whole.has('added_tokens') ? whole.parts('added_tokens') : [];
    this.added.add(tokens.map(addedTokenOf));
    for (const part of tokens) this.#checkId(part);
  }

  /**
   * The library assigns the next id to an added token, whatever the file says. If the two differ, it is unclear which
   * is meant, so the file is refused.
   */
  #checkId(part: Part): void {
    const [token, id] = [part.string('content'), part.count('id')];
    const given = this.added.ids.get(token);
    if (given === id || token === '') return;
    const known = say`the tokenizers library gives it ${given}, since the vocabulary
      ${this.#model.vocabulary.ids.has(token) ? say`has it` : say`and the added tokens before it end there`}`;
    throw part.refuse('id', say`${JSON.stringify(token)} has the id ${id}, and ${known}; correct the id`);
  }

  get vocabulary(): TokenModel['vocabulary'] {
    return this.#model.vocabulary;
  }

  addTokens(tokens: Iterable<AddedToken>): void {
    this.added.add(tokens);
  }

  /** Changes which tokens are put around texts; null puts none. */
  replacePostProcessor(json: JsonObject | null, path: string): void {
    this.#postProcessor = json === null ? undefined : postProcessorOf(new Part(json, path, 'post_processor'));
  }

  encode(text: string, { addSpecialTokens, textPair, continues }: EncodeSettings): number[] {
    const texts = [this.#encodeText(text, continues)];
    if (textPair !== undefined) texts.push(this.#encodeText(textPair, false));
    const processed = this.#postProcessor?.(texts, addSpecialTokens) ?? texts;
    return processed.length === 1 ? processed[0]! : processed.flat();
  }

  #encodeText(given: string, continues: boolean): number[] {
    // A lone surrogate is not a character; Rust's strings cannot contain one.
    const text = /[\uD800-\uDFFF]/.test(given) ? given.replace(/\p{Surrogate}/gu, '\uFFFD') : given;
    const ids: number[] = [];
    for (const { start, end, id } of this.added.find(text)) {
      if (id === undefined) this.#encodeStretch(text.slice(start, end), start === 0, continues, ids);
      else ids.push(id);
    }
    return ids;
  }

  #encodeStretch(text: string, isFirst: boolean, continues: boolean, ids: number[]): void {
    const normalized = this.#normalizer?.normalize(text, continues && isFirst) ?? text;
    const width = isFirst ? (text.codePointAt(0)! > 0xffff ? 2 : 1) : 0;
    const first = width > 0 ? (this.#normalizer?.startLength(text, width) ?? width) : 0;
    for (const { start, end, id } of this.added.findNormalized(normalized)) {
      if (id === undefined) {
        const piece = { text: normalized.slice(start, end), first: Math.max(0, first - start) };
        this.#encodePieces([piece], continues, ids);
      } else ids.push(id);
    }
  }

  #encodePieces(pieces: readonly Piece[], continues: boolean, ids: number[]): void {
    const words = this.#preTokenizer?.split(pieces, continues) ?? pieces;
    for (const { text } of words) for (const id of this.#tokenize(text)) ids.push(id);
  }

  #tokenize(word: string): readonly number[] {
    const known = this.#known.get(word);
    if (known) return known;
    const ids = this.#model.tokenize(this.#preTokenizer?.spell?.(word) ?? word);
    if (word.length > rememberedLength) return ids;
    if (this.#known.size >= rememberedWords) this.#known.clear();
    this.#known.set(word, ids);
    return ids;
  }

  /** A token as the decoder gets it, or undefined for an unknown id. */
  tokenOf(id: number): string | undefined {
    return this.added.spelled(id) ?? this.vocabulary.tokens[id];
  }

  /** Whether the decoder treats a token as one byte of several. */
  isByte(id: number): boolean {
    return this.#joinsBytes && byteOfToken(this.tokenOf(id) ?? '') !== undefined;
  }

  /**
   * The bytes that a token adds to a text that has begun, or undefined: for special tokens, and where tokens are words
   * with spaces between.
   */
  bytesOf(id: number): Uint8Array | undefined {
    const token = this.tokenOf(id);
    if (token === undefined || !this.#joinsTokens || this.added.isSpecial(token)) return undefined;
    if (this.#isByteLevel) return Uint8Array.from(bytesOfToken(token));
    const byte = this.#joinsBytes ? byteOfToken(token) : undefined;
    if (byte !== undefined) return Uint8Array.of(byte);
    return new TextEncoder().encode(this.#decoder!(['a', token]).join('').slice(1));
  }

  idOf(token: string): number | undefined {
    return this.added.ids.get(token) ?? this.vocabulary.ids.get(token);
  }

  /** Decodes ids; unknown ids are skipped. */
  decode(ids: Iterable<number>, skipSpecialTokens: boolean): string {
    const tokens: string[] = [];
    for (const id of ids) {
      const token = this.tokenOf(id);
      if (token !== undefined && !(skipSpecialTokens && this.added.isSpecial(token))) tokens.push(token);
    }
    if (tokens.length === 0) return '';
    return this.#decoder ? this.#decoder(tokens).join('') : tokens.join(' ');
  }
}
