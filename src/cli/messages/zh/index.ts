/** @file The sentences of the library and the command line in Chinese, by the English ones (see src/say.ts). */
import type { Sentences } from '../../../say.js';
import { adapters } from './adapters.js';
import { commandLine } from './command-line.js';
import { commands } from './commands.js';
import { data } from './data.js';
import { generation } from './generation.js';
import { measuring } from './measuring.js';
import { models } from './models.js';
import { reports } from './reports.js';
import { runs } from './runs.js';

export const zh: Sentences = {
  ...commandLine,
  ...commands,
  ...data,
  ...models,
  ...adapters,
  ...generation,
  ...measuring,
  ...runs,
  ...reports,
};
