/** @file One request at work: it chooses its tokens as `generate` does and hands them to its reader. */
import { PromptuneError } from '../../errors.js';
import type { Candidates, NextTokenScores } from '../../generation/decoder.js';
import { tokenChooser } from '../../generation/generate.js';
import { candidatesOf, type ResolvedGenerationOptions } from '../../generation/options.js';
import { bestTokens, processScores, type RowScores, rowLogits } from '../../generation/row-scores.js';
import { RowOutput } from '../../generation/stopping.js';
import type { Decode } from '../../generation/text-stream.js';
import type { Served } from './models.js';
import type { EngineToken, TokenLogprob } from './requests.js';
import { TokenQueue } from './token-queue.js';

export interface RowRequest {
  readonly client: string;
  readonly model: string;
  readonly promptIds: readonly number[];
  readonly options: ResolvedGenerationOptions;
  readonly seedRow: number;
  readonly logprobs?: number;
  readonly promptLogprobs?: boolean;
  /** Most new tokens that the context has room for. */
  readonly room: number;
  readonly decode: Decode;
  readonly served: Served;
}

export class Row {
  readonly client: string;
  readonly model: string;
  readonly promptIds: readonly number[];
  /** The model as it was when the request came: another version of it changes nothing for this row. */
  readonly served: Served;
  passedOver = 0;
  /** Whether the scores behind each token of its prompt are wanted. */
  readonly scoresPrompt: boolean;
  /** Candidates that a step must give for it. */
  readonly candidates: Candidates;
  /** Positions of the cache that it may come to take. */
  readonly mostPositions: number;
  readonly tokens: TokenQueue<EngineToken>;
  /** Set once no more tokens are wanted: it has ended, failed, or been left. */
  isOver = false;
  /** Called once it is. */
  onOver?: () => void;
  readonly #request: RowRequest;
  readonly #choose: (scores: RowScores) => number;
  readonly #output: RowOutput;

  /** @param onLeave called where the reader leaves */
  constructor(request: RowRequest, onLeave: () => void) {
    const { options, promptIds, room, decode, logprobs = 0, seedRow } = request;
    if (options.strategy.kind === 'beam-search') throw new PromptuneError('rows of a server have no beams');
    this.#request = request;
    this.client = request.client;
    this.model = request.model;
    this.promptIds = promptIds;
    const limit = Math.min(options.maxNewTokens, room);
    this.served = request.served;
    this.mostPositions = this.served.info.numVirtualTokens + promptIds.length + limit;
    const needed = candidatesOf(options);
    this.scoresPrompt = request.promptLogprobs ?? false;
    this.candidates = needed === 'all' || this.scoresPrompt ? 'all' : Math.max(needed, logprobs);
    this.#choose = tokenChooser(options.strategy, seedRow);
    this.#output = new RowOutput(options, limit, decode, promptIds);
    this.tokens = new TokenQueue(onLeave);
  }

  /** The token that it goes on with. */
  get lastId(): number {
    return this.#output.ids.at(-1)!;
  }

  get newTokens(): number {
    return this.#output.ids.length;
  }

  /** Chooses the next token from its scores, which are those of row `place` of a step. */
  take(scores: NextTokenScores, place: number): void {
    const total = scores.logSumExp[place]!;
    if (!Number.isFinite(total)) {
      const problem = `the model's scores for new token ${this.newTokens + 1} are not finite`;
      this.fail(new PromptuneError(`${problem}: look for NaN or very large values in the weights`));
      return;
    }
    const raw = rowLogits(scores, place);
    const { logprobs, options } = this.#request;
    const before = logprobs === undefined ? undefined : { ...raw, values: raw.values.slice() };
    processScores(raw, this.promptIds, this.#output.ids, options);
    const id = this.#choose(raw);
    const text = this.#output.push(id);
    const { finishReason } = this.#output;
    this.tokens.push({
      id,
      text,
      at: performance.now(),
      ...(before && logprobsOf(before, total, id, logprobs!)),
      ...(finishReason && { finishReason }),
    });
    if (!finishReason) return;
    this.isOver = true;
    this.tokens.close();
  }

  /** Takes the scores behind the token at `position` of the prompt, row `place` of a run: those of the next one. */
  takePrompt(scores: NextTokenScores, place: number, position: number): void {
    const id = this.promptIds[position + 1];
    if (id === undefined || position < 0) return;
    const { logprobs } = this.#request;
    const scored =
      logprobs === undefined
        ? {}
        : logprobsOf(rowLogits(scores, place), scores.logSumExp[place]!, id, logprobs);
    this.tokens.push({ id, text: '', at: performance.now(), isPrompt: true, ...scored });
  }

  fail(error: unknown): void {
    this.isOver = true;
    this.tokens.close({ error });
  }
}

function logprobsOf(
  scores: RowScores,
  total: number,
  id: number,
  count: number,
): Pick<EngineToken, 'logprob' | 'alternatives'> {
  const { ids, values } = bestTokens(scores, count);
  const alternatives = Array.from(
    ids,
    (other, i): TokenLogprob => ({ id: other, logprob: values[i]! - total }),
  );
  return { logprob: scores.values[scores.ids ? scores.ids.indexOf(id) : id]! - total, alternatives };
}
