/**
 * @file The kinds of work that are pieces of something larger: batches whose losses, gradients or texts are wanted.
 *   Whoever does them keeps the model and its sessions for the next piece.
 */
import type { Adapter } from '../../attach/method.js';
import type { ResultFiles, Work } from '../../distribution/work.js';
import { PromptuneError } from '../../errors.js';
import { batchGenerator } from '../../evaluation/outputs.js';
import { weightsDigest } from '../../formats/digest.js';
import type { GenerationOptions } from '../../generation/options.js';
import { createLossEvaluator } from '../../loss/evaluator.js';
import { createModelStep } from '../../loss/model-step.js';
import type { RowLengths } from '../../loss/row-lengths.js';
import type { ModelDtype } from '../../models/dtype.js';
import type { LanguageModel } from '../../models/model.js';
import { createLearner } from '../../runs/create-learner.js';
import { preferenceOf, type ResolvedRunConfig } from '../../runs/run-config.js';
import type { Device } from '../../runtime/index.js';
import { say } from '../../say.js';
import { createPromptStep } from '../../search/prompt-step.js';
import { openAdapter } from '../find-adapter.js';
import { openForAdapters } from '../open-for-adapters.js';
import {
  float32From,
  floatsToBytes,
  rowsFromBytes,
  tensorsFromBytes,
  tensorsToBytes,
} from './encoded-rows.js';

/** What pieces are computed with. */
export interface PieceModel {
  /** A folder, or a model of the Hub. Default: that of the first adapter, else the embedded one. */
  readonly model?: string;
  readonly revision?: string;
  readonly dtype?: ModelDtype;
  readonly offline?: boolean;
  /** Folders of adapters, which are combined. Default: the model alone. */
  readonly adapters?: readonly string[];
  readonly task?: number;
  readonly device?: Device;
  readonly threads?: number;
  /** SHA-256 that the weights must have. Default: any. */
  readonly weights?: string;
}

/** The inputs of each kind. What is called a blob is named by its SHA-256 (see `Work.blobs`). */
export interface PieceInputs {
  /** The loss sum of every row, as float64. */
  readonly losses: { readonly of: PieceModel; readonly rows: string; readonly batchSize: number };
  /** The mean losses of rows with each of several prompts before them, as float64. */
  readonly 'prompt-losses': {
    readonly of: PieceModel;
    readonly rows: string;
    readonly numTokens: number;
    readonly startIds?: readonly number[];
    /** A blob for each prompt: its vectors. */
    readonly vectors: readonly string[];
  };
  /** The texts of some prompts, as JSON. */
  readonly answers: {
    readonly of: PieceModel;
    readonly prompts: readonly (readonly number[])[];
    readonly options: GenerationOptions & { firstRow: number; skipSpecialTokens: boolean };
  };
  /** The loss of a batch and, with a scale, the gradients. */
  readonly gradients: {
    readonly of: PieceModel;
    readonly config: ResolvedRunConfig;
    readonly rowLengths: RowLengths;
    readonly rows: string;
    /** A blob: the trained tensors. */
    readonly tensors: string;
    /** Default: no gradients, but how many labels a head gets right. */
    readonly scale?: number;
  };
}
export type PieceKind = keyof PieceInputs;

export const pieceKinds: readonly string[] = [
  'losses',
  'prompt-losses',
  'answers',
  'gradients',
] satisfies PieceKind[];

type Blob = (sha256: string) => Uint8Array;

/** Does pieces one after the other, in this process. */
export class PieceWorker {
  /** Models with what was made of them, the last one used last. */
  readonly #opened = new Map<string, OpenedModel>();

  #last: Promise<unknown> = Promise.resolve();

  /** Opens a model before a piece with it comes. What goes wrong, that piece says. */
  open(of: PieceModel): void {
    this.#last = this.#last.then(() => this.#open(of)).catch(() => {});
  }

  /** Begins when all earlier pieces have ended. */
  run(piece: Pick<Work, 'kind' | 'input' | 'blobs'>, signal?: AbortSignal): Promise<ResultFiles> {
    const result = this.#last.then(() => this.#run(piece, signal));
    this.#last = result.catch(() => {});
    return result;
  }

  async #run(
    { kind, input, blobs }: Pick<Work, 'kind' | 'input' | 'blobs'>,
    signal: AbortSignal | undefined,
  ): Promise<ResultFiles> {
    signal?.throwIfAborted();
    const blob: Blob = (sha256) => {
      const bytes = blobs?.get(sha256);
      if (!bytes) throw new PromptuneError(say`the input ${sha256} of a piece of ${kind} is missing`);
      return bytes;
    };
    const { of } = input as { of: PieceModel };
    const opened = await this.#open(of);
    const run = kinds[kind as PieceKind] as PieceFunction<unknown>;
    return run(opened, input, blob, signal);
  }

  async #open(of: PieceModel): Promise<OpenedModel> {
    const name = JSON.stringify(of);
    const found = this.#opened.get(name);
    if (found) return found;
    // Two: pieces of an adapter and of the model alone may come in turns.
    for (const [other, opened] of [...this.#opened].slice(0, -1)) {
      this.#opened.delete(other);
      await opened[Symbol.asyncDispose]();
    }
    const opened = await openModel(of);
    this.#opened.set(name, opened);
    return opened;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const opened of this.#opened.values()) await opened[Symbol.asyncDispose]();
    this.#opened.clear();
  }
}

