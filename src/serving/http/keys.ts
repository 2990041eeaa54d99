/**
 * @file A file of API keys: who may send requests, to which models, and how many. It contains only hashes of the keys,
 *   so it is not a secret.
 */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { FileError } from '../../errors.js';
import { readJsonObject } from '../../formats/json.js';
import { said, say } from '../../say.js';
import { Allowance } from './allowance.js';
import type { Client, Clients } from './clients.js';
import { ApiError } from './errors.js';

const limit = z.int('expected an integer from 1').min(1, 'expected an integer from 1').optional();

/** A key of the keys file: the hash of the key, and what it allows. */
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
  requestsPerMinute: limit.describe('maximum number of requests per minute (default: any number)'),
  tokensPerMinute: limit.describe(
    'maximum number of tokens per minute, of prompts and answers (default: any number)',
  ),
  maxConcurrent: limit.describe('maximum number of requests at once (default: any number)'),
  studio: z
    .boolean('expected true or false')
    .optional()
    .describe(
      'whether it may use the studio, which starts jobs, and reads and deletes runs (default: false)',
    ),
});

const keysFileSchema = z.strictObject({
  keys: z.array(apiKeySchema, 'expected a list of keys').min(1, 'expected at least one key'),
});

/** A key, with the models that its owner can see and its limits. */
export type ApiKey = z.output<typeof apiKeySchema>;

/**
 * The keys of a file, as `--keys` takes it.
 * @throws FileError for a file that cannot be read or is invalid
 */
export async function readKeysFile(path: string): Promise<ApiKey[]> {
  const parsed = keysFileSchema.safeParse(await readJsonObject(path));
  if (parsed.success) return parsed.data.keys;
  // The invalid value is not shown: it may be a key.
  const { path: place, message } = parsed.error.issues[0]!;
  throw new FileError(path, place.map(String).join('.'), said(message));
}

/** Clients by their keys, each with its own limits. */
export class KeyedClients implements Clients {
  #clients = new Map<string, KeyedClient>();
  readonly #now: () => number;

  /** @param now a clock in milliseconds, for tests */
  constructor(keys: readonly ApiKey[], now = () => performance.now()) {
    this.#now = now;
    this.replace(keys);
  }

  /** Other keys from now on. Those that stay as they are keep what they have used of their limits. */
  replace(keys: readonly ApiKey[]): void {
    const before = this.#clients;
    this.#clients = new Map(
      keys.map((key) => {
        const known = before.get(key.sha256);
        return [key.sha256, known?.isOf(key) ? known : new KeyedClient(key, this.#now)];
      }),
    );
  }

  of({ headers }: Request): Client {
    const [, key] = /^Bearer +(\S+)$/i.exec(headers.get('authorization') ?? '') ?? [];
    // Hashes are looked up, so timing reveals nothing about keys.
    const client =
      key === undefined ? undefined : this.#clients.get(createHash('sha256').update(key).digest('hex'));
    if (client) return client;
    throw new ApiError(
      401,
      key === undefined
        ? say`a key is needed; send it as "Authorization: Bearer <key>"`
        : say`the key is not known here`,
      { code: 'invalid_api_key', headers: { 'www-authenticate': 'Bearer' } },
    );
  }
}

class KeyedClient implements Client {
  readonly name: string;
  readonly #key: ApiKey;
  readonly #requests: Allowance;
  readonly #tokens: Allowance;
  #running = 0;

  constructor(key: ApiKey, now: () => number) {
    this.name = key.name;
    this.#key = key;
    this.#requests = new Allowance(key.requestsPerMinute ?? Number.POSITIVE_INFINITY, now);
    this.#tokens = new Allowance(key.tokensPerMinute ?? Number.POSITIVE_INFINITY, now);
  }

  get mayUseStudio(): boolean {
    return this.#key.studio === true;
  }

  isOf(key: ApiKey): boolean {
    return JSON.stringify(key) === JSON.stringify(this.#key);
  }

  sees(model: string): boolean {
    return this.#key.models.some((pattern) =>
      pattern.endsWith('*') ? model.startsWith(pattern.slice(0, -1)) : model === pattern,
    );
  }

  enter(): (tokens: number) => void {
    const { maxConcurrent = Number.POSITIVE_INFINITY, requestsPerMinute, tokensPerMinute } = this.#key;
    if (this.#running >= maxConcurrent)
      throw tooMany(say`this key has ${maxConcurrent} request|requests under way, which is its limit`, 1);
    if (tokensPerMinute !== undefined) {
      // How many a request uses is known at its end.
      const seconds = this.#tokens.secondsUntil(1);
      if (seconds > 0)
        throw tooMany(say`this key may use ${tokensPerMinute} token|tokens in a minute`, seconds);
    }
    if (requestsPerMinute !== undefined) {
      const seconds = this.#requests.secondsUntil(1);
      if (seconds > 0)
        throw tooMany(say`this key may make ${requestsPerMinute} request|requests in a minute`, seconds);
      this.#requests.take(1);
    }
    this.#running++;
    return (tokens) => {
      this.#running--;
      if (tokensPerMinute !== undefined) this.#tokens.take(tokens);
    };
  }
}

const tooMany = (message: string, retryAfter: number) =>
  new ApiError(429, message, {
    type: 'rate_limit_exceeded',
    code: 'rate_limit_exceeded',
    headers: { 'retry-after': String(Math.ceil(retryAfter)) },
  });
