/** @file A server on a port of this machine, and its owner's on another. */
import type { Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import { optionError } from '../../errors.js';
import { type AdapterChange, AdapterFolder } from '../../workspace/index.js';
import { createEngine, type Engine, type EngineOptions } from '../engine/engine.js';
import { createAdminApp } from './admin.js';
import { createApp } from './app.js';
import { isLoopback, loopbackNames } from './hosts.js';
import { type ApiKey, clientsOf } from './keys.js';
import { Metrics } from './metrics.js';
import type { RequestLine, RequestObserver } from './request-record.js';

export interface ServerOptions extends EngineOptions {
  /** Default 8080; 0 takes any that is free. */
  port?: number;
  /** Default 127.0.0.1: this machine alone can reach it. Another one needs `keys`. */
  host?: string;
  /** Who may ask, each with a key (see `readKeysFile`). Default: whoever reaches the server. */
  keys?: readonly ApiKey[];
  /**
   * Names besides `localhost` under which the server is reached, where a proxy passes them on: requests with another
   * `Host` are refused. Default: none; with another `host` than this machine's own, all.
   */
  allowedHosts?: readonly string[];
  /** Every run or adapter below it is served under its path, and comes, changes and goes with its files. */
  adaptersFolder?: string;
  /** Milliseconds between two looks at `adaptersFolder`. Default 2000. */
  lookEveryMs?: number;
  /** Told of adapters of `adaptersFolder`. Default: nobody is. */
  onAdapterChange?: (change: AdapterChange) => void;
  /** A second port, which loads and unloads adapters and shows metrics. Default: there is none. */
  adminPort?: number;
  /** Where it can be reached. Default 127.0.0.1. */
  adminHost?: string;
  /** What has to be sent to `adminPort`, as a key is to `port`. */
  adminToken?: string;
  /** Most bytes of a request's body. Default 1 MiB. */
  maxBodyBytes?: number;
  /** How long `close` waits for requests that are under way, in milliseconds. Default 30,000. */
  drainTimeoutMs?: number;
  /** Told of every request that is over, without its text. Default: nobody is. */
  onRequest?: (line: RequestLine) => void;
  /** Told of errors that are not a client's fault. Default: nobody is. */
  onError?: (error: unknown) => void;
}

export interface Server {
  readonly engine: Engine;
  /** Where it listens, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Where its owner's port listens, if there is one. */
  readonly adminUrl?: string;
  /** Takes no more requests, finishes those that it has, and frees the model. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What readers who have stopped reading keep in memory is at most this times the tokens of a request. */
const maxConnections = 1024;

/** Paths that machines ask for all the time. */
const unlogged = ['/health', '/ready', '/metrics'];

/**
 * Loads a model and answers requests in the words of OpenAI's API, until it is closed.
 * @throws UsageError where the port cannot be had, or where everybody could reach it; what `createEngine` throws
 */
export async function createServer(options: ServerOptions): Promise<Server> {
  const {
    port = 8080,
    host = '127.0.0.1',
    keys,
    adminPort,
    adminHost = '127.0.0.1',
    adminToken,
    onRequest,
    onError = () => {},
  } = options;
  if (!isLoopback(host) && !keys)
    throw optionError(
      'host',
      `whoever reaches ${host} could use the model; give keys, or listen on 127.0.0.1`,
    );
  if (adminPort !== undefined && !adminToken)
    throw optionError('adminPort', 'whoever reaches it could change what is served; give adminToken');
  const { engine, folder } = await createServedEngine(options);
  const metrics = new Metrics(engine);
  const log: RequestObserver = {
    ended(record) {
      if (!unlogged.includes(record.path)) onRequest?.(record.line());
    },
  };
  let isReady = true;
  const app = createApp({
    engine,
    observers: [metrics, log],
    isReady: () => isReady,
    allowedHosts: allowedHostsOf(host, options.allowedHosts),
    maxBodyBytes: options.maxBodyBytes,
    onError,
    // Names of models are for those who may see them: with keys, metrics are the owner's.
    ...(keys ? { clients: clientsOf(keys) } : { metrics }),
  });
  const listeners: Listener[] = [];
  const stop = async () => {
    await folder?.close();
    await engine.dispose();
    await Promise.all(listeners.map((listener) => listener.close()));
  };
  try {
    listeners.push(await listen(app, port, host, 'port'));
    if (adminPort !== undefined) {
      const adminApp = createAdminApp({ engine, metrics, folder, token: adminToken!, onError });
      listeners.push(await listen(adminApp, adminPort, adminHost, 'adminPort'));
    }
  } catch (error) {
    await stop();
    throw error;
  }
  folder?.watch(engine, options.lookEveryMs ?? 2000);
  const close = async () => {
    isReady = false;
    await Promise.race([engine.drain(), timeout(options.drainTimeoutMs ?? 30_000)]);
    await stop();
  };
  const [main, owners] = listeners;
  return {
    ...{ engine, url: main!.url, close, [Symbol.asyncDispose]: close },
    ...(owners && { adminUrl: owners.url }),
  };
}

/** The engine with the adapters of the folder, if there is one. */
async function createServedEngine(
  options: ServerOptions,
): Promise<{ engine: Engine; folder: AdapterFolder | undefined }> {
  const { adaptersFolder, model, adapters, onRefused, onAdapterChange = () => {} } = options;
  if (adaptersFolder === undefined) return { engine: await createEngine(options), folder: undefined };
  const folder = new AdapterFolder(adaptersFolder, model, onAdapterChange);
  const found = await folder.open();
  const engine = await createEngine({
    ...options,
    adapters: { ...found, ...adapters },
    onRefused(id, error) {
      if (!adapters || !Object.hasOwn(adapters, id)) onAdapterChange({ id, change: 'refused', error });
      else if (onRefused) onRefused(id, error);
      else throw error;
    },
  });
  return { engine, folder };
}

/** Where this machine alone gets to, a page of another site can as well, under its own name. */
function allowedHostsOf(host: string, more: readonly string[] | undefined): readonly string[] | undefined {
  const names = (more ?? []).map((name) => name.toLowerCase());
  if (isLoopback(host)) return [...loopbackNames, host, ...names];
  return more && [...loopbackNames, host, ...names];
}

interface Listener {
  readonly url: string;
  close(): Promise<void>;
}

async function listen<Env extends object>(
  { fetch }: Hono<Env>,
  port: number,
  host: string,
  option: string,
): Promise<Listener> {
  const http = createAdaptorServer({ fetch, overrideGlobalObjects: false }) as HttpServer;
  // Longer than the proxies' own, which would otherwise send requests into a connection that is just being closed.
  http.keepAliveTimeout = 75_000;
  http.maxConnections = maxConnections;
  await new Promise<void>((resolve, reject) => {
    http.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'another program has it' : cause.message;
      reject(optionError(option, `port ${port} of ${host} cannot be listened on: ${why}`, { cause }));
    });
    http.listen(port, host, resolve);
  });
  const { address, family, port: taken } = http.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`,
    async close() {
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      http.closeIdleConnections();
      await Promise.race([closed, timeout(1000)]);
      http.closeAllConnections(); // of those who do not read what they were sent
      await closed;
    },
  };
}

const timeout = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());
