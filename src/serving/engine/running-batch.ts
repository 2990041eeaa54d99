/**
 * @file The running batch of an engine, and the rows that wait for it: between two steps, rows that are over leave and
 *   waiting ones join, and whatever changes the sessions happens then too.
 */
import { PromptuneError } from '../../errors.js';
import type { Candidates, NextTokenScores } from '../../generation/decoder.js';
import { areUsed, mostGuesses } from '../../generation/prompt-lookup.js';
import { say } from '../../say.js';
import { nextPrefill, PrefillBudget } from './prefill.js';
import type { Row } from './row.js';
import type { RowDecoder } from './row-decoder.js';
import type { SharedPrompt } from './shared-prompt.js';
import { Throughput } from './throughput.js';
import { WaitingLine } from './waiting-line.js';

export interface BatchLimits {
  readonly maxRows: number;
  /** Positions of the cache, over all rows, padded to the longest. */
  readonly maxCacheTokens: number;
  /** Tokens that are prefilled between two steps. Default: see `PrefillBudget`. */
  readonly prefillTokens?: number;
  /** Whether a prompt's tokens are all prefilled at once, since their keys depend on it. Default false. */
  readonly readsWhole?: boolean;
}

export interface BatchHooks {
  /** Creates new sessions after the former were lost. */
  restart(): Promise<RowDecoder>;
  /** Called between two steps, when rows may have left. */
  onLeave(decoder: RowDecoder): Promise<void>;
}

/** What runs between two steps. There is no decoder after its sessions were lost, until a row needs new ones. */
type Task = (decoder: RowDecoder | undefined) => Promise<unknown>;

export class RunningBatch {
  readonly counts = { promptTokens: 0, newTokens: 0, finished: 0, cancelled: 0, failed: 0 };
  readonly #limits: BatchLimits;
  readonly #hooks: BatchHooks;
  readonly #waiting = new WaitingLine<Row>();
  /** In the order of the decoder's rows. */
  #rows: readonly Row[] = [];
  /** Undefined after its sessions were lost: the next row creates new ones. */
  #decoder: RowDecoder | undefined;
  #tasks: Task[] = [];
  /** Resolves when no row is running or waiting. */
  #loop: Promise<void> | undefined;
  #isTurnOfShortest = false;
  readonly #budget: PrefillBudget;
  readonly #throughput = new Throughput();

  constructor(limits: BatchLimits, hooks: BatchHooks) {
    this.#limits = limits;
    this.#hooks = hooks;
    this.#budget = new PrefillBudget(limits.readsWhole ? Number.POSITIVE_INFINITY : limits.prefillTokens);
  }

  start(decoder: RowDecoder): void {
    this.#decoder = decoder;
  }

  get rows(): readonly Row[] {
    return this.#rows;
  }

  get waiting(): readonly Row[] {
    return this.#waiting.items;
  }

  get numWaiting(): number {
    return this.#waiting.length;
  }

  /** Seconds until the rows that wait will have begun; undefined if none has finished since the batch was empty. */
  get secondsOfWaiting(): number | undefined {
    return this.#throughput.secondsFor(this.#waiting.length, performance.now());
  }

  /** Learned prompts whose keys and values are kept for reuse. */
  get kept(): RowDecoder['kept'] {
    return this.#decoder?.kept ?? { prompts: 0, bytes: 0 };
  }

