/**
 * @file Which names a server answers to. A page of another site can have its own name lead to this machine (DNS
 * rebinding); what it then asks for still has that name.
 */
import type { MiddlewareHandler } from 'hono';
import { ApiError } from './errors.js';

/** Whether only this machine reaches what listens there. */
export const isLoopback = (host: string) => /^(localhost|127(\.\d+){3}|::1)$/.test(host);

export const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];

/** Answers requests with one of these names in `Host`, and no others. */
export function hostCheck(names: readonly string[]): MiddlewareHandler {
  return async ({ req }, next) => {
    const host = req.header('host') ?? '';
    const name = host.replace(/:\d*$/, '').toLowerCase();
    if (!names.includes(name))
      throw new ApiError(
        403,
        `this server does not answer to ${JSON.stringify(host)}; it has to be in allowedHosts`,
      );
    await next();
  };
}
