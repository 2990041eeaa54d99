/** @file Jobs: what they would cost, starting, following, stopping and resuming them. */
import { eventStream } from '../../serving/http/event-stream.js';
import { planTrainJob } from '../../workspace/index.js';
import { type Done, type Jobs, newJobSchema, type Plan } from '../api/index.js';
import type { StudioContext } from '../context.js';
import { trainJobOf } from '../run-request.js';
import { bodyOf, type StudioRouter } from './router.js';

const streamTimes = { pingMs: 15_000, stallMs: 600_000 };

export function jobsRoutes(router: StudioRouter, context: StudioContext): void {
  const { jobs, models } = context;
  router.get('/jobs', (c) => c.json({ jobs: jobs.list() } satisfies Jobs));
  router.post('/jobs', async (c) => {
    const request = await bodyOf(c, newJobSchema);
    return c.json(await jobs.add({ name: request.run }, await trainJobOf(request, context), request));
  });
  router.post('/jobs/plan', async (c) => {
    const job = await trainJobOf(await bodyOf(c, newJobSchema), context);
    // A page asks with every change of a setting: what is open stays open.
    const pretrained = await models.open(job.model, job.config);
    const { config, summary } = await planTrainJob(job, { pretrained, signal: c.req.raw.signal });
    const { trainableParameters, initialization, examples, validationExamples, totalSteps } = summary;
    const { stepsPerEpoch, estimatedMemoryBytes, warnings = [] } = summary;
    return c.json({
      ...{ config, trainableParameters, initialization, examples, validationExamples, totalSteps },
      ...{ stepsPerEpoch, memoryBytes: estimatedMemoryBytes, adapterBytes: 4 * trainableParameters },
      warnings: [...warnings],
    } satisfies Plan);
  });
  router.get('/jobs/:id', (c) => c.json(jobs.get(c.req.param('id'))));
  router.get('/jobs/:id/request', (c) => c.json(jobs.request(c.req.param('id'))));
  router.delete('/jobs/:id', async (c) => {
    await jobs.remove(c.req.param('id'));
    return c.json({ done: true } satisfies Done);
  });
  router.post('/jobs/:id/stop', async (c) => c.json(await jobs.stop(c.req.param('id'))));
  router.post('/jobs/:id/resume', async (c) => c.json(await jobs.resume(c.req.param('id'))));
  router.get('/jobs/:id/events', (c) => {
    const from = Math.max(0, Math.trunc(Number(c.req.query('from') ?? 0)) || 0);
    const leave = new AbortController();
    const { record } = c.var;
    return eventStream(
      jobs.messages(c.req.param('id'), from, leave.signal),
      {
        onLeave() {
          leave.abort();
          record.end();
        },
        onEnd: () => record.end(),
      },
      streamTimes,
    );
  });
}
