/** @file Connections to Redis or Valkey, and the packages that they need, which users of queues install. */
import type * as BullMQ from 'bullmq';
import type { Redis, RedisOptions } from 'ioredis';
import { PromptuneError, UsageError } from '../../errors.js';
import { say } from '../../say.js';

/** Of the messages between coordinators and workers. Queues of another version are not seen. */
const protocol = 1;

const bullmqVersion = '6.7.0';
const ioredisVersion = '6.0.0';

/** BullMQ's keys: all of ours, and of nobody else on the same server. */
export const keyPrefix = 'promptune';

/** Works of one class of machines; of the machines for `purpose` alone, such as those with much memory. */
export const queueName = (machineClass: string, purpose?: string): string =>
  `promptune-${protocol}-${machineClass}${purpose === undefined ? '' : `-${purpose}`}`;

const queueError = (message: string, cause?: unknown) =>
  new UsageError([{ path: ['queue'], message }], cause === undefined ? {} : { code: 'unavailable', cause });

export interface QueuePackages {
  readonly bullmq: typeof BullMQ;
  readonly Redis: typeof Redis;
}

/** @throws UsageError if they are not installed */
export async function loadPackages(): Promise<QueuePackages> {
  try {
    const [bullmq, ioredis] = await Promise.all([import('bullmq'), import('ioredis')]);
    return { bullmq, Redis: ioredis.Redis };
  } catch (cause) {
    throw queueError(
      say`a queue needs two packages: npm install bullmq@${bullmqVersion} ioredis@${ioredisVersion}`,
      cause,
    );
  }
}

/** @throws UsageError for a URL that is not one of Redis */
export function checkQueueUrl(url: string): void {
  if (!/^rediss?:\/\/[^/]+/i.test(url) || !URL.canParse(url))
    throw queueError(say`expected redis://HOST:PORT, or rediss:// with TLS, got ${withoutPassword(url)}`);
}

export const withoutPassword = (url: string): string => url.replace(/\/\/[^/]*@/, '//');

/** In milliseconds: a server that has just been started may take some of them. */
const patience = 10_000;

/**
 * Connects, and checks that the server can hold a queue and keeps what it is given.
 * @param options `waits`: whether commands wait for a server that is away, instead of failing
 * @throws PromptuneError if it cannot be reached within ten seconds; UsageError if waiting would not help: for a wrong
 *   password, an old version, a replica, or a server that may forget keys
 */
export async function connect(
  url: string,
  { waits }: { waits: boolean },
  { Redis: Client }: Pick<QueuePackages, 'Redis'>,
): Promise<Redis> {
  checkQueueUrl(url);
  const options: RedisOptions = {
    maxRetriesPerRequest: waits ? null : 1,
    retryStrategy: (times) => Math.min(250 * times, 2000),
    lazyConnect: true,
  };
  const client = new Client(url, options);
  let last: Error | undefined;
  const failed = new Promise<never>((_, reject) => {
    client.on('error', (error: Error) => {
      last = error;
      const refusal = refusalOf(error.message);
      if (refusal !== undefined) reject(queueError(`${withoutPassword(url)} ${refusal}`, error));
    });
    const timer = setTimeout(() => reject(unreachable(url, last)), patience);
    timer.unref();
  });
  failed.catch(() => {}); // once it is connected, nobody waits for this
  try {
    await Promise.race([client.connect().catch(() => ready(client)), failed]);
    const problem = problemOf(await Promise.race([client.info(), failed]));
    if (problem !== undefined) throw queueError(`${withoutPassword(url)} ${problem}`);
    return client;
  } catch (error) {
    client.disconnect();
    if (error instanceof PromptuneError) throw error;
    const refusal = refusalOf((error as Error).message);
    throw refusal === undefined
      ? unreachable(url, error as Error)
      : queueError(`${withoutPassword(url)} ${refusal}`, error);
  }
}

const ready = (client: Redis) => new Promise<void>((resolve) => client.once('ready', resolve));

/** @param cause what went wrong last; undefined where nothing did, and nothing came */
function unreachable(url: string, cause: Error | undefined): PromptuneError {
  const reason = cause?.message || say`no answer within 10 s`;
  const hint = cause
    ? ''
    : /^rediss:/i.test(url)
      ? say`; does it speak TLS?`
      : say`; with TLS it is rediss://`;
  return new PromptuneError(say`${withoutPassword(url)} cannot be reached: ${reason}${hint}`, {
    code: 'unavailable',
    cause,
  });
}

/** What a server's answer to the first commands means, where the next try would get the same one. */
function refusalOf(message: string): string | undefined {
  if (/^NOAUTH/.test(message))
    return say`wants a password: the address has it between // and @ (in PROMPTUNE_QUEUE, ps does not show
      it)`;
  if (/^WRONGPASS|^ERR invalid password/i.test(message))
    return say`refuses the user or the password in the address (%40 stands for @, %2F for /)`;
  if (/^NOPERM/.test(message))
    return say`does not allow this user what a queue needs: ${message.replace(/^NOPERM */, '')}`;
  if (/max number of clients/i.test(message))
    return say`has as many clients as it takes; raise its maxclients`;
  if (/DB index is out of range|invalid DB index/i.test(message))
    return say`has no database of the number in the address`;
  if (/RESP type|Protocol error/.test(message)) return say`is not Redis: it answers in another language`;
  return undefined;
}

/** Before it, BullMQ works around commands that are missing. */
const oldestRedis = [6, 2] as const;

/** Why a server cannot hold a queue, by what it says of itself. */
function problemOf(info: string): string | undefined {
  const field = (name: string) => new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1];
  const version = field('redis_version'); // Valkey has it as well
  if (version !== undefined && isBefore(version, oldestRedis))
    return say`is Redis ${version}; a queue needs Redis ${oldestRedis.join('.')} or later, or Valkey`;
  if (field('cluster_enabled') === '1')
    return say`is in cluster mode, which divides the keys of a queue among servers; use a server without it`;
  if (field('role') === 'slave') return say`is a replica, which takes no writes; use its primary`;
  const policy = field('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction')
    return say`has the maxmemory-policy ${policy}, so that it may forget jobs; set it to noeviction`;
  return undefined;
}

function isBefore(version: string, [major, minor]: readonly [number, number]): boolean {
  const [own = 0, ownMinor = 0] = version.split('.').map(Number);
  return own < major || (own === major && ownMinor < minor);
}
