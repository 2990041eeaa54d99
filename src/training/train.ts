/**
 * @file The training loop. It knows examples, losses and gradients; models, methods and formats are behind interfaces.
 */

import { optionError, PromptuneError } from '../errors.js';
import { inOrder } from '../loss/in-order.js';
import type { TrainingStep } from '../loss/step.js';
import { say } from '../say.js';
import type { TrainableTensors } from '../tensor.js';
import { planEpoch } from '../text/batches.js';
import type { Dataset } from '../text/dataset.js';
import type { EncodedExample } from '../text/encode.js';
import type { TrainingConfig } from './config.js';
import type { TrainingEvent } from './events.js';
import { addGradients, clipGradients, firstNonFinite, type Gradients } from './gradients.js';
import { createOptimizer } from './optimizers.js';
import { planTraining } from './plan.js';
import { restoreTensors } from './restore.js';
import type { RunStore, TrainingState } from './run-store.js';
import { learningRateAt } from './schedules.js';

export interface TrainOptions extends TrainingConfig {
  step: TrainingStep;
  dataset: Dataset;
  /** Decides which adapter is the best. Default: the last one is. */
  validation?: Dataset;
  /** Factors of the learning rate, by tensor. Default: 1. */
  learningRateFactors?: ReadonlyMap<string, number>;
  /** Where metrics and checkpoints go. If it has a checkpoint, training resumes from it. */
  store: RunStore;
  /** Saves the current adapter atomically, given how far the run has come. Default: does not save. */
  saveAdapter?: (progress: Pick<TrainingState, 'step' | 'best'>) => Promise<void>;
  /** See what it has learned so far. Default: nobody does. */
  observers?: readonly Observer[];
  /** Stops the run after the current micro-batch, with a checkpoint to resume from. */
  signal?: AbortSignal;
  onEvent?: (event: TrainingEvent) => void;
}

/** Sees the tensors as they are: before the first step, every so many steps and at the end. */
export interface Observer {
  /** Steps between two looks. Default: as for validations. */
  readonly every?: number;
  /** The run begins, or goes on, after `step`: what is of later steps is void. */
  begin(step: number): Promise<void>;
  at(step: number): Promise<void>;
}

export interface TrainResult {
  /** Number of updates in total. */
  step: number;
  /** The signal stopped the run, which can be resumed. */
  stopped: boolean;
  /** `earlyStoppingPatience` stopped the run. */
  stoppedEarly: boolean;
  /** The best validation, whose adapter is saved; null without validation, when the last adapter is saved. */
  best: TrainingState['best'];
}

