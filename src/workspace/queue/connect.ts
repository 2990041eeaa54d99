/** @file Connections to Redis or Valkey, and the packages that they need, which users of queues install. */
import type * as BullMQ from 'bullmq';
import type { Redis, RedisOptions } from 'ioredis';
import { PromptuneError, UsageError } from '../../errors.js';

/** Of the messages between coordinators and workers. Queues of another version are not seen. */
const protocol = 1;

export const bullmqVersion = '6.7.0';
export const ioredisVersion = '6.0.0';

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
      `a queue needs two packages: npm install bullmq@${bullmqVersion} ioredis@${ioredisVersion}`,
      cause,
    );
  }
}

/** @throws UsageError for a URL that is not one of Redis */
export function checkQueueUrl(url: string): void {
  if (!/^rediss?:\/\/[^/]+/i.test(url))
    throw queueError(`expected redis://HOST:PORT, or rediss:// with TLS, got ${withoutPassword(url)}`);
}

export const withoutPassword = (url: string): string => url.replace(/\/\/[^@/]*@/, '//');

/**
 * Connects, and checks that the server keeps what it is given.
 * @param options `waits`: whether commands wait for a server that is away, instead of failing
 * @throws PromptuneError if it cannot be reached within ten seconds, UsageError if it would forget keys
 */
export async function connect(
  url: string,
  { waits }: { waits: boolean },
  { Redis: Client }: QueuePackages,
): Promise<Redis> {
  checkQueueUrl(url);
  const options: RedisOptions = {
    maxRetriesPerRequest: waits ? null : 1,
    retryStrategy: (times) => Math.min(250 * times, 2000),
    lazyConnect: true,
  };
  const client = new Client(url, options);
  let last = 'no answer within 10 s';
  client.on('error', (error: Error) => {
    last = error.message;
  });
  const timeout = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(new Error(last)), 10_000);
    timer.unref();
  });
  try {
    await Promise.race([client.connect().catch(() => ready(client)), timeout]);
    const memory = await Promise.race([client.info('memory'), timeout]);
    const policy = /maxmemory_policy:(\S+)/.exec(memory)?.[1];
    if (policy !== undefined && policy !== 'noeviction')
      throw queueError(
        `the server's maxmemory-policy is ${policy}, so that it may forget works; set it to noeviction`,
      );
    return client;
  } catch (cause) {
    client.disconnect();
    if (cause instanceof UsageError) throw cause;
    throw new PromptuneError(`${withoutPassword(url)} cannot be reached: ${(cause as Error).message}`, {
      code: 'unavailable',
      cause,
    });
  }
}

const ready = (client: Redis) => new Promise<void>((resolve) => client.once('ready', resolve));
