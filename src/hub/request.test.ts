import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../errors.js';
import { connectHub } from './request.js';

const messageOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error: Error) => `${error instanceof UsageError} ${error.message} ${error.stack}`,
  );

describe('secrets of a connection to the Hub', () => {
  it.each(['hf_SECRET12\nx', 'hf_SECRET12 x', 'hf_SECRET12\u20ac'])(
    'a token %j that none can be is not shown',
    async (token) => {
      const message = await messageOf(connectHub({ token }));
      expect(message).toContain(
        'true token (HF_TOKEN): it contains a space, a line break or another invalid character',
      );
      expect(message).not.toContain('SECRET');
    },
  );

  it.each(['http://anna:SECRET12@host', 'https://SECRET12@host/x', 'ftp://anna:SECRET12@host'])(
    'a password in the address %s is not shown',
    async (endpoint) => {
      const message = await messageOf(connectHub({ endpoint }));
      expect(message).toContain('true endpoint (HF_ENDPOINT): expected an address');
      expect(message).not.toContain('SECRET');
    },
  );

  it('a token that the server repeats is not shown', async () => {
    const server = createServer((request, response) => {
      const reason = `${request.headers.authorization} is not welcome`;
      response.writeHead(403, { 'x-error-message': reason }).end();
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const hub = await connectHub({ endpoint, token: 'plain-SECRET12' });
    const message = await messageOf(hub.request(`${endpoint}/x`));
    expect(message).toContain('HTTP status 403 (Bearer … is not welcome)');
    expect(message).not.toContain('SECRET');
    server.close();
  });
});
