/**
 * @file The languages, each with what the library says in it (see src/say.ts). Whoever speaks in one chooses it from
 *   here: the command line for its process, a server for a request, a process for the job that it was started for.
 */
import { type Catalog, english, type Language } from '../say.js';
import { adapters } from './zh/adapters.js';
import { browser } from './zh/browser.js';
import { data } from './zh/data.js';
import { errors } from './zh/errors.js';
import { generation } from './zh/generation.js';
import { jinja } from './zh/jinja.js';
import { measuring } from './zh/measuring.js';
import { models } from './zh/models.js';
import { reports } from './zh/reports.js';
import { runs } from './zh/runs.js';
import { serving } from './zh/serving.js';

export const chinese: Catalog = {
  language: 'zh',
  sentences: {
    ...errors,
    ...data,
    ...models,
    ...adapters,
    ...generation,
    ...measuring,
    ...runs,
    ...reports,
    ...jinja,
    ...serving,
    ...browser,
  },
};

export const catalogs: Readonly<Record<Language, Catalog>> = { en: english, zh: chinese };
