/** @file Many small jobs for many workers: each is done, and nothing is left. */
import type { Scenario } from './place.js';
import { queueCost } from './queue-cost.js';

export const overhead: Readonly<Record<string, Scenario>> = {
  '10,000 empty jobs for 200 workers in two processes': async ({ redis }) => {
    const jobs = 10_000;
    const { done, left } = await queueCost(redis.url, { jobs, workers: 200, processes: 2 });
    return done === jobs && left === 0 ? undefined : `${done} of ${jobs} were done, and ${left} are left`;
  },
};
