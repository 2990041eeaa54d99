/**
 * @file The host names that a server accepts. Another site's page can make its own name resolve to this machine (DNS
 *   rebinding); its requests still carry that name.
 */

import type { MiddlewareHandler } from 'hono';
import { say } from '../../say.js';
import { ApiError } from './errors.js';

/** Whether a server on this host can be reached from this machine only. */
export const isLoopback = (host: string) => /^(localhost|127(\.\d+){3}|::1)$/.test(host);

export const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];

/** Accepts only requests with one of these names in `Host`. */
export function hostCheck(names: readonly string[]): MiddlewareHandler {
  return async ({ req }, next) => {
    const host = req.header('host') ?? '';
    const name = host.replace(/:\d*$/, '').toLowerCase();
    if (!names.includes(name))
      throw new ApiError(
        403,
        say`this server does not answer to ${JSON.stringify(host)}; it has to be in allowedHosts`,
      );
    await next();
  };
}
