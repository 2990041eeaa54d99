/**
 * @file A file of API keys: who may send requests, to which models, and how many. It contains only hashes of the keys,
 *   so it is not a secret.
 */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { FileError } from '../../errors.js';
import { readJsonObject } from '../../formats/json.js';
import type { Client, Clients } from './clients.js';
import { ApiError } from './errors.js';

const limit = z.int('expected an integer from 1').min(1, 'expected an integer from 1').optional();

export const apiKeySchema = z.strictObject({
  name: z
    .string('expected a name')
    .regex(/^[\w.@-]+$/, 'expected letters, digits and . _ - @')
    .describe('who has the key, for the log'),
  sha256: z
    .string('expected the SHA-256 of the key')
    .regex(/^[0-9a-f]{64}$/, 'expected the SHA-256 of the key, 64 hexadecimal digits')
    .describe('the SHA-256 of the key, in hexadecimal digits'),
  models: z
    .array(z.string('expected the id of a model'), 'expected a list of ids of models')
    .default(['*'])
    .describe('the models that exist for it; * at the end of one stands for any rest'),
  requestsPerMinute: limit.describe('most requests in a minute (default: any number)'),
  maxConcurrent: limit.describe('most requests at once (default: any number)'),
});

export const keysFileSchema = z.strictObject({
  keys: z.array(apiKeySchema, 'expected a list of keys').min(1, 'expected at least one key'),
});

/** A key, with the models that its owner can see and its limits. */
export type ApiKey = z.output<typeof apiKeySchema>;

/** @throws FileError for a file that cannot be read or is invalid */
export async function readKeysFile(path: string): Promise<ApiKey[]> {
  const parsed = keysFileSchema.safeParse(await readJsonObject(path));
  if (parsed.success) return parsed.data.keys;
  // The invalid value is not shown: it may be a key.
  const { path: place, message } = parsed.error.issues[0]!;
  throw new FileError(path, place.map(String).join('.'), message);
}

/**
 * Clients by their keys, each with its own limits.
 * @param now a clock in milliseconds, for tests
 */
export function clientsOf(keys: readonly ApiKey[], now = () => performance.now()): Clients {
  // Hashes are looked up, so timing reveals nothing about keys.
  const clients = new Map(keys.map((key) => [key.sha256, new KeyedClient(key, now)]));
  return {
    of({ headers }) {
      const [, key] = /^Bearer +(\S+)$/i.exec(headers.get('authorization') ?? '') ?? [];
      const client =
        key === undefined ? undefined : clients.get(createHash('sha256').update(key).digest('hex'));
      if (client) return client;
      throw new ApiError(
        401,
        key === undefined
          ? 'a key is needed; send it as "Authorization: Bearer <key>"'
          : 'the key is not known here',
        { code: 'invalid_api_key', headers: { 'www-authenticate': 'Bearer' } },
      );
    },
  };
}

class KeyedClient implements Client {
  readonly name: string;
  readonly #key: ApiKey;
  readonly #now: () => number;
  #running = 0;
  /** Requests that may start at once, as of `#at`; they are restored evenly over a minute. */
  #allowed: number;
  #at: number;

  constructor(key: ApiKey, now: () => number) {
    this.name = key.name;
    this.#key = key;
    this.#now = now;
    this.#allowed = key.requestsPerMinute ?? Number.POSITIVE_INFINITY;
    this.#at = now();
  }

  sees(model: string): boolean {
    return this.#key.models.some((pattern) =>
      pattern.endsWith('*') ? model.startsWith(pattern.slice(0, -1)) : model === pattern,
    );
  }

  enter(): () => void {
    const { maxConcurrent = Number.POSITIVE_INFINITY, requestsPerMinute } = this.#key;
    if (this.#running >= maxConcurrent)
      throw tooMany(`this key has ${maxConcurrent} requests under way, which is its limit`, 1);
    if (requestsPerMinute !== undefined) this.#takeOne(requestsPerMinute);
    this.#running++;
    return () => {
      this.#running--;
    };
  }

  #takeOne(perMinute: number): void {
    const now = this.#now();
    this.#allowed = Math.min(perMinute, this.#allowed + ((now - this.#at) * perMinute) / 60_000);
    this.#at = now;
    if (this.#allowed < 1)
      throw tooMany(
        `this key may make ${perMinute} requests in a minute`,
        Math.ceil(((1 - this.#allowed) * 60) / perMinute),
      );
    this.#allowed--;
  }
}

const tooMany = (message: string, retryAfter: number) =>
  new ApiError(429, message, {
    type: 'rate_limit_exceeded',
    code: 'rate_limit_exceeded',
    headers: { 'retry-after': String(retryAfter) },
  });
