/** @file One running request: it chooses its tokens as `generate` does and hands them to its reader. */
import { PromptuneError } from '../../errors.js';
import type { Candidates, NextTokenScores } from '../../generation/decoder.js';
import { tokenChooser } from '../../generation/generate.js';
import { GrammarRow } from '../../generation/grammar-row.js';
import { candidatesOf, type ResolvedGenerationOptions } from '../../generation/options.js';
import { type GuessCost, PromptLookup } from '../../generation/prompt-lookup.js';
import { processScores, type RowScores, rowLogits } from '../../generation/row-scores.js';
import { RowOutput } from '../../generation/stopping.js';
import { tokenLogprobs } from '../../generation/token-logprobs.js';
import type { TokenGrammar } from '../../grammar/index.js';
import { say } from '../../say.js';
import type { Decode } from '../../text/text-stream.js';
import type { Served } from './models.js';
import type { EngineToken, GenerationTimes } from './requests.js';
import type { SharedPrompt } from './shared-prompt.js';
import { TokenQueue } from './token-queue.js';

export interface RowRequest {
  readonly client: string;
  readonly model: string;
  readonly promptIds: readonly number[];
  readonly options: ResolvedGenerationOptions;
  readonly seedRow: number;
  readonly logprobs?: number;
  readonly promptLogprobs?: boolean;
  /** Maximum number of new tokens that fit into the context. */
  readonly room: number;
  readonly decode: Decode;
  readonly vocabSize: number;
  readonly guessCost: GuessCost;
  /** What its text has to follow. */
  readonly grammar?: TokenGrammar;
  readonly served: Served;
  /** The prompt, where other rows have it as well. */
  readonly shared?: SharedPrompt;
}

export class Row {
  readonly client: string;
  readonly model: string;
  readonly promptIds: readonly number[];
  /** The version of the model when the request came: a later version does not affect this row. */
  readonly served: Served;
  readonly shared: SharedPrompt | undefined;
  readonly times: GenerationTimes = { submitted: performance.now() };
  passedOver = 0;
  /** Whether the prompt's tokens are scored too. */
  readonly scoresPrompt: boolean;
  /** Maximum number of cache positions that it can take. */
  readonly mostPositions: number;
  readonly tokens: TokenQueue<EngineToken>;
  /** Set once it needs no more tokens: it has ended, failed or been canceled. */
  isOver = false;
  hasFailed = false;
  /** Called when it is over. */
  onOver?: () => void;
  readonly #request: RowRequest;
  readonly #choose: (scores: RowScores) => number;
  readonly #output: RowOutput;
  readonly #grammar: GrammarRow | undefined;
  /** The candidates that it needs where its grammar rules none out. */
  readonly #candidates: Candidates;
  /** Maximum number of new tokens. */
  readonly #limit: number;
  readonly #lookup: PromptLookup | undefined;

  /** @param onLeave called if the reader stops reading */
  constructor(request: RowRequest, onLeave: () => void) {
    const { options, promptIds, room, decode, grammar, logprobs = 0, seedRow } = request;
    if (options.strategy.kind === 'beam-search')
      throw new PromptuneError(say`rows of a server have no beams`);
    this.#request = request;
    this.client = request.client;
    this.model = request.model;
    this.promptIds = promptIds;
    const limit = Math.min(options.maxNewTokens, room);
    this.served = request.served;
    this.shared = request.shared;
    this.shared?.add(this);
    this.mostPositions = this.served.info.numVirtualTokens + promptIds.length + limit;
    const needed = candidatesOf(options);
    this.scoresPrompt = request.promptLogprobs ?? false;
    this.#candidates = needed === 'all' || this.scoresPrompt ? 'all' : Math.max(needed, logprobs);
    this.#choose = tokenChooser(options.strategy, seedRow);
    this.#output = new RowOutput(options, limit, decode, promptIds);
    this.#grammar = grammar && new GrammarRow(grammar, options.eosTokenIds);
    this.#limit = limit;
    this.#lookup = options.promptLookupNumTokens
      ? new PromptLookup(promptIds, request.vocabSize, request.guessCost)
      : undefined;
    this.tokens = new TokenQueue(onLeave);
  }

  /** The candidates that a step must return for it. */
  get candidates(): Candidates {
    return this.#grammar && !this.#grammar.isFree ? 'all' : this.#candidates;
  }

  get vocabSize(): number {
    return this.#request.vocabSize;
  }

  /** The input token of its next step. */
  get lastId(): number {
    return this.#output.ids.at(-1)!;
  }

  get newTokens(): number {
    return this.#output.ids.length;
  }

  /** Whether it may have guesses of its next tokens. */
  get looksUp(): boolean {
    return this.#lookup !== undefined;
  }

  /** At most `most` guesses of the tokens behind its next one; see `PromptLookup`. */
  guess(most: number): readonly number[] {
    const room = Math.min(most, this.#limit - this.newTokens - 1);
    return this.#lookup?.guess(Math.min(this.#request.options.promptLookupNumTokens!, room)) ?? [];
  }

  /** Reports how many of a step's guesses were right. */
  judge(guessed: number, right: number): void {
    this.#lookup?.judge(guessed, right);
  }

  /** Chooses the next token from row `place` of a step's scores. */
  take(scores: NextTokenScores, place: number): void {
    const total = scores.logSumExp[place]!;
    if (!Number.isFinite(total)) {
      const problem = say`the model's scores for new token ${this.newTokens + 1} are not finite`;
      this.fail(new PromptuneError(say`${problem}: look for NaN or very large values in the weights`));
      return;
    }
    const raw = rowLogits(scores, place);
    const { logprobs, options } = this.#request;
    const before = logprobs === undefined ? undefined : { ...raw, values: raw.values.slice() };
    processScores(raw, this.promptIds, this.#output.ids, options);
    try {
      this.#grammar?.restrict(raw);
    } catch (error) {
      this.fail(error);
      return;
    }
    const id = this.#choose(raw);
    this.#grammar?.push(id);
    this.#lookup?.push(id);
    const text = this.#output.push(id, this.#grammar?.isOver);
    const { finishReason } = this.#output;
    this.tokens.push({
      id,
      text,
      at: performance.now(),
      ...(before && tokenLogprobs(before, total, id, logprobs!)),
      ...(finishReason && { finishReason }),
    });
    if (!finishReason) return;
    this.isOver = true;
    this.tokens.close();
  }

  /** Records the scores of the prompt's token after `position`, from row `place` of a run's scores. */
  takePrompt(scores: NextTokenScores, place: number, position: number): void {
    const id = this.promptIds[position + 1];
    if (id === undefined || position < 0) return;
    const { logprobs } = this.#request;
    const scored =
      logprobs === undefined
        ? {}
        : tokenLogprobs(rowLogits(scores, place), scores.logSumExp[place]!, id, logprobs);
    this.tokens.push({ id, text: '', at: performance.now(), isPrompt: true, ...scored });
  }

  fail(error: unknown): void {
    this.isOver = true;
    this.hasFailed = true;
    this.tokens.close({ error });
  }
}
