/** @file What the page asks a report to be about, as a job: checked, and with paths of the studio's folder alone. */
import { stat } from 'node:fs/promises';
import { optionError, UsageError } from '../errors.js';
import { say } from '../say.js';
import {
  adaptersBelow,
  type BenchmarkJob,
  type CompareJob,
  type EvaluateJob,
  parseJob,
} from '../workspace/index.js';
import type { NewBenchmark, NewComparison, NewEvaluation } from './api/index.js';
import type { StudioContext } from './context.js';
import { configIn, dataIn, underKey } from './run-request.js';

/** Folder of the reports that have no folder of their own, in the studio's. */
const reportsFolder = 'reports';

/** A job, and the report that it writes. */
export interface ReportRequest<J = EvaluateJob | CompareJob | BenchmarkJob> {
  readonly job: J;
  /** The id of the report. */
  readonly report: string;
}

/** @throws UsageError with places in the request, such as `answers.metrics.0` */
export async function evaluateJobOf(
  { name, model, adapters, data, reading, answers }: NewEvaluation,
  context: StudioContext,
): Promise<ReportRequest<EvaluateJob>> {
  const { folder, device, threads, offline } = context;
  const page = await newPage(name, context);
  const { dtype, ...source } = await sourceOf(model, context);
  const job: EvaluateJob = {
    type: 'evaluate',
    ...{ ...source, ...(dtype && { dtypes: [dtype] }), offline, device, threads },
    adapters: await Promise.all(adapters.map((id, i) => adapterPath(id, `adapters.${i}`, context))),
    data: (await dataIn(data, 'data', folder)) as string,
    ...(reading && { reading }),
    answers: { ...answers, report: page.path },
  };
  return { job: parseJob(withoutUndefined(job)) as EvaluateJob, report: page.id };
}

/** @throws as `evaluateJobOf` */
export async function compareJobOf(
  { name, model, config }: NewComparison,
  context: StudioContext,
): Promise<ReportRequest<CompareJob>> {
  const { folder, device, threads, offline } = context;
  const own = ['model', 'output'].find((key) => key in config);
  if (own !== undefined)
    throw optionError(`config.${own}`, say`it follows from the rest of the request; leave it out`);
  const output = await folder.future(name);
  if (await exists(output)) throw nameIsTaken(name);
  const source = await sourceOf(model, context);
  const job: CompareJob = {
    type: 'compare',
    offline,
    config: await underKey('config', async () =>
      withoutUndefined({ device, threads, ...source, ...(await configIn(config, folder)), output }),
    ),
  };
  return { job: parseJob(withoutUndefined(job)) as CompareJob, report: `${name}/report.html` };
}

/** @throws as `evaluateJobOf` */
export async function benchmarkJobOf(
  { name, model, config }: NewBenchmark,
  context: StudioContext,
): Promise<ReportRequest<BenchmarkJob>> {
  const { folder, device, threads, offline } = context;
  const page = await newPage(name, context);
  const own = await underKey('config', async () =>
    withoutUndefined({ device, threads, ...(await configIn(config, folder)) }),
  );
  const job = {
    type: 'benchmark',
    ...(await sourceOf(model, context)),
    offline,
    config: own,
    report: page.path,
  };
  return { job: parseJob(withoutUndefined(job)) as BenchmarkJob, report: page.id };
}

/** A model by name; the served one as it was opened here. */
async function sourceOf(name: string | undefined, { models }: StudioContext) {
  const { served } = models;
  if (name === undefined || name === served.name)
    return { model: served.name, revision: served.revision, dtype: served.dtype };
  await models.check(name);
  return { model: name, revision: undefined, dtype: undefined };
}

async function adapterPath(id: string, key: string, { folder }: StudioContext): Promise<string> {
  const path = (await adaptersBelow(folder.path)).get(id);
  if (path !== undefined) return folder.existing(folder.nameOf(path));
  throw optionError(key, say`there is no adapter ${JSON.stringify(id)} in the studio's folder`, {
    code: 'not-found',
  });
}

/** Where a page will be that has no folder of its own. */
async function newPage(name: string, { folder }: StudioContext): Promise<{ id: string; path: string }> {
  const id = `${reportsFolder}/${name}.html`;
  const path = await folder.future(id);
  if (await exists(path)) throw nameIsTaken(name);
  return { id, path };
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

const nameIsTaken = (name: string) =>
  new UsageError(
    [{ path: ['name'], message: say`there is a ${JSON.stringify(name)} already; choose another name` }],
    { code: 'already-exists' },
  );

/** As JSON has it. */
const withoutUndefined = <T extends object>(values: T): T =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
