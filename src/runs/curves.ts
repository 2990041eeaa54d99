/** @file The curves of a run, for tools that draw them: values by name, at a step. */
import type { TrainingEvent } from '../training/events.js';

/** The values of an event; undefined if it has none. */
export function curveValues(
  event: TrainingEvent,
): { readonly step: number; readonly values: Readonly<Record<string, number>> } | undefined {
  if (event.type === 'step') {
    const { step, loss, learningRate, gradNorm, tokensPerSecond } = event;
    const values = {
      'train/loss': loss,
      'train/learning_rate': learningRate,
      'train/grad_norm': gradNorm,
      'train/tokens_per_second': tokensPerSecond,
    };
    return { step, values };
  }
  if (event.type !== 'validation') return undefined;
  const { step, loss, accuracy } = event;
  const values = {
    'validation/loss': loss,
    ...(accuracy !== undefined && { 'validation/accuracy': accuracy }),
  };
  return { step, values };
}
