/** @file Requests to the Hub with the user's token, and the meaning of its errors. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../errors.js';
import { say } from '../say.js';
import { keepSecret, withoutSecrets } from '../secrets.js';
import { huggingFaceHome } from './cache.js';

const publicHub = 'https://huggingface.co';

/** The Hub answered with an error or something unexpected. */
export class HubResponseError extends Error {
  override readonly name = 'HubResponseError';

  constructor(
    problem: string,
    readonly status?: number,
    /** The Hub's own name of the error, such as GatedRepo or RevisionNotFound. */
    readonly code?: string,
  ) {
    super(withoutSecrets(problem));
  }
}

/** `fetch` reports whatever happens to a connection as a TypeError with a cause. */
export function isConnectionError(error: unknown): error is TypeError {
  return error instanceof TypeError && error.cause instanceof Error;
}

/** The address from which models are fetched, and the user. */
export interface Hub {
  /** Without a trailing slash. */
  readonly endpoint: string;
  readonly hasToken: boolean;
  /** @throws HubResponseError if the status is not 2xx; what `isConnectionError` knows */
  readonly request: typeof fetch;
}

/**
 * The Hub's address, without a trailing slash.
 * @throws UsageError if it is not an address, or holds a password
 */
export function hubEndpoint(options: { endpoint?: string }): string {
  const address = options.endpoint || process.env.HF_ENDPOINT || publicHub;
  const endpoint = address.replace(/\/+$/, '');
  if (!/^https?:\/\//.test(endpoint) || !URL.canParse(endpoint))
    throw new UsageError(
      say`endpoint (HF_ENDPOINT): expected an address such as ${publicHub}, got "${address}"`,
    );
  const { username, password } = new URL(endpoint);
  if (username || password)
    throw new UsageError(
      say`endpoint (HF_ENDPOINT): expected an address without a password; give a token by HF_TOKEN`,
    );
  return endpoint;
}

export async function connectHub(options: {
  endpoint?: string;
  token?: string;
  signal?: AbortSignal;
}): Promise<Hub> {
  const endpoint = hubEndpoint(options);
  const token = (options.token || process.env.HF_TOKEN || (await storedToken()))?.trim();
  keepSecret(token);
  if (token && !/^[\x21-\x7e]+$/.test(token))
    throw new UsageError(
      say`token (HF_TOKEN): it contains a space, a line break or another invalid character`,
    );
  const request: typeof fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const headers = new Headers(init?.headers);
    // The Hub's responses contain further addresses, but the token is only for the Hub. On a redirect elsewhere `fetch`
    // drops it.
    if (token && url.origin === new URL(endpoint).origin) headers.set('authorization', `Bearer ${token}`);
    const response = await fetch(url, { ...init, headers, signal: options.signal });
    if (response.ok) return response;
    await response.body?.cancel();
    const code = response.headers.get('x-error-code') ?? undefined;
    const reason = code ?? response.headers.get('x-error-message');
    const problem = `HTTP status ${response.status}${reason ? ` (${reason})` : ''}`;
    throw new HubResponseError(problem, response.status, code);
  };
  return { endpoint, hasToken: Boolean(token), request };
}

/** The token that `hf auth login` leaves. */
async function storedToken(): Promise<string | undefined> {
  const token = await readFile(join(huggingFaceHome(), 'token'), 'utf8').catch(() => '');
  return token || undefined;
}
