/**
 * @file A store in Redis for what is wanted within seconds and never again: the tensors and gradients of a training
 *   step, the candidates of a step of a search. They are kilobytes, and are forgotten after some minutes.
 */
import { deserialize, serialize } from 'node:v8';
import type { Redis } from 'ioredis';
import type { Store } from '../../distribution/store.js';
import type { ResultFiles } from '../../distribution/work.js';

/** In seconds: longer than a step takes, whatever dies. */
const keptFor = 600;

const transientKinds: readonly string[] = ['gradients', 'prompt-losses'];

function redisStore(redis: Redis): Store {
  const keyOf = (name: string) => `promptune-transient:${name}`;
  return {
    url: 'redis',
    has: async (name) => (await redis.exists(keyOf(name))) === 1,
    async get(name) {
      const bytes = await redis.getBuffer(keyOf(name));
      return bytes === null ? undefined : (deserialize(bytes) as ResultFiles);
    },
    create: async (name, files) =>
      (await redis.set(keyOf(name), serialize(files), 'EX', keptFor, 'NX')) === 'OK',
    show: async () => {},
    list: async () => [],
    remove: async (name) => void (await redis.del(keyOf(name))),
  };
}

/** Where the inputs and results of each kind of work lie. */
export function storesByKind(store: Store, redis: Redis): (kind: string) => Store {
  const transient = redisStore(redis);
  return (kind) => (transientKinds.includes(kind) ? transient : store);
}
