/** @file The configuration of labeling by words: keys, defaults and descriptions. */
import * as z from 'zod';
import { wordProbabilities } from '../evaluation/label-scores.js';
import { dataSchema, fileShape } from '../text/data-config.js';
import { shotChoices } from './shots.js';

/** A description ends with the default unless that is a constant. */
export const labelingSchema = z.strictObject({
  verbalizer: dataSchema.shape.verbalizer.describe(
    'the words of a label, such as 1=great,good (default: as the adapter was trained)',
  ),
  data: z.string().min(1).optional().meta({
    description: 'records to label; with labels the accuracy is printed too',
    format: 'path',
  }),
  ...fileShape,
  template: z
    .array(z.string())
    .optional()
    .describe(
      'the prompt; of several the log-probabilities are averaged (default: as the adapter was trained, or else by the ' +
        'layout of the data)',
    ),
  completionTemplate: z
    .string()
    .optional()
    .describe(
      'what the word stands in (default: as the adapter was trained, or else " {label}", without the space in Chinese)',
    ),
  layoutLanguage: dataSchema.shape.layoutLanguage.describe(
    'language of the words that the layout of the data adds, such as "Label:" (default: as the adapter was trained, or ' +
      'else that of the words)',
  ),
  labelField: z.string().min(1).optional().meta({
    description: 'the field of the label (default: as the adapter was trained, or else label)',
    format: 'name',
  }),
  wordProbability: z
    .enum(wordProbabilities)
    .default('mean')
    .describe('what a label has of the probabilities of its words'),
  calibrate: z
    .boolean()
    .default(false)
    .describe("divide each label's probability by the one that it has for inputs without content"),
  shots: z.string().min(1).optional().meta({
    description: 'labeled examples to put before each input',
    format: 'path',
  }),
  numShots: z.int().positive().default(4).describe('how many of the examples'),
  shotsBy: z.enum(shotChoices).default('seed').describe('how the examples are chosen'),
  seed: z.int().nonnegative().default(42).describe('draws the examples'),
});
export type LabelingConfig = z.input<typeof labelingSchema>;
