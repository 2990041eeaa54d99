/** @file A language model behind an OpenAI-compatible service: one message there, one answer back. */
import { optionError, PromptuneError } from '../errors.js';
import { say } from '../say.js';
import { keepSecret } from '../secrets.js';

export interface ChatEndpointOptions {
  /** Base URL of `/chat/completions`, such as http://localhost:11434/v1. */
  url: string;
  /** Name of the model at the service. */
  model: string;
  apiKey?: string;
  temperature?: number;
  /** Timeout of one attempt. Default 120. */
  timeoutSeconds?: number;
  /** Seconds before the second attempt, doubled for each further one. Default 1. */
  backoffSeconds?: number;
  signal?: AbortSignal;
}

/** Attempts if a service is busy, fails or cannot be reached. */
const maxAttempts = 5;

/** Longest wait that a busy service may ask for, in seconds. Beyond that, an error is more helpful. */
const longestWait = 60;

/**
 * Creates a function that asks the model. It retries if the service is busy (HTTP 429), fails (5xx), times out or
 * cannot be reached.
 * @throws UsageError for an invalid address; the function throws a PromptuneError with the service's answer
 */
export function createChatEndpoint(options: ChatEndpointOptions): (message: string) => Promise<string> {
  const { model, apiKey, temperature, timeoutSeconds = 120, backoffSeconds = 1, signal } = options;
  const address = addressOf(options.url);
  const shown = shownAddress(address);
  for (const secret of [apiKey, ...new URL(address).searchParams.values()]) keepSecret(secret);
  if (apiKey && !/^[\x21-\x7e]+$/.test(apiKey))
    throw optionError('apiKey', say`it has a space, a line break or another character that no key has`);
  const headers = {
    'content-type': 'application/json',
    ...(apiKey && { authorization: `Bearer ${apiKey}` }),
  };

  async function attempt(message: string): Promise<Answer> {
    const timeout = AbortSignal.timeout(timeoutSeconds * 1000);
    const body = JSON.stringify({ model, messages: [{ role: 'user', content: message }], temperature });
    try {
      const response = await fetch(address, {
        method: 'POST',
        headers,
        body,
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      const text = await response.text();
      if (response.ok) return { content: contentOf(text, shown) };
      const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
      return {
        problem: `HTTP status ${response.status}${detailIn(text)}`,
        status: response.status,
        retryAfter,
      };
    } catch (error) {
      if (signal?.aborted || error instanceof PromptuneError) throw error;
      if (timeout.aborted) return { problem: say`no answer within ${timeoutSeconds} s` };
      if (!(error instanceof TypeError)) throw error;
      const cause = error.cause instanceof Error ? error.cause.message : error.message;
      return { problem: say`it could not be reached (${cause})` };
    }
  }

  return async (message) => {
    for (let attempts = 1; ; attempts++) {
      const answer = await attempt(message);
      if ('content' in answer) return answer.content;
      const { problem, status, retryAfter } = answer;
      const mayPass = status === undefined || status === 408 || status === 429 || status >= 500;
      if (!mayPass || attempts === maxAttempts)
        throw new PromptuneError(`${shown}: ${problem}${advice(status, attempts)}`, {
          code: 'unavailable',
        });
      const seconds =
        retryAfter !== undefined && retryAfter >= 0 ? retryAfter : backoffSeconds * 2 ** (attempts - 1);
      if (seconds > longestWait)
        throw new PromptuneError(say`${shown}: ${problem}; it asks to wait ${seconds} s: try again then`, {
          code: 'unavailable',
        });
      await wait(seconds * 1000, signal);
    }
  };
}

/** @throws the signal's reason, once it is aborted */
async function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

type Answer = { content: string } | { problem: string; status?: number; retryAfter?: number };

function addressOf(url: string): string {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    throw optionError('endpoint', say`expected an address such as http://localhost:11434/v1, got "${url}"`);
  const address = new URL(url);
  if (address.username || address.password)
    throw optionError('endpoint', say`the address contains a password; pass the key as apiKey`);
  const path = address.pathname.replace(/\/+$/, '');
  address.pathname = path.endsWith('/chat/completions') ? path : `${path}/chat/completions`;
  return address.href;
}

/** An address to be shown or noted: without its query, which may hold a key under any name. */
export function shownAddress(url: string): string {
  const { origin, pathname, search } = new URL(url);
  return `${origin}${pathname}${search && '?…'}`;
}

function advice(status: number | undefined, attempts: number): string {
  if (status === 401 || status === 403) return say`; check the key for this service`;
  if (status === 404) return say`; check the address and the name of the model`;
  return attempts > 1 ? say` (${attempts} attempts); try again later` : '';
}

/** The service's error message in one line: `{"error": {"message": …}}`, or any other text. */
function detailIn(body: string): string {
  let message: unknown = body;
  try {
    const { error } = JSON.parse(body);
    message = error?.message ?? error ?? body;
  } catch {}
  const line = beginning(String(message));
  return line === '' ? '' : `: ${line}`;
}

function contentOf(body: string, address: string): string {
  let content: unknown;
  try {
    content = JSON.parse(body).choices[0].message.content;
  } catch {}
  if (typeof content === 'string') return content;
  const expected = say`expected JSON with choices[0].message.content, as of an OpenAI-compatible service`;
  throw new PromptuneError(say`${address}: ${expected}, got ${JSON.stringify(beginning(body))}`, {
    code: 'unavailable',
  });
}

/** The start of external text, safe to print. */
export function beginning(text: string): string {
  return text
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, 200);
}
