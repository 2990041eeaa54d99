/**
 * @file Chooses a run's settings by short runs: successive halving (Jamieson and Talwalkar 2016, arXiv:1502.07943). All
 *   candidates train for a few steps; the better half goes on for twice as many, and so on, until one is left.
 */
import { fileSystem, join } from '#platform';
import { defaultRate } from '../attach/method.js';
import { PromptuneError } from '../errors.js';
import { writeJsonAtomic } from '../formats/files.js';
import { isJsonObject, isSameJson, readJsonObjectIfPresent } from '../formats/json.js';
import type { RunInputs } from '../loss/dataset-options.js';
import { methodNamed } from '../methods/registry.js';
import { storedSources } from '../records/data.js';
import { notedConfig } from '../runs/noted-config.js';
import { prepareRun } from '../runs/prepare-run.js';
import { type ResolvedRunConfig, type RunOptions, resolveRunConfig } from '../runs/run-config.js';
import { digestInputs, fileDigests } from '../runs/run-inputs.js';
import { trainFromConfig } from '../runs/train-adapter.js';
import { softTokensIn } from '../text/template.js';
import { candidatesOf, type TrialSettings } from './candidates.js';

export interface TuningOptions extends RunInputs {
  /** The run to tune. Settings that differ from their defaults stay as they are. */
  readonly config: RunOptions;
  /** The folder of the short runs, which the same call resumes. */
  readonly output: string;
  /** Number of settings to try. Default 8. */
  readonly candidates?: number;
  /** Called after each short run. */
  readonly onTrial?: (trial: Trial) => void;
}

/** A candidate after some steps. */
export interface Trial extends TrialSettings {
  /** From 1. */
  readonly number: number;
  readonly count: number;
  readonly steps: number;
  /** The lowest validation loss so far; null if training diverged. */
  readonly loss: number | null;
}

export interface TuningResult {
  /** The configuration with the settings that had the lowest validation loss. */
  readonly config: ResolvedRunConfig;
  /** In the order in which they ended. */
  readonly trials: readonly Trial[];
}

/** Steps of a first trial: fewer tell nothing. */
const leastSteps = 20;

/**
 * Tries settings in short runs on the run's own data, some of which is held out, and returns the best. With 8
 * candidates, that takes about as many steps as a run of 400.
 * @throws UsageError for invalid options, or a method that cannot be tuned; the signal's reason
 */
export async function tuneAdapter(options: TuningOptions): Promise<TuningResult> {
  const { output, model, tokenizer, methods = [], signal, onTrial, candidates: count = 8 } = options;
  const resolved = resolveRunConfig(options.config, methods);
  const config = { ...resolved, data: await storedSources(resolved.data, signal) };
  const method = methodNamed(config.method, methods);
  const plan = await plannedRun(config, options);
  const given = {
    learningRate: config.learningRate,
    defaultRate: defaultRate(method, model),
    methodOptions: config.methodOptions,
    isPlaced: softTokensIn(config.template) > 0,
  };
  const candidates = candidatesOf(method, given, { count, seed: config.seed });
  if (candidates.length === 1) return { config: { ...config, ...candidates[0]! }, trials: [] };
  const kept = await openTrials(output, { ...plan.noted, candidates });
  const trials: Trial[] = [];
  let left = candidates.map((candidate, i) => ({ candidate, number: i + 1 }));
  // All candidates take as many steps together in each round, and the rounds as many as the run.
  const rounds = Math.ceil(Math.log2(candidates.length));
  let steps = Math.max(leastSteps, Math.floor(plan.totalSteps / (rounds * candidates.length)));
  for (;;) {
    const losses = new Map<number, number>();
    for (const { candidate, number } of left) {
      const loss = await kept.lossOf(number, steps, () => trained(candidate, number, steps));
      losses.set(number, loss);
      const trial = {
        ...candidate,
        number,
        count: candidates.length,
        steps,
        loss: Number.isFinite(loss) ? loss : null,
      };
      trials.push(trial);
      onTrial?.(trial);
    }
    left = [...left].sort((a, b) => losses.get(a.number)! - losses.get(b.number)! || a.number - b.number);
    if (left.length === 1 || losses.get(left[0]!.number) === Number.POSITIVE_INFINITY) break;
    left = left.slice(0, Math.ceil(left.length / 2));
    if (left.length === 1) break;
    steps *= 2;
  }
  const { candidate } = left[0]!;
  return { config: { ...config, ...candidate }, trials };

  /** The lowest validation loss of a candidate that trains up to `maxSteps`, from where it was. */
  async function trained(candidate: TrialSettings, number: number, maxSteps: number): Promise<number> {
    const folder = join(output, `${number}`);
    const resume = (await fileSystem.stat(join(folder, 'config.yaml'))) !== undefined;
    try {
      const { best, stopped } = await trainFromConfig({
        ...config,
        ...candidate,
        ...{ model, tokenizer, methods, signal, output: folder, resume },
        validation: plan.validation,
        // The rate stays as it is, so that a run of so many steps is the beginning of a longer one.
        schedule: { name: 'constant', warmupSteps: Math.floor(leastSteps / 4) },
        ...{ maxSteps, epochs: undefined, evalEvery: leastSteps, saveEvery: maxSteps },
        earlyStoppingPatience: 0,
        // What a trial writes and how its prompt moves is for nobody.
        ...{ samplePrompts: undefined, sampleEvery: undefined, traceEvery: undefined, tensorboard: false },
      });
      if (stopped) throw signal!.reason;
      return best!.loss;
    } catch (error) {
      if (error instanceof PromptuneError && error.code === 'diverged') return Number.POSITIVE_INFINITY;
      throw error;
    }
  }
}

/** How long the run is, what of its data validates (trials need some), and what its trials depend on. */
async function plannedRun(config: ResolvedRunConfig, inputs: RunInputs) {
  const { model, tokenizer, signal } = inputs;
  const run = await prepareRun(config, inputs);
  await run.dispose();
  const { totalSteps, examples, validationExamples } = run.summary;
  const validation = validationExamples > 0 ? config.validation : Math.max(1, Math.round(examples / 5));
  const digests = await fileDigests(run.config.data, signal);
  const noted = {
    config: await notedConfig(model, run.config),
    inputs: await digestInputs({ model, tokenizer, signal }, run.config, digests),
  };
  return { totalSteps, validation, noted };
}

/** Results of trials that are kept in a folder. */
async function openTrials(folder: string, settings: object) {
  const path = join(folder, 'tuning.json');
  const before = await readJsonObjectIfPresent(path);
  const now = JSON.parse(JSON.stringify(settings));
  const isSame = isSameJson(before?.settings, now) && isJsonObject(before?.losses);
  if (before && !isSame) await fileSystem.remove(folder); // other settings or inputs have other trials
  const losses = (isSame ? before!.losses : {}) as Record<string, number | null>;
  // Before the first trial, so that one that was stopped is known for what it is of.
  await fileSystem.makeFolder(folder);
  await writeJsonAtomic(path, { settings: now, losses });
  return {
    async lossOf(number: number, steps: number, compute: () => Promise<number>): Promise<number> {
      const name = `${number}-${steps}`;
      if (Object.hasOwn(losses, name)) return losses[name] ?? Number.POSITIVE_INFINITY;
      const loss = await compute();
      losses[name] = Number.isFinite(loss) ? loss : null;
      await writeJsonAtomic(path, { settings: now, losses });
      return loss;
    },
  };
}
