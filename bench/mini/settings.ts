/**
 * @file How each task's soft prompt and each whole model is trained. Chosen by validation loss with `tune.ts`, which never
 * sees a test row.
 */
import type { TaskName } from '../../tools/mini-corpus/tasks.js';
import type { Settings } from './learn.js';

export const softPrompt: Readonly<Record<TaskName, Settings>> = {
  'cat-zh': { learningRate: 0.03, steps: 300 },
  review: { learningRate: 0.03, steps: 300 },
  sentiment: { learningRate: 0.03, steps: 300 },
  'en-zh': { learningRate: 0.03, steps: 300 },
  question: { learningRate: 0.03, steps: 300 },
};

export const wholeModel: Readonly<Record<TaskName, Settings>> = {
  'cat-zh': { learningRate: 3e-4, steps: 150 },
  review: { learningRate: 3e-4, steps: 150 },
  sentiment: { learningRate: 3e-4, steps: 150 },
  'en-zh': { learningRate: 3e-4, steps: 150 },
  question: { learningRate: 3e-4, steps: 150 },
};