/**
 * Trains `step.trainable` in place. At the end it has the values of the best validation, if there was one. The result
 * depends only on model, data, options and seed: a run that was stopped or killed at any moment and resumed ends with
 * the same bytes as an uninterrupted one.
 *
 * @throws PromptuneError if a loss, gradient or trained tensor is not finite, and FileError if the run's folder cannot
 *   be written or read. The last checkpoint is left unchanged
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const { step: model, validation, store, signal, onEvent = () => {} } = options;
  const { plan, batchesAt } = planRun(options);
  const { totalSteps, stepsPerEpoch, evalEvery, saveEvery } = plan;
  const { observers = [] } = options;
  const patience = plan.earlyStoppingPatience || Number.POSITIVE_INFINITY;
  const optimizer = createOptimizer(options.optimizer, model.trainable, options.learningRateFactors);
  let state: TrainingState = { step: 0, validatedStep: 0, best: null, validationsSinceBest: 0 };
  let saved: TrainingState | undefined;
  await resume();
  for (const observer of observers) await observer.begin(state.step);
  const begin = { step: state.step, time: performance.now() };

  for (;;) {
    // Validation comes before saving and stopping: a run stopped during validation repeats it once resumed.
    const atEnd = state.step >= totalSteps;
    const validationDue = state.step > state.validatedStep && (atEnd || state.step % evalEvery === 0);
    const validated = !validation || !validationDue || (await validate(validation));
    const stoppedEarly = state.validationsSinceBest >= patience;
    const ended = validated && (atEnd || stoppedEarly);
    const stopped = !ended && signal?.aborted === true;

    for (const { every = evalEvery, at } of stopped ? [] : observers)
      if (ended || state.step % every === 0) await at(state.step);

    const isBest = state.best?.step === state.step;
    const saveDue = state.step > 0 && state.step % saveEvery === 0;
    if (state !== saved && (saveDue || isBest || ended || stopped)) await save(isBest);
    if (ended || stopped) {
      await takeBest();
      return { step: state.step, stopped, stoppedEarly, best: state.best };
    }
    await update();
  }

  /** One optimizer step, or none if the signal comes between its micro-batches. */
  async function update(): Promise<void> {
    const startedAt = performance.now();
    const batches = await Promise.all(
      batchesAt(state.step).map((batch) => examplesOf(options.dataset, batch)),
    );
    const sums = await lossAndGradients(model, batches, signal);
    if (!sums) return;
    const { loss, gradients } = sums;
    if (!Number.isFinite(loss)) throw diverged(state.step + 1, say`the loss is ${loss}`);
    const gradNorm = await clipGradients(gradients, options.maxGradNorm);
    if (!Number.isFinite(gradNorm)) {
      throw diverged(
        state.step + 1,
        say`the gradient of "${await firstNonFinite(gradients)}" holds NaN or Infinity`,
      );
    }
    const learningRate = learningRateAt(state.step, totalSteps, options.learningRate, plan.schedule);
    await optimizer.update(gradients, learningRate);
    model.constrain?.();
    const step = state.step + 1;
    state = { ...state, step };

    const now = performance.now();
    const tokens = batches.flat().reduce((sum, { inputIds }) => sum + inputIds.length, 0);
    const seconds = (now - startedAt) / 1000;
    const tokensPerSecond = tokens / seconds;
    const etaSeconds = ((totalSteps - step) * (now - begin.time)) / 1000 / (step - begin.step);
    const speed = { seconds, tokensPerSecond };
    const metrics = { step, epoch: step / stepsPerEpoch, loss, learningRate, gradNorm, ...speed };
    await store.appendMetrics(metrics);
    onEvent({ type: 'step', ...metrics, totalSteps, etaSeconds });
  }

  /** False if the signal comes before the end, which leaves the loss unknown. */
  async function validate(dataset: Dataset): Promise<boolean> {
    const figures = await validationFigures(model, dataset, options);
    if (!figures) return false;
    const { loss, ...accuracy } = figures;
    if (!Number.isFinite(loss)) throw diverged(state.step, say`the validation loss is ${loss}`);
    const { step } = state;
    const improved = !state.best || loss < state.best.loss;
    const best = improved ? { step, loss, ...accuracy } : state.best!;
    const validationsSinceBest = improved ? 0 : state.validationsSinceBest + 1;
    state = { step, validatedStep: step, best, validationsSinceBest };
    await store.appendMetrics({ step, validationLoss: loss, ...accuracy });
    onEvent({ type: 'validation', step, loss, best: best.loss, ...accuracy });
    return true;
  }

  /** Saves the adapter first, so that every checkpoint has the adapter that was the best so far. */
  async function save(isBest: boolean): Promise<void> {
    const { trainable } = model;
    const broken = await firstNonFinite(dataByName(trainable));
    if (broken !== undefined)
      throw diverged(state.step, say`the trained tensor "${broken}" holds NaN or Infinity`);
    if (isBest || !state.best) await options.saveAdapter?.(state);
    const path = await store.saveCheckpoint({ state, trainable, optimizer: optimizer.state() });
    saved = state;
    if (path !== undefined) onEvent({ type: 'checkpoint', step: state.step, path });
  }

  async function takeBest(): Promise<void> {
    if (!state.best || state.best.step === state.step) return;
    restoreTensors(model.trainable, await store.bestTensors(state.best.step), say`best checkpoint`);
  }

  async function resume(): Promise<void> {
    for (const change of store.changedSettings) {
      onEvent({
        type: 'warning',
        message: say`the run resumes with a changed setting: ${change}`,
      });
    }
    const checkpoint = await store.loadCheckpoint(
      ({ trainable, optimizer: moments }) => {
        restoreTensors(model.trainable, trainable, 'checkpoint');
        optimizer.restore(moments);
      },
      (message) => onEvent({ type: 'warning', message }),
    );
    if (!checkpoint) return;
    saved = state = checkpoint.state;
    onEvent({ type: 'resumed', step: state.step, totalSteps });
  }

  function diverged(step: number, problem: string): PromptuneError {
    const { learningRate, maxGradNorm } = options;
    if (state.step === 0) {
      const advice = say`look for NaN or very large values in the model's weights and in the initial values`;
      return new PromptuneError(say`step ${step}: ${problem} before the first update: ${advice}`);
    }
    const last = saved
      ? say`the checkpoint of step ${saved.step} is intact: resume from it`
      : say`start again`;
    return new PromptuneError(
      say`step ${step}: ${problem}, training has diverged. No such values were saved; ${last} with a
        learningRate below ${learningRate}, a longer warm-up or a
        maxGradNorm${maxGradNorm > 0 ? say` below ${maxGradNorm}` : say` above 0`}`,
      { code: 'diverged' },
    );
  }
}