interface OpenedModel extends AsyncDisposable, Awaited<ReturnType<typeof openForAdapters>> {
  readonly of: PieceModel;
  readonly adapter: Adapter | undefined;
  /** What `make` gives, made once a name; the one of an earlier name is disposed of. */
  kept<T extends AsyncDisposable>(slot: string, name: string, make: () => Promise<T>): Promise<T>;
}

async function openModel(of: PieceModel): Promise<OpenedModel> {
  const { model: name, adapters = [], task, revision, offline, dtype, weights } = of;
  const pretrained = await openForAdapters(name, adapters, { revision, offline, dtype });
  const { model } = pretrained;
  if (weights !== undefined) await checkWeights(model, weights);
  const adapter = await openAdapter({ adapters, task }, model);
  const slots = new Map<string, { name: string; made: AsyncDisposable }>();
  return {
    ...pretrained,
    of,
    adapter,
    async kept<T extends AsyncDisposable>(slot: string, name: string, make: () => Promise<T>) {
      const found = slots.get(slot);
      if (found?.name === name) return found.made as T;
      await found?.made[Symbol.asyncDispose]();
      slots.delete(slot);
      const made = await make();
      slots.set(slot, { name, made });
      return made;
    },
    async [Symbol.asyncDispose]() {
      for (const { made } of slots.values()) await made[Symbol.asyncDispose]();
    },
  };
}

/** @throws PromptuneError for a model that is another one here than where the work comes from */
export async function checkWeights({ name, source }: LanguageModel, sha256: string): Promise<void> {
  if ((await weightsDigest(source)) === sha256) return;
  throw new PromptuneError(say`${name} has other weights on this machine than where the work comes from`, {
    code: 'incompatible',
  });
}

type PieceFunction<Input> = (
  opened: OpenedModel,
  input: Input,
  blob: Blob,
  signal: AbortSignal | undefined,
) => Promise<ResultFiles>;

const kinds: { [Kind in PieceKind]: PieceFunction<PieceInputs[Kind]> } = {
  async losses({ model, adapter, of, kept }, { rows, batchSize }, blob) {
    const evaluator = await kept('losses', '', () => createLossEvaluator(model, adapter, of));
    const sums = await evaluator.evaluateRows(rowsFromBytes(blob(rows)), batchSize);
    return new Map([['losses', floatsToBytes(Float64Array.from(sums))]]);
  },

  async 'prompt-losses'({ model, of, kept }, { rows, numTokens, startIds, vectors }, blob) {
    const step = await kept('prompt-losses', JSON.stringify([numTokens, startIds]), () =>
      createPromptStep(model, { numTokens, startIds, ...of }),
    );
    const examples = rowsFromBytes(blob(rows));
    const losses: number[] = [];
    for (const sha256 of vectors) losses.push(await step.loss(float32From(blob(sha256)), examples));
    return new Map([['losses', floatsToBytes(Float64Array.from(losses))]]);
  },

  async answers({ model, tokenizer, adapter, of, kept }, { prompts, options }, _, signal) {
    const { device, threads } = of;
    const generator = await kept('answers', '', () =>
      batchGenerator({ model, tokenizer, adapter, device, threads }),
    );
    const rows = await generator.generate(prompts, { ...options, signal });
    return new Map([['rows.json', new TextEncoder().encode(`${JSON.stringify(rows)}\n`)]]);
  },

  async gradients({ model, tokenizer, kept }, { config, rowLengths, rows, tensors, scale }, blob) {
    const step = await kept('gradients', JSON.stringify([config, rowLengths]), async () => {
      const learner = await createLearner(config, { model, tokenizer });
      return createModelStep(model, learner, { ...config, rowLengths, preference: preferenceOf(config) });
    });
    const trained = tensorsFromBytes(blob(tensors));
    for (const [name, tensor] of step.trainable) Object.assign(tensor, { data: trained.get(name)! });
    const examples = rowsFromBytes(blob(rows));
    if (scale === undefined) {
      const { lossSum, correct } = await step.evaluate(examples);
      return new Map([['sums', floatsToBytes(Float64Array.of(lossSum, correct ?? Number.NaN))]]);
    }
    const { lossSum, gradients } = await step.run(examples, scale);
    return new Map([
      ['sums', floatsToBytes(Float64Array.of(lossSum))],
      ['gradients', tensorsToBytes(gradients)],
    ]);
  },
};