  /** Share of the cache's positions that the rows may come to take. */
  get cacheUse(): number {
    return (this.#rows.length * this.#longest) / this.#limits.maxCacheTokens;
  }

  /** Has a row wait for its place. */
  add(row: Row, signal?: AbortSignal): void {
    this.#waiting.add(row);
    row.served.requests++;
    const cancel = () => this.cancel(row, signal?.reason);
    signal?.addEventListener('abort', cancel, { once: true });
    row.onOver = () => signal?.removeEventListener('abort', cancel);
    this.#wake();
  }

  cancel(row: Row, reason: unknown = new DOMException(say`the reader has left`, 'AbortError')): void {
    if (row.isOver) return;
    this.counts.cancelled++;
    this.#waiting.remove(row);
    row.fail(reason);
    this.#over(row);
  }

  betweenSteps(task: Task): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#tasks.push((decoder) => task(decoder).then(() => resolve(), reject));
      this.#wake();
    });
  }

  /** Resolves when no row is running or waiting. */
  async drained(): Promise<void> {
    await this.#loop;
  }

  /** Cancels all rows with an error, and frees the sessions. */
  async dispose(): Promise<void> {
    const gone = new PromptuneError(say`the server has ended`, { code: 'unavailable' });
    for (const row of [...this.#waiting.clear(), ...this.#rows]) this.#fail(row, gone);
    await this.#loop;
    await this.#decoder?.dispose();
    this.#decoder = undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  /** Positions that the longest running row may come to take. */
  get #longest(): number {
    return Math.max(0, ...this.#rows.map(({ mostPositions }) => mostPositions));
  }

  #wake(): void {
    this.#loop ??= this.#run().finally(() => {
      this.#loop = undefined;
    });
  }

  /** Runs step after step while there are rows. */
  async #run(): Promise<void> {
    await undefined; // rows that come at the same moment join one batch
    this.#throughput.began(performance.now());
    while (this.#tasks.length > 0 || this.#rows.length > 0 || this.#waiting.length > 0) {
      const lost = this.#decoder?.lost;
      if (lost) await this.#lose(lost);
      for (const task of this.#tasks.splice(0)) await task(this.#decoder);
      try {
        await this.#leave();
        await this.#join();
        await this.#step();
        await this.#prefill();
      } catch (error) {
        await this.#lose(error);
      }
    }
  }

  /** Drops rows that are over, and moves the prefilled rows before those that are still being prefilled. */
  async #leave(): Promise<void> {
    const decoder = this.#decoder;
    if (!decoder || this.#rows.length === 0) return;
    const stay = [...this.#rows.keys()].filter((place) => !this.#rows[place]!.isOver);
    for (let row = stay.length; row < this.#rows.length; row++) this.#throughput.finished(performance.now());
    const isDecoding = (place: number) => decoder.remaining(place) === 0;
    const order = [...stay.filter(isDecoding), ...stay.filter((place) => !isDecoding(place))];
    await decoder.reorder(order);
    this.#rows = order.map((place) => this.#rows[place]!);
    await this.#hooks.onLeave(decoder);
  }

  async #join(): Promise<void> {
    if (this.#waiting.length === 0) return;
    this.#decoder ??= await this.#hooks.restart();
    const decoder = this.#decoder;
    for (;;) {
      const rows = this.#rows.length + 1;
      if (rows > this.#limits.maxRows) return;
      const longest = this.#longest;
      const row = this.#waiting.take(
        ({ mostPositions, served, shared }) =>
          rows * Math.max(longest, mostPositions) <= this.#limits.maxCacheTokens &&
          decoder.hasSlotFor(served.loaded) &&
          shared?.isFree !== false,
      );
      if (!row) return;
      const { promptIds: ids, served, shared } = row;
      row.times.admitted = performance.now();
      this.#rows = [...this.#rows, row];
      await decoder.join({ ids, adapter: served.loaded, sharedKey: shared?.key });
      if (shared?.joined(row)) await decoder.release(shared.key);
    }
  }

  async #step(): Promise<void> {
    const rows = this.#rows.filter((_, place) => this.#decoder!.remaining(place) === 0);
    if (rows.length === 0) return;
    const candidates = mostCandidates(rows);
    const guesses = guessesOf(rows, candidates);
    const begin = performance.now();
    const scores = await this.#decoder!.step(
      rows.map((row, i) => [row.lastId, ...(guesses?.[i] ?? [])]),
      candidates,
    );
    if (!guesses) this.#budget.stepped(performance.now() - begin);
    const width = scores.rows / rows.length;
    const wrong = rows.map((row, i) => this.#takeAll(row, scores, i * width, guesses?.[i] ?? []));
    await this.#decoder!.takeBack(wrong);
  }

  /**
   * Chooses a row's next token and, where guesses are right, those behind it, as they would be chosen without guesses.
   * @returns how many guesses were wrong, or are to be made again with more candidates
   */
  #takeAll(row: Row, scores: NextTokenScores, place: number, guessed: readonly number[]): number {
    for (let right = 0; ; right++) {
      this.#take(row, scores, place + right);
      const isRight = !row.isOver && row.lastId === guessed[right];
      // A grammar may begin with the token, and need the scores of all tokens from here on.
      if (isRight && (row.candidates !== 'all' || !scores.ids)) continue;
      row.judge(guessed.length, right);
      return guessed.length - right;
    }
  }

  async #prefill(): Promise<void> {
    const decoder = this.#decoder;
    const remaining = this.#rows.map((_, place) => decoder!.remaining(place));
    const budget = this.#budget.tokens(remaining[0] === 0);
    const next = nextPrefill(remaining, budget, this.#isTurnOfShortest);
    if (!next) return;
    this.#isTurnOfShortest = !this.#isTurnOfShortest;
    const { first } = next;
    const most = this.#limits.readsWhole ? Number.POSITIVE_INFINITY : mostScored;
    if (this.#rows[first]!.scoresPrompt) return this.#prefillScored(first, Math.min(next.width, most));
    const count = countUntil(this.#rows.slice(first, first + next.count), ({ scoresPrompt }) => scoresPrompt);
    const rows = this.#rows.slice(first, first + count);
    const begin = performance.now();
    const scores = await decoder!.prefill(first, count, next.width, mostCandidates(rows));
    this.#budget.prefilled(count * next.width, performance.now() - begin);
    for (const [i, row] of rows.entries())
      if (decoder!.remaining(first + i) === 0) this.#begin(row, scores, i);
  }

  /** Prefills a single row and scores its prompt's tokens. */
  async #prefillScored(place: number, width: number): Promise<void> {
    const row = this.#rows[place]!;
    const from = row.promptIds.length - this.#decoder!.remaining(place);
    const scores = await this.#decoder!.prefill(place, 1, width, 'all', true);
    for (let i = 0; i < scores.rows; i++) row.takePrompt(scores, i, from + i);
    if (this.#decoder!.remaining(place) === 0) this.#begin(row, scores, scores.rows - 1);
  }

  /** Chooses a row's first token. */
  #begin(row: Row, scores: NextTokenScores, place: number): void {
    this.counts.promptTokens += row.promptIds.length;
    if (row.shared?.begun(row)) this.#release(row.shared);
    this.#take(row, scores, place);
  }

  #take(row: Row, scores: NextTokenScores, place: number): void {
    if (row.isOver) return; // canceled during the step
    row.take(scores, place);
    if (!row.hasFailed) this.counts.newTokens++;
    if (!row.isOver) return;
    this.counts[row.hasFailed ? 'failed' : 'finished']++;
    this.#over(row);
  }

  /** The sessions are lost, and all running rows with them; waiting requests get new sessions. */
  async #lose(error: unknown): Promise<void> {
    for (const row of this.#rows) this.#fail(row, error);
    this.#rows = [];
    const decoder = this.#decoder;
    this.#decoder = undefined;
    await decoder?.dispose().catch(() => {}); // the error has already been reported
  }

  #release({ key }: SharedPrompt): void {
    void this.betweenSteps(async (decoder) => decoder?.release(key)).catch(() => {}); // gone with its session
  }

  #fail(row: Row, error: unknown): void {
    if (row.isOver) return;
    this.counts.failed++;
    row.fail(error);
    this.#over(row);
  }

  #over(row: Row): void {
    row.served.requests--;
    if (row.shared?.left(row)) this.#release(row.shared);
    row.onOver?.();
  }
}

/**
 * The guesses of rows that step together, if they are used. A row that asked for none would wait for those of others,
 * so there are guesses only while all rows have asked.
 */
function guessesOf(rows: readonly Row[], candidates: Candidates): readonly (readonly number[])[] | undefined {
  if (!rows.every((row) => row.looksUp)) return undefined;
  const most = mostGuesses(rows.length, candidates === 'all' ? rows[0]!.vocabSize : candidates);
  const guesses = rows.map((row) => row.guess(most));
  return areUsed(guesses) ? guesses : undefined;
}

/** Positions whose scores of all tokens leave the graph at once: 13 MB with GPT-2's vocabulary. */
const mostScored = 64;

/** The number of items before the first for which `isSo` holds. */
function countUntil<Item>(items: readonly Item[], isSo: (item: Item) => boolean): number {
  const found = items.findIndex(isSo);
  return found === -1 ? items.length : found;
}

/** The candidates that a step must return so that each row can choose. */
function mostCandidates(rows: readonly Row[]): Candidates {
  let most = 1;
  for (const { candidates } of rows) {
    if (candidates === 'all') return 'all';
    most = Math.max(most, candidates);
  }
  return most;
}
