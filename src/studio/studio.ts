/** @file The studio: a server with a page, over the runs and adapters of a folder. */
import { Hono } from 'hono';
import type { Variables } from '../serving/http/app.js';
import { createServerWith, type Server, type ServerOptions } from '../serving/http/server.js';
import { apiPath } from './api.js';
import type { StudioContext } from './context.js';
import { StudioFolder } from './folder.js';
import { pageRoutes } from './page.js';
import { aboutRoutes } from './routes/about.js';
import { methodsRoutes } from './routes/methods.js';
import { createRouter } from './routes/router.js';
import { runsRoutes } from './routes/runs.js';

export interface StudioOptions
  extends Omit<ServerOptions, 'adapters' | 'adaptersFolder' | 'adminPort' | 'adminHost' | 'adminToken'> {
  /** Where runs and adapters are. It is created if it is missing. */
  folder: string;
  /** What jobs call the model: a folder, or a name of the Hub. Default: the model's name. */
  modelName?: string;
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
    folder: path,
    page,
    onError = () => {},
    model,
    tokenizer,
    device = 'cpu',
    keys,
    keysFile,
  } = options;
  const folder = await StudioFolder.open(path);
  let url = '';
  const server = await createServerWith({ ...options, adaptersFolder: folder.given }, async (engine) => {
    const context: StudioContext = {
      ...{ model, tokenizer, engine, folder, device },
      modelName: options.modelName ?? model.name,
      address: () => url,
      needsKey: keys !== undefined || keysFile !== undefined,
    };
    const router = createRouter(onError);
    for (const routes of [aboutRoutes, methodsRoutes, runsRoutes]) routes(router, context);
    const keyed = new Hono<{ Variables: Variables }>();
    keyed.route(apiPath, router);
    return { open: pageRoutes(page), keyed, observer: {}, async close() {} };
  });
  url = server.url;
  return { ...server, pageUrl: `${url}/studio/` };
}
