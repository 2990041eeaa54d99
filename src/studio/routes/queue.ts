/** @file The queue of works, if the studio shows one. */
import { UsageError } from '../../errors.js';
import { say } from '../../say.js';
import type { Retried } from '../api/index.js';
import type { StudioContext } from '../context.js';
import type { StudioQueue } from '../queue.js';
import type { StudioRouter } from './router.js';

export function queueRoutes(router: StudioRouter, { queue }: StudioContext): void {
  router.get('/queue', async (c) => c.json(await shown().look()));
  router.post('/queue/retry', async (c) => c.json({ retried: await shown().retry() } satisfies Retried));

  function shown(): StudioQueue {
    if (queue) return queue;
    throw new UsageError(say`the studio shows no queue; start it with one`, { code: 'not-found' });
  }
}
