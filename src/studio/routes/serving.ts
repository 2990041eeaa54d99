/** @file What the server does now. */
import type { Serving } from '../api/index.js';
import type { StudioContext } from '../context.js';
import type { StudioRouter } from './router.js';

export function servingRoutes(router: StudioRouter, { engine, traffic }: StudioContext): void {
  router.get('/serving', (c) => {
    const { running, waiting, cacheUse, finished, cancelled, failed, rejected, ...stats } = engine.stats();
    const { since, requests, promptTokens, newTokens, models } = traffic;
    const answer: Serving = {
      since: since.toISOString(),
      ...{ running, waiting, cacheUse },
      totals: { requests, promptTokens, newTokens, finished, cancelled, failed, rejected },
      history: traffic.history(),
      models: [...models].map(([id, counts]) => ({
        id,
        isRunning: stats.runningAdapters.includes(id),
        isWaiting: stats.waitingAdapters.includes(id),
        ...counts,
      })),
    };
    return c.json(answer);
  });
}
