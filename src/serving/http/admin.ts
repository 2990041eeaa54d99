/**
 * @file Operations for the server's owner only, on a separate port: loading and unloading adapters, with vLLM's field
 *   names, and metrics.
 */

import { createHash, timingSafeEqual } from 'node:crypto';
import { Hono } from 'hono';
import * as z from 'zod';
import { PromptuneError, UsageError } from '../../errors.js';
import { say } from '../../say.js';
import type { AdapterFolder } from '../../workspace/index.js';
import type { Engine } from '../engine/engine.js';
import { ApiError, apiErrorOf, modelNotFound } from './errors.js';
import type { Metrics } from './metrics.js';
import { modelObject } from './models.js';
import { fieldError, readBody } from './request-body.js';

const loadSchema = z.object({
  lora_name: z.string('expected a name').min(1, 'expected a name'),
  lora_path: z.string('expected a path in the folder of adapters'),
  load_inplace: z.boolean().nullish(),
});
const maxBodyBytes = 2 ** 16;
const unloadSchema = z.object({ lora_name: z.string('expected a name') });

export interface AdminOptions {
  readonly engine: Engine;
  readonly metrics: Metrics;
  /** Where adapters can be loaded from. */
  readonly folder: AdapterFolder | undefined;
  readonly token: string;
  readonly onError: (error: unknown) => void;
}

export function createAdminApp({ engine, metrics, folder, token, onError }: AdminOptions): Hono {
  const app = new Hono();
  const expected = digest(`Bearer ${token}`);
  app.use(async ({ req }, next) => {
    // Digests have equal lengths and are compared in constant time.
    if (!timingSafeEqual(digest(req.header('authorization') ?? ''), expected))
      throw new ApiError(401, say`the token of the administrator is needed`, {
        code: 'invalid_api_key',
        headers: { 'www-authenticate': 'Bearer' },
      });
    await next();
  });
  app.get('/metrics', () => metrics.response());
  app.get('/v1/models', (c) =>
    c.json({ object: 'list', data: [...engine.models.values()].map(modelObject) }),
  );
  app.post('/v1/load_lora_adapter', async (c) => {
    const {
      lora_name: id,
      lora_path: path,
      load_inplace: replaces,
    } = await readBody(c.req.raw, loadSchema, maxBodyBytes);
    if (engine.models.has(id) && !replaces)
      throw fieldError(
        'lora_name',
        say`there is a model ${JSON.stringify(id)} already; load_inplace replaces it`,
      );
    if (!folder) throw fieldError('lora_path', say`the server has no folder of adapters to load from`);
    await folder.load(engine, id, path).catch((error) => {
      throw error instanceof UsageError && error.code === 'not-found'
        ? fieldError('lora_path', error.message)
        : error;
    });
    return c.text(`Success: LoRA adapter '${id}' added successfully.`);
  });
  app.post('/v1/unload_lora_adapter', async (c) => {
    const { lora_name: id } = await readBody(c.req.raw, unloadSchema, maxBodyBytes);
    if (engine.models.has(id) && engine.models.get(id)!.parent === undefined)
      throw fieldError('lora_name', say`the base model stays`);
    if (!(await engine.unload(id))) throw modelNotFound(id);
    return c.text(`Success: LoRA adapter '${id}' removed successfully.`);
  });
  app.notFound((c) => {
    throw new ApiError(404, say`there is no ${c.req.method} ${c.req.path} here`);
  });
  app.onError((error, c) => {
    const { status, body, details } = adminError(error);
    if (status === 500) onError(error);
    return c.json(body, status, { ...details.headers });
  });
  return app;
}

/** The owner gets to see what is wrong with a file. */
function adminError(error: unknown): ApiError {
  const isOfAdapter = error instanceof PromptuneError && !(error instanceof UsageError);
  return isOfAdapter ? new ApiError(400, error.message) : apiErrorOf(error);
}

const digest = (text: string) => createHash('sha256').update(text).digest();
