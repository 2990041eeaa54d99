/** @file The studio: a server with a page, over the runs and adapters of a folder. */
import { join } from 'node:path';
import { Hono } from 'hono';
import type { Engine } from '../serving/engine/engine.js';
import type { Variables } from '../serving/http/app.js';
import {
  createServerWith,
  type Server,
  type ServerExtension,
  type ServerOptions,
} from '../serving/http/server.js';
import type { AdapterChange, AdapterFolder } from '../workspace/index.js';
import { AdapterChanges } from './adapter-changes.js';
import { apiPath } from './api/index.js';
import type { StudioContext } from './context.js';
import { ownFolder, StudioFolder } from './folder.js';
import { Jobs } from './jobs.js';
import { type ServedModelSource, StudioModels } from './models.js';
import { pageRoutes } from './page.js';
import { StudioQueue } from './queue.js';
import { aboutRoutes } from './routes/about.js';
import { adaptersRoutes } from './routes/adapters.js';
import { dataRoutes } from './routes/data.js';
import { jobsRoutes } from './routes/jobs.js';
import { methodsRoutes } from './routes/methods.js';
import { queueRoutes } from './routes/queue.js';
import { reportPages, reportsRoutes } from './routes/reports.js';
import { createRouter } from './routes/router.js';
import { runsRoutes } from './routes/runs.js';
import { servingRoutes } from './routes/serving.js';
import { Traffic } from './traffic.js';

export interface StudioOptions
  extends Omit<ServerOptions, 'adapters' | 'adaptersFolder' | 'adminPort' | 'adminHost' | 'adminToken'> {
  /** Where runs and adapters are. It is created if it is missing. */
  folder: string;
  /** How jobs open the model: its name or folder, and how it was opened here. Default: by the model's name. */
  source?: ServedModelSource;
  /** Downloads no data sets of the Hub. Default: by HF_HUB_OFFLINE. */
  offline?: boolean;
  /** A queue of works to show: `redis://…`. Default: that of PROMPTUNE_QUEUE, if it is set. */
  queue?: string;
  /** The folder of the built page. Default: that of the package. */
  page?: string;
}

export interface Studio extends Omit<Server, 'adminUrl'> {
  /** The page's address, such as `http://127.0.0.1:8080/studio/`. */
  readonly pageUrl: string;
}

/**
 * Serves a model with the adapters of a folder, as `createServer` does, and the studio's page and jobs on the same
 * port.
 * @throws what `createServer` throws
 */
export async function createStudio(options: StudioOptions): Promise<Studio> {
  const {
    page,
    onError = () => {},
    model,
    tokenizer,
    device = 'cpu',
    threads,
    offline,
    keys,
    keysFile,
    queue: queueUrl = process.env.PROMPTUNE_QUEUE,
  } = options;
  const folder = await StudioFolder.open(options.folder);
  const changes = new AdapterChanges();
  const traffic = new Traffic();
  let url = '';
  const extend = async (engine: Engine, adapters: AdapterFolder | undefined): Promise<ServerExtension> => {
    // A change of files counts once two looks at them agree.
    const serveNew = async () => {
      for (let look = 0; look < 2; look++) await adapters?.look(engine);
    };
    const worded = (message: string) => folder.named(message);
    const jobs = await Jobs.open(join(folder.path, ownFolder, 'jobs'), {
      onUsable: serveNew,
      worded,
      onError,
    });
    const queue = queueUrl ? new StudioQueue(queueUrl) : undefined;
    const context: StudioContext = {
      ...{ model, tokenizer, engine, folder, jobs, changes, traffic, queue, device, threads, offline },
      models: new StudioModels(options.source ?? { name: model.name }, { model, tokenizer }),
      address: () => url,
      needsKey: keys !== undefined || keysFile !== undefined,
    };
    const router = createRouter({ worded, onError });
    for (const routes of resources) routes(router, context);
    const keyed = new Hono<{ Variables: Variables }>();
    keyed.route(apiPath, router);
    const open = pageRoutes(page);
    reportPages(open, context);
    const close = async () => {
      await queue?.close();
      await jobs.close();
    };
    return { open, keyed, observer: traffic, close };
  };
  const onAdapterChange = (change: AdapterChange) => {
    changes.see(change);
    options.onAdapterChange?.(change);
  };
  const server = await createServerWith({ ...options, adaptersFolder: folder.path, onAdapterChange }, extend);
  url = server.url;
  return { ...server, pageUrl: `${url}/studio/` };
}

const resources = [
  ...[aboutRoutes, methodsRoutes, dataRoutes, jobsRoutes],
  ...[runsRoutes, reportsRoutes, adaptersRoutes, servingRoutes, queueRoutes],
];
