/** @file The runs in the folder: what they are, their curves, notes, and deleting them. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PromptuneError, UsageError } from '../../errors.js';
import { isDatasetName } from '../../formats/dataset-name.js';
import { type CurvePoint, findRuns, type RunRecord, readRun } from '../../runs/read-run.js';
import { deleteRun } from '../../runs/run-folder.js';
import { say } from '../../say.js';
import { noteRun, summarizeRun } from '../../workspace/index.js';
import { type DeletedRun, type Run, type RunDetails, type Runs, runChangeSchema } from '../api/index.js';
import type { StudioContext } from '../context.js';
import { ownFolder, type StudioFolder } from '../folder.js';
import { bodyOf, type StudioRouter } from './router.js';

export function runsRoutes(router: StudioRouter, { folder, jobs }: StudioContext): void {
  router.get('/runs', async (c) => {
    const answer: Runs = { runs: [], unreadable: [] };
    for (const path of await findRuns(folder.path)) {
      const id = folder.nameOf(path);
      try {
        const run = await readRun(await folder.existing(id));
        if (run) answer.runs.push(await described(run, id, jobs.of(id)?.id));
      } catch (error) {
        if (!(error instanceof PromptuneError)) throw error;
        answer.unreadable.push({ id, problem: folder.named(error.message) });
      }
    }
    return c.json(answer);
  });
  router.get('/runs/:id', async (c) => {
    const id = c.req.param('id');
    return c.json(await detailsOf(await runNamed(id), id, { jobs, folder }));
  });
  router.patch('/runs/:id', async (c) => {
    const id = c.req.param('id');
    const { note } = await bodyOf(c, runChangeSchema);
    await noteRun(await folder.existing(id), note);
    return c.json(await described(await runNamed(id), id, jobs.of(id)?.id));
  });
  router.delete('/runs/:id', async (c) => {
    const left = await deleteRun(await folder.existing(c.req.param('id')));
    return c.json({ left } satisfies DeletedRun);
  });

  async function runNamed(id: string): Promise<RunRecord> {
    const run = await readRun(await folder.existing(id));
    if (run) return run;
    throw new UsageError(say`${JSON.stringify(id)} is not a run`, { code: 'not-found' });
  }
}

async function described(run: RunRecord, id: string, job: string | undefined): Promise<Run> {
  const { run: _, model, method, ...figures } = summarizeRun(run);
  return { id, model: String(model), method: String(method), ...figures, isUsable: await isUsable(run), job };
}

/** A killed run has no adapter until its first checkpoint. */
const isUsable = ({ folder }: RunRecord) =>
  stat(join(folder, 'adapter')).then(
    (found) => found.isDirectory(),
    () => false,
  );

async function detailsOf(
  run: RunRecord,
  id: string,
  { jobs, folder }: Pick<StudioContext, 'jobs' | 'folder'>,
): Promise<RunDetails> {
  const { config, loss, validationLoss, learningRate, gradNorm, tokensPerSecond } = run;
  return {
    ...(await described(run, id, jobs.of(id)?.id)),
    config,
    data: await dataIn(run, folder),
    curves: {
      loss: columns(loss),
      validationLoss: columns(validationLoss),
      learningRate: columns(learningRate),
      gradNorm: columns(gradNorm),
      tokensPerSecond: columns(tokensPerSecond),
    },
    samples: run.samples.map(({ step, samples }) => ({ step, samples: [...samples] })),
  };
}

/** The rows of a run, if they are one file of the folder or a data set of the Hub. */
async function dataIn({ config: { data } }: RunRecord, folder: StudioFolder): Promise<string | undefined> {
  if (typeof data !== 'string') return undefined;
  if (isDatasetName(data)) return data;
  // What was dropped on the page moves with the folder, whose path the run may have noted elsewhere.
  const own = data.lastIndexOf(`/${ownFolder}/`);
  for (const name of [folder.nameOf(data), ...(own < 0 ? [] : [data.slice(own + 1)])])
    if (await folder.has(name)) return name;
  return undefined;
}

const columns = (points: readonly CurvePoint[]) => ({
  steps: points.map(({ step }) => step),
  values: points.map(({ value }) => value),
});
