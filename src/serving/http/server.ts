/** @file A server on a port of this machine, and optionally its owner's on another. */
import type { Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import { optionError } from '../../errors.js';
import { say } from '../../say.js';
import { type AdapterChange, AdapterFolder } from '../../workspace/index.js';
import { createEngine, type Engine } from '../engine/engine.js';
import type { EngineOptions } from '../engine/engine-options.js';
import { createAdminApp } from './admin.js';
import { createApp, type MoreRoutes } from './app.js';
import { isLoopback, loopbackNames } from './hosts.js';
import { type ApiKey, KeyedClients } from './keys.js';
import { openKeysFile } from './keys-file.js';
import { Metrics } from './metrics.js';
import type { RequestLine, RequestObserver } from './request-record.js';

export interface ServerOptions extends EngineOptions {
  /** Default 8080; 0 takes any free port. */
  port?: number;
  /** Default 127.0.0.1: only this machine can reach it. Any other host requires keys. */
  host?: string;
  /** Who may send requests, each with a key (see `readKeysFile`). Default: anyone who can reach the server. */
  keys?: readonly ApiKey[];
  /** A file of them instead, which is read again when it changes. */
  keysFile?: string;
  /**
   * Names that requests may have in `Host` besides `localhost`, as when a proxy passes its own on. Default: none, or
   * all if `host` is not this machine's own.
   */
  allowedHosts?: readonly string[];
  /** Every run or adapter below it is served under its path; changes of its files take effect while the server runs. */
  adaptersFolder?: string;
  /** Milliseconds between two scans of `adaptersFolder`. Default 2000. */
  lookEveryMs?: number;
  /** Called with each change of an adapter in `adaptersFolder`. */
  onAdapterChange?: (change: AdapterChange) => void;
  /** A second port, for loading and unloading adapters and for metrics. Default: there is none. */
  adminPort?: number;
  /** The host of `adminPort`. Default 127.0.0.1. */
  adminHost?: string;
  /** Required by `adminPort`, as a key is by `port`. */
  adminToken?: string;
  /** Maximum bytes of a request's body. Default 1 MiB. */
  maxBodyBytes?: number;
  /**
   * Milliseconds until a stream without events gets a comment, which keeps connections open. Default 15,000; 0 sends
   * none, for clients that do not know comments.
   */
  pingMs?: number;
  /** How long `close` waits for running requests, in milliseconds. Default 30,000. */
  drainTimeoutMs?: number;
  /** Called with each finished request, without its text. */
  onRequest?: (line: RequestLine) => void;
  /** Called with errors that are not a client's fault. */
  onError?: (error: unknown) => void;
}

export interface Server {
  readonly engine: Engine;
  /** The address, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** The address of the owner's port, if there is one. */
  readonly adminUrl?: string;
  /** Accepts no more requests, finishes those that are running, and frees the model. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Readers who have stopped reading keep at most this many times the tokens of one request in memory. */
const maxConnections = 1024;

/** Paths that machines poll. */
const unlogged = ['/health', '/ready', '/metrics'];

/**
 * Loads a model and serves OpenAI's API until it is closed.
 * @throws UsageError if the port is not available, or if anyone could reach the server; and the errors of
 *   `createEngine`
 */
export async function createServer(options: ServerOptions): Promise<Server> {
  return createServerWith(options);
}

/** What else a server does on its port. */
export interface ServerExtension extends MoreRoutes {
  /** Told of every request. */
  readonly observer: RequestObserver;
  /** Called before the engine is disposed of. */
  close(): Promise<void>;
}

/**
 * `createServer` with more routes on its port.
 * @param extend makes them, once the engine is ready
 */
export async function createServerWith(
  options: ServerOptions,
  extend?: (engine: Engine, folder: AdapterFolder | undefined) => Promise<ServerExtension>,
): Promise<Server> {
  const {
    port = 8080,
    host = '127.0.0.1',
    keys,
    keysFile,
    adminPort,
    adminHost = '127.0.0.1',
    adminToken,
    onRequest,
    onError = () => {},
  } = options;
  if (!isLoopback(host) && !keys && keysFile === undefined)
    throw optionError(
      'host',
      say`whoever reaches ${host} could use the model; give keys, or listen on 127.0.0.1`,
    );
  if (adminPort !== undefined && !adminToken)
    throw optionError('adminPort', say`whoever reaches it could change what is served; give adminToken`);
  if (keys && keysFile !== undefined) throw optionError('keysFile', say`give either keys or a file of them`);
  const lookEveryMs = options.lookEveryMs ?? 2000;
  const openedKeys = keysFile === undefined ? undefined : await openKeysFile(keysFile, lookEveryMs, onError);
  const clients = keys ? new KeyedClients(keys) : openedKeys?.clients;
  const { engine, folder } = await createServedEngine(options).catch((error) => {
    openedKeys?.close();
    throw error;
  });
  const more = await extend?.(engine, folder).catch(async (error) => {
    openedKeys?.close();
    await engine.dispose();
    throw error;
  });
  const metrics = new Metrics(engine);
  const log: RequestObserver = {
    ended(record) {
      if (!unlogged.includes(record.path)) onRequest?.(record.line());
    },
  };
  let isReady = true;
  const app = createApp({
    engine,
    more,
    observers: [metrics, log, ...(more ? [more.observer] : [])],
    isReady: () => isReady,
    allowedHosts: allowedHostsOf(host, options.allowedHosts),
    maxBodyBytes: options.maxBodyBytes,
    pingMs: options.pingMs,
    onError,
    // Model names are visible only to those who may use them: with keys, metrics are on the owner's port.
    ...(clients ? { clients } : { metrics }),
  });
  const listeners: Listener[] = [];
  const stop = async () => {
    openedKeys?.close();
    await more?.close();
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
  folder?.watch(engine, lookEveryMs);
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

/** The engine, with the adapters of the folder if there is one. */
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

/** A port that only this machine can reach could still be reached by another site's page, under its own name. */
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
  // Longer than proxies keep connections, which would otherwise send requests into one that is closing.
  http.keepAliveTimeout = 75_000;
  http.maxConnections = maxConnections;
  await new Promise<void>((resolve, reject) => {
    http.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? say`another program has it` : cause.message;
      reject(
        optionError(option, say`port ${port} of ${host} cannot be listened on: ${why}`, {
          code: 'unavailable',
          cause,
        }),
      );
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
      http.closeAllConnections(); // those of clients that do not read their responses
      await closed;
    },
  };
}

const timeout = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());
