import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { UsageError } from '../../errors.js';
import { checkQueueUrl, connect, withoutPassword } from './connect.js';
import { fakeRedis, type SaidByRedis } from './redis.fixture.js';

/** How the connection to such a server ends; undefined where it comes about. */
async function outcome(said: SaidByRedis, before = ''): Promise<string | undefined> {
  const { host, close } = await fakeRedis(said);
  onTestFinished(close);
  try {
    (await connect(`redis://${before}${host}`, { waits: true }, { Redis })).disconnect();
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toContain(`redis://${host} `);
    return (error as Error).message;
  }
}

test('a server that can hold a queue is taken', async () => {
  expect(await outcome({})).toBeUndefined();
});

test('what waiting does not help is said at once, without the password', async () => {
  const wantsPassword = { errors: { HELLO: 'NOAUTH HELLO must be called with the client authenticated' } };
  expect(await outcome(wantsPassword)).toMatch(/wants a password: the address has it between/);
  const refuses = { errors: { HELLO: 'WRONGPASS invalid username-password pair or user is disabled.' } };
  expect(await outcome(refuses, 'joe:se@cret@')).toMatch(/refuses the user or the password/);
  const forbids = { errors: { INFO: "NOPERM User joe has no permissions to run the 'info' command" } };
  expect(await outcome(forbids)).toMatch(
    /does not allow this user what a queue needs: User joe .* 'info' command/,
  );
  expect(await outcome({ instead: 'HTTP/1.1 400 Bad Request\r\n\r\n' })).toMatch(/is not Redis/);
});

test('a server that would lose works, or cannot hold them, is refused with the reason', async () => {
  expect(await outcome({ info: { redis_version: '5.0.14' } })).toMatch(/is Redis 5\.0\.14; .* 6\.2 or later/);
  expect(await outcome({ info: { redis_version: '6.0.16' } })).toMatch(/is Redis 6\.0\.16/);
  expect(await outcome({ info: { redis_version: '6.2.0' } })).toBeUndefined();
  expect(await outcome({ info: { redis_version: '10.0.0' } })).toBeUndefined();
  expect(await outcome({ info: { role: 'slave' } })).toMatch(/is a replica, which takes no writes/);
  expect(await outcome({ info: { cluster_enabled: '1' } })).toMatch(/is in cluster mode/);
  expect(await outcome({ info: { maxmemory_policy: 'allkeys-lru' } })).toMatch(
    /has the maxmemory-policy allkeys-lru, .* set it to noeviction/,
  );
});

test('an address that is none is refused, without its password', () => {
  for (const url of ['localhost:6379', 'http://host', 'redis://', 'redis://host:99999', 'redis://host:port'])
    expect(() => checkQueueUrl(url), url).toThrow(/expected redis:\/\/HOST:PORT/);
  expect(() => checkQueueUrl('rediss://:pass@host:port')).toThrow(/got rediss:\/\/host:port$/);
  expect(withoutPassword('redis://joe:pa@ss@host:1/2')).toBe('redis://host:1/2');
});
