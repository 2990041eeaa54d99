/**
 * @file The settings of a run that follow from its data: how long it trains, how often it validates, when it stops
 *   early and how it warms up.
 */
import { say } from '../say.js';
import type { TrainingConfig } from './config.js';

/** What is known of a run's data. */
export interface PlannedData {
  /** Training examples. */
  readonly examples: number;
  readonly hasValidation: boolean;
}

/** What the plan is made from. */
type Planned = Omit<TrainingConfig, 'learningRate'>;

export interface Plan extends Planned {
  readonly evalEvery: number;
  readonly saveEvery: number;
  /** 0: never. */
  readonly earlyStoppingPatience: number;
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
}

/** Passes over the data where neither epochs nor steps are given, and the least and the most steps for that. */
export const automaticLength = { epochs: 3, leastSteps: 200, mostSteps: 1000 } as const;

/** Validations of a run whose length is in steps. */
const validations = 20;

/**
 * Validations without improvement that end a run: a quarter of a run whose length is in steps. The validations of a
 * short run are a step or two apart and tell little, so at least some steps count.
 */
const defaultPatience = { validations: 5, steps: 25 } as const;

/** Part of a run's steps that its learning rate takes to rise. Runs of fewer than 20 steps have none. */
const warmup = 0.05;

/** Fewer updates than this have seldom been enough for a prompt or an adapter that starts from nothing. */
const fewSteps = 50;

/** The configuration with everything that follows from the data filled in. Planning it again changes nothing. */
export function planTraining(config: Planned, { examples, hasValidation }: PlannedData): Plan {
  const { batchSize, gradientAccumulationSteps, epochs, schedule } = config;
  const stepsPerEpoch = Math.ceil(Math.ceil(examples / batchSize) / gradientAccumulationSteps);
  const maxSteps = config.maxSteps ?? (epochs === undefined ? automaticSteps(stepsPerEpoch) : undefined);
  const totalSteps = maxSteps ?? epochs! * stepsPerEpoch;
  const often = epochs === undefined ? Math.ceil(totalSteps / validations) : stepsPerEpoch;
  const { evalEvery = often, saveEvery = often, earlyStoppingPatience = patienceFor(config, often) } = config;
  const { warmupSteps, warmupRatio } = schedule;
  const warms = warmupSteps === undefined && warmupRatio === undefined;
  return {
    ...config,
    ...(maxSteps !== undefined && { maxSteps }),
    schedule: { ...schedule, ...(warms && { warmupSteps: Math.floor(warmup * totalSteps) }) },
    evalEvery,
    saveEvery,
    earlyStoppingPatience: hasValidation ? earlyStoppingPatience : 0,
    stepsPerEpoch,
    totalSteps,
  };
}

/** What a run notes of its plan, so that it goes on as it began. By epochs, the rest follows from them. */
export function settledBy(plan: Plan): Partial<Planned> {
  const { epochs, maxSteps, evalEvery, saveEvery, earlyStoppingPatience, schedule } = plan;
  const inSteps = epochs === undefined && { maxSteps, evalEvery, saveEvery };
  return { ...inSteps, earlyStoppingPatience, schedule };
}

/** @param often steps between validations where none are given */
function patienceFor({ epochs, evalEvery }: Planned, often: number): number {
  const { validations, steps } = defaultPatience;
  const isByItself = epochs === undefined && evalEvery === undefined;
  return isByItself ? Math.max(validations, Math.ceil(steps / often)) : validations;
}

function automaticSteps(stepsPerEpoch: number): number {
  const { epochs, leastSteps, mostSteps } = automaticLength;
  return Math.min(mostSteps, Math.max(leastSteps, epochs * stepsPerEpoch));
}

/** What makes a run unlikely to learn, in words. */
export function planWarnings({ totalSteps }: Pick<Plan, 'totalSteps'>): string[] {
  if (totalSteps >= fewSteps) return [];
  return [
    totalSteps === 1
      ? say`1 step is unlikely to be enough: most methods need ${fewSteps} or more, small data sets
          many epochs`
      : say`${totalSteps} step|steps is|are unlikely to be enough: most methods need ${fewSteps} or more,
          small data sets many epochs`,
  ];
}

/** From so many examples on, some are held out for validation, unless the configuration says otherwise. */
export const leastToSplit = 100;

/** How many examples are held out where the configuration does not say: a tenth, which is enough with 200. */
export const automaticValidation = (examples: number): number =>
  examples < leastToSplit ? 0 : Math.min(200, Math.round(examples / 10));
