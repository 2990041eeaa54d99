/** @file A server on a port of this machine. */

import type { Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { optionError } from '../../errors.js';
import { createEngine, type Engine, type EngineOptions } from '../engine/engine.js';
import { createApp } from './app.js';

export interface ServerOptions extends EngineOptions {
  /** Default 8080; 0 takes any that is free. */
  port?: number;
  /** Default 127.0.0.1: this machine alone can reach it. */
  host?: string;
  /** Told of errors that are not a client's fault. Default: nobody is. */
  onError?: (error: unknown) => void;
}

export interface Server {
  readonly engine: Engine;
  /** Where it listens, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Takes no more requests, finishes those that it has, and frees the model. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Loads a model and answers requests in the words of OpenAI's API, until it is closed.
 * @throws UsageError where the port cannot be had; what `createEngine` throws
 */
export async function createServer({
  port = 8080,
  host = '127.0.0.1',
  onError,
  ...options
}: ServerOptions): Promise<Server> {
  const engine = await createEngine(options);
  const { fetch } = createApp({ engine, onError });
  const http = createAdaptorServer({ fetch, overrideGlobalObjects: false }) as HttpServer;
  try {
    await listen(http, port, host);
  } catch (error) {
    await engine.dispose();
    throw error;
  }
  const { address, family, port: taken } = http.address() as AddressInfo;
  const close = async () => {
    const closed = new Promise<void>((resolve) => http.close(() => resolve()));
    await engine.drain();
    http.closeIdleConnections();
    await closed;
    await engine.dispose();
  };
  const server: Server = {
    engine,
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`,
    close,
    [Symbol.asyncDispose]: close,
  };
  return server;
}

function listen(http: HttpServer, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'another program has it' : cause.message;
      reject(optionError('port', `port ${port} of ${host} cannot be listened on: ${why}`, { cause }));
    });
    http.listen(port, host, resolve);
  });
}
