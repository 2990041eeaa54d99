/** @file Learning rate schedules of transformers' get_*_schedule_with_warmup. */
import type { ScheduleConfig } from './config.js';

/** Factor of the peak learning rate after warm-up, for `progress` from 0 to 1. */
const decays: Record<ScheduleConfig['name'], (progress: number) => number> = {
  constant: () => 1,
  linear: (progress) => 1 - progress,
  cosine: (progress) => 0.5 * (1 + Math.cos(Math.PI * progress)),
};

/**
 * The learning rate of an update.
 *
 * @param step updates made before this one. As in transformers, the very first update of a warm-up has a rate of 0.
 * @param totalSteps updates of the whole run
 * @param peak the learning rate at the end of warm-up
 */
export function learningRateAt(
  step: number,
  totalSteps: number,
  peak: number,
  schedule: ScheduleConfig,
): number {
  const warmup = schedule.warmupSteps ?? Math.ceil(totalSteps * (schedule.warmupRatio ?? 0));
  if (step < warmup) return peak * (step / warmup);
  const progress = (step - warmup) / Math.max(1, totalSteps - warmup);
  return peak * decays[schedule.name](Math.min(1, progress));
}
