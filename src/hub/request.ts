/** @file Requests to the Hub, with the user's token, and what its refusals mean. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { huggingFaceHome } from './cache.js';

/** The Hub answered, but not with what it was asked for. */
export class HubResponseError extends Error {
  override readonly name = 'HubResponseError';

  constructor(
    readonly status: number,
    /** The Hub's own name of the error, such as GatedRepo or RevisionNotFound. */
    readonly code: string | undefined,
  ) {
    super(`HTTP status ${status}${code ? ` (${code})` : ''}`);
  }
}

/** Where a model is fetched from, and as whom. */
export interface Hub {
  /** Without a slash at its end. */
  readonly endpoint: string;
  readonly hasToken: boolean;
  /** @throws HubResponseError where the status is not 2xx, TypeError where the connection fails */
  readonly request: typeof fetch;
}

export async function connectHub(options: {
  endpoint?: string;
  token?: string;
  signal?: AbortSignal;
}): Promise<Hub> {
  const address = options.endpoint || process.env.HF_ENDPOINT || 'https://huggingface.co';
  const endpoint = address.replace(/\/+$/, '');
  const token = options.token || process.env.HF_TOKEN || (await storedToken());
  const request: typeof fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const headers = new Headers(init?.headers);
    // The Hub's answers hold further addresses, and the token is for the Hub alone. On a redirect elsewhere `fetch` drops it.
    if (token && url.origin === new URL(endpoint).origin) headers.set('authorization', `Bearer ${token}`);
    const response = await fetch(url, { ...init, headers, signal: options.signal });
    if (response.ok) return response;
    await response.body?.cancel();
    throw new HubResponseError(response.status, response.headers.get('x-error-code') ?? undefined);
  };
  return { endpoint, hasToken: token !== undefined, request };
}

/** The token that `hf auth login` leaves. */
async function storedToken(): Promise<string | undefined> {
  const token = await readFile(join(huggingFaceHome(), 'token'), 'utf8').catch(() => '');
  return token.trim() || undefined;
}
