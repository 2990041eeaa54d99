/**
 * @file The studio's API below `/studio/api`: a schema for every request and answer, from which the types follow. The
 *   page imports the types alone.
 *
 * - Ids are paths in the studio's folder, with `/`. In an address they are one segment: `encodeURIComponent(id)`.
 * - Every request but GET has the content type `application/json`, also without a body.
 * - With keys, every request has `Authorization: Bearer <key>`, of a key with `"studio": true`.
 * - Errors have the body `{error: {message, param, code}}`, as those of the API of OpenAI on the same port. `param` is
 *   the place of the problem in the body, such as `config.learningRate`; `problems` lists all of them.
 *
 * | route | request | answer |
 * |---|---|---|
 * | `GET about` | | `About` |
 * | `GET models` | | `Models` |
 * | `GET methods` | | `Methods` |
 * | `GET methods/costs` | | `MethodCosts` |
 * | `GET presets` | | `Presets` |
 * | `POST data` | `NewData` | `StoredData` |
 * | `POST data/check` | `DataCheck` | `DataReport` |
 * | `GET metrics` | | `Metrics` |
 * | `GET jobs` | | `Jobs` |
 * | `POST jobs` | `NewJob` | `Job` |
 * | `POST jobs/plan` | `NewJob` | `Plan` |
 * | `GET jobs/{id}` | | `Job` |
 * | `GET jobs/{id}/request` | | `NewJob`, as training was asked for |
 * | `GET jobs/{id}/events?from=N` | | a stream of `JobMessage` |
 * | `POST jobs/{id}/stop`, `POST jobs/{id}/resume` | | `Job` |
 * | `DELETE jobs/{id}` | | `Done` |
 * | `GET runs` | | `Runs` |
 * | `GET runs/{id}` | | `RunDetails` |
 * | `PATCH runs/{id}` | `RunChange` | `Run` |
 * | `DELETE runs/{id}` | | `DeletedRun` |
 * | `GET reports` | | `Reports` |
 * | `POST reports/evaluate` | `NewEvaluation` | `Job` |
 * | `POST reports/compare` | `NewComparison` | `Job` |
 * | `POST reports/benchmark` | `NewBenchmark` | `Job` |
 * | `GET adapters` | | `Adapters` |
 * | `GET adapters/{id}/prompt` | | `PromptMap` |
 * | `POST adapters/{id}/attention` | `AttentionText` | `Attention` |
 * | `GET serving` | | `Serving` |
 * | `GET queue` | | `Queue` |
 * | `POST queue/retry` | | `Retried` |
 */

export * from './about.js';
export * from './adapters.js';
export * from './data.js';
export * from './jobs.js';
export * from './models.js';
export * from './problem.js';
export * from './queue.js';
export * from './reports.js';
export * from './runs.js';
export * from './serving.js';

/** Where the API is, on the server's port. */
export const apiPath = '/studio/api';