/** The number of steps, and the examples of each. */
function planRun(options: TrainOptions) {
  const { dataset, batchSize, gradientAccumulationSteps, seed } = options;
  if (dataset.length === 0)
    throw new PromptuneError(say`the data set is empty: there is nothing to train on`, {
      code: 'invalid-data',
    });
  if (options.validation?.length === 0)
    throw new PromptuneError(say`the validation data set is empty`, { code: 'invalid-data' });
  if (options.earlyStoppingPatience && !options.validation)
    throw optionError('earlyStoppingPatience', say`requires validation data`);
  const plan = planTraining(options, {
    examples: dataset.length,
    hasValidation: options.validation !== undefined,
  });
  const { stepsPerEpoch } = plan;
  const { tokenCounts, labelCounts } = dataset;
  let planned: { epoch: number; batches: number[][] } | undefined;

  /** The micro-batches of the step after `step` steps, as indices of examples. */
  function batchesAt(step: number): number[][] {
    const epoch = Math.floor(step / stepsPerEpoch);
    if (planned?.epoch !== epoch) {
      planned = { epoch, batches: planEpoch({ tokenCounts, labelCounts, batchSize, seed, epoch }) };
    }
    const first = (step % stepsPerEpoch) * gradientAccumulationSteps;
    return planned.batches.slice(first, first + gradientAccumulationSteps);
  }

  return { plan, batchesAt };
}

function examplesOf(dataset: Dataset, indices: readonly number[]): Promise<EncodedExample[]> {
  return Promise.all(indices.map((index) => dataset.get(index)));
}

/**
 * The mean loss per label token of all `batches`, and its gradients, exactly as for one large batch: every micro-batch
 * is scaled by the total number of labels. Undefined if the signal comes in between.
 */
async function lossAndGradients(
  model: TrainingStep,
  batches: readonly EncodedExample[][],
  signal?: AbortSignal,
): Promise<{ loss: number; gradients: Gradients } | undefined> {
  const texts = batches.flat();
  const own = model.count(texts);
  if (own === 0)
    throw new PromptuneError(say`a batch has no label token to learn from: check the data set`, {
      code: 'invalid-data',
    });
  const labels = own + texts.length * (model.promptLabels ?? 0);
  let lossSum = 0;
  let sum: Gradients | undefined;
  // Wherever they are computed, gradients are added in the order of the batches, so that the sum has the same bits.
  const results = inOrder(batches, model.atOnce ?? 1, async (batch) =>
    signal?.aborted ? undefined : model.run(batch, 1 / labels),
  );
  for await (const result of results) {
    if (!result) return undefined;
    lossSum += result.lossSum;
    if (sum) await addGradients(sum, result.gradients);
    else sum = result.gradients;
  }
  return { loss: lossSum / labels, gradients: sum! };
}

/**
 * The mean loss per label of the whole data set and, with a head, the accuracy. Undefined if the signal comes before
 * the end.
 */
async function validationFigures(
  model: TrainingStep,
  dataset: Dataset,
  { batchSize, signal }: TrainOptions,
): Promise<{ loss: number; accuracy?: number } | undefined> {
  let lossSum = 0;
  let labels = 0;
  let correct: number | undefined;
  const { tokenCounts, labelCounts } = dataset;
  const batches = planEpoch({ tokenCounts, labelCounts, batchSize, seed: 0, epoch: 0 });
  const results = inOrder(batches, model.atOnce ?? 1, async (batch) => {
    if (signal?.aborted) return undefined;
    const examples = await examplesOf(dataset, batch);
    return { examples, ...(await model.evaluate(examples)) };
  });
  for await (const result of results) {
    if (!result) return undefined;
    const { examples } = result;
    lossSum += result.lossSum;
    labels += model.count(examples);
    if (result.correct !== undefined) correct = (correct ?? 0) + result.correct;
  }
  if (labels === 0)
    throw new PromptuneError(say`the validation data set has no label token`, { code: 'invalid-data' });
  return { loss: lossSum / labels, ...(correct !== undefined && { accuracy: correct / labels }) };
}

function* dataByName(tensors: TrainableTensors): Generator<[string, Float32Array]> {
  for (const [name, { data }] of tensors) yield [name, data];
}
