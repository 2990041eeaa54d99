/**
 * @file Reports of `eval`, `compare` and others in the folder. A report is shown in a frame, which can send no key, so
 *   its address says that whoever has it may read it; in there it may run nothing and load nothing.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { lossMetrics, metrics } from '../../evaluation/metrics/registry.js';
import { reportTitle } from '../../evaluation/report/html.js';
import { say } from '../../say.js';
import { ApiError } from '../../serving/http/errors.js';
import {
  type Job,
  type Metrics,
  newBenchmarkSchema,
  newComparisonSchema,
  newEvaluationSchema,
  type Reports,
} from '../api/index.js';
import type { StudioContext } from '../context.js';
import { benchmarkJobOf, compareJobOf, evaluateJobOf, type ReportRequest } from '../report-request.js';
import { bodyOf, type StudioRouter } from './router.js';

const headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

/** Makes addresses of this process. */
const secret = randomBytes(32);
const tokenOf = (id: string) => createHmac('sha256', secret).update(id).digest('base64url');

export function reportsRoutes(router: StudioRouter, context: StudioContext): void {
  const { folder, jobs } = context;
  router.get('/reports', async (c) => {
    const reports: Reports['reports'] = [];
    for (const path of await pagesBelow(folder.path)) {
      const id = folder.nameOf(path);
      const title = reportTitle(await beginningOf(path));
      if (title === undefined) continue;
      const changed = (await stat(path)).mtime.toISOString();
      const address = `/studio/report/${encodeURIComponent(id)}?token=${tokenOf(id)}`;
      reports.push({ id, title, changed, address });
    }
    return c.json({ reports: reports.sort((a, b) => b.changed.localeCompare(a.changed)) });
  });
  router.get('/metrics', (c) => c.json(scored));
  router.post('/reports/evaluate', async (c) => {
    const request = await bodyOf(c, newEvaluationSchema);
    return c.json(await started(request.name, await evaluateJobOf(request, context)));
  });
  router.post('/reports/compare', async (c) => {
    const request = await bodyOf(c, newComparisonSchema);
    return c.json(await started(request.name, await compareJobOf(request, context)));
  });
  router.post('/reports/benchmark', async (c) => {
    const request = await bodyOf(c, newBenchmarkSchema);
    return c.json(await started(request.name, await benchmarkJobOf(request, context)));
  });

  const started = (name: string, { job, report }: ReportRequest): Promise<Job> =>
    jobs.add({ name, report }, job);
}

/** What answers can be scored by: metrics of the data first. */
const scored: Metrics = {
  metrics: [
    ...lossMetrics.map((name) => ({ name, needs: 'data' as const, better: 'lower' as const })),
    ...metrics.map(({ name, needs, better }) => ({ name, needs, better })),
  ],
};

/** The addresses that `GET reports` tells. They need no key. */
export function reportPages(app: StudioRouter, { folder }: StudioContext): void {
  app.get('/studio/report/:id', async (c) => {
    const id = c.req.param('id');
    const [given, expected] = [c.req.query('token') ?? '', tokenOf(id)].map((text) => Buffer.from(text));
    const isKnown = given!.length === expected!.length && timingSafeEqual(given!, expected!);
    const path = isKnown ? await folder.existing(id).catch(() => undefined) : undefined;
    const text = path === undefined ? undefined : await readFile(path, 'utf8');
    if (text === undefined || reportTitle(text) === undefined)
      throw new ApiError(404, say`there is no such report, or the server has started anew; open it again`);
    return new Response(folder.named(text), { headers });
  });
}

/** Enough of a page for its title. */
const beginning = 4096;

async function beginningOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(beginning), 0, beginning, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Links are not followed. */
async function pagesBelow(folder: string): Promise<string[]> {
  const pages: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) pages.push(...(await pagesBelow(path)));
    else if (entry.isFile() && entry.name.endsWith('.html')) pages.push(path);
  }
  return pages;
}
