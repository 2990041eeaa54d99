/** @file What the command line says in Chinese, beside what the library says. */
import type { Catalog } from '../../../say.js';
import { chinese } from '../../../sentences/index.js';
import { commandLine } from './command-line.js';
import { commands } from './commands.js';
import { printed } from './printed.js';

export const zh: Catalog = {
  ...chinese,
  sentences: { ...chinese.sentences, ...commandLine, ...commands, ...printed },
};
