/**
 * @file The training settings of each task's soft prompt and fully fine-tuned model. Chosen by validation loss with
 *   `tune.ts`, which never sees a test row.
 */
import type { TaskName } from '../../tools/mini-corpus/tasks.js';
import type { Settings } from './learn.js';

export const softPrompt: Readonly<Record<TaskName, Settings>> = {
  'cat-zh': { learningRate: 0.03, steps: 200 },
  review: { learningRate: 0.03, steps: 200 },
  sentiment: { learningRate: 0.03, steps: 200 },
  'en-zh': { learningRate: 0.03, steps: 200 },
  question: { learningRate: 0.1, steps: 500 },
};

export const wholeModel: Readonly<Record<TaskName, Settings>> = {
  'cat-zh': { learningRate: 3e-4, steps: 100 },
  review: { learningRate: 3e-4, steps: 100 },
  sentiment: { learningRate: 3e-4, steps: 100 },
  'en-zh': { learningRate: 3e-4, steps: 100 },
  question: { learningRate: 3e-4, steps: 100 },
};
