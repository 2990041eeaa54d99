/** @file This tab, without a server: promptune/browser in a worker. */
import { type Backend, BackendError } from './backend.js';

export function openTab(): Promise<Backend> {
  return Promise.reject(new BackendError('there is no server, and this page cannot learn by itself yet'));
}
