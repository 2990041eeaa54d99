/** @file API keys: the format of their file, and what each key allows. */
import { createHash } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileError } from '../../errors.js';
import type { ApiError } from './errors.js';
import { type ApiKey, KeyedClients, readKeysFile } from './keys.js';
import { openKeysFile } from './keys-file.js';

const hashOf = (key: string) => createHash('sha256').update(key).digest('hex');
const keyOf = (name: string, rest: Partial<ApiKey> = {}): ApiKey => ({
  ...{ name, sha256: hashOf(`sk-${name}`), models: ['*'] },
  ...rest,
});
const request = (authorization?: string) =>
  new Request('http://localhost', { headers: authorization === undefined ? {} : { authorization } });
const errorOf = (call: () => unknown): ApiError => {
  try {
    call();
  } catch (error) {
    return error as ApiError;
  }
  throw new Error('nothing was thrown');
};

describe('a client', () => {
  it('is identified by its key', () => {
    const clients = new KeyedClients([keyOf('ann'), keyOf('bob')]);
    expect(clients.of(request('Bearer sk-bob')).name).toBe('bob');
    expect(clients.of(request('bearer  sk-ann')).name).toBe('ann');
    for (const wrong of [
      undefined,
      'sk-ann',
      'Bearer SK-ANN',
      'Basic sk-ann',
      `Bearer ${hashOf('sk-ann')}`,
    ]) {
      const { status, details } = errorOf(() => clients.of(request(wrong)));
      expect({ status, details }).toEqual({
        status: 401,
        details: { code: 'invalid_api_key', headers: { 'www-authenticate': 'Bearer' } },
      });
    }
  });

  it('sees only its models', () => {
    const client = new KeyedClients([keyOf('ann', { models: ['cats', 'team/*'] })]).of(
      request('Bearer sk-ann'),
    );
    const seen = ['cats', 'cats2', 'team/a', 'team', 'other/team/a'].filter((id) => client.sees(id));
    expect(seen).toEqual(['cats', 'team/a']);
  });

  it('has a limit of requests per minute, which are restored evenly', () => {
    let now = 0;
    const client = new KeyedClients([keyOf('ann', { requestsPerMinute: 6 })], () => now).of(
      request('Bearer sk-ann'),
    );
    for (let i = 0; i < 6; i++) client.enter()(1);
    const { status, details } = errorOf(() => client.enter());
    expect(status).toBe(429);
    expect(details.headers).toEqual({ 'retry-after': '10' });
    now = 9_999;
    expect(errorOf(() => client.enter()).details.headers).toEqual({ 'retry-after': '1' });
    now = 20_000;
    client.enter();
    client.enter();
    expect(errorOf(() => client.enter()).status).toBe(429);
    now = 1e9; // unused requests do not accumulate
    for (let i = 0; i < 6; i++) client.enter();
    expect(errorOf(() => client.enter()).status).toBe(429);
  });

  it('has a limit of tokens per minute, which is known to be passed at the end of a request', () => {
    let now = 0;
    const clients = new KeyedClients([keyOf('ann', { tokensPerMinute: 60 })], () => now);
    const enter = () => clients.of(request('Bearer sk-ann')).enter();
    enter()(59);
    enter()(31);
    expect(errorOf(enter).details.headers).toEqual({ 'retry-after': '31' });
    now = 31_000;
    enter();
  });

  it('keeps what it has used when other keys come and go, and is new with other limits', () => {
    const ann = keyOf('ann', { requestsPerMinute: 1 });
    const clients = new KeyedClients([ann], () => 0);
    const enter = () => clients.of(request('Bearer sk-ann')).enter();
    enter();
    clients.replace([keyOf('bob'), ann]);
    expect(errorOf(enter).status).toBe(429);
    clients.replace([{ ...ann, requestsPerMinute: 2 }]);
    enter();
    clients.replace([keyOf('bob')]);
    expect(errorOf(enter).status).toBe(401);
  });

  it('has a limit of concurrent requests', () => {
    const clients = new KeyedClients([keyOf('ann', { maxConcurrent: 2 }), keyOf('bob')]);
    const client = clients.of(request('Bearer sk-ann'));
    const leave = client.enter();
    client.enter();
    expect(errorOf(() => client.enter()).details.code).toBe('rate_limit_exceeded');
    clients.of(request('Bearer sk-bob')).enter();
    leave(1);
    client.enter();
  });
});

describe('a file of keys', () => {
  const read = async (content: unknown) => {
    const path = join(await mkdtemp(join(tmpdir(), 'promptune-keys-')), 'keys.json');
    await writeFile(path, JSON.stringify(content));
    return readKeysFile(path);
  };

  it('is read again when it has changed, and keeps its keys while it is broken', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'promptune-keys-')), 'keys.json');
    const write = (content: unknown) => writeFile(path, JSON.stringify(content));
    const named = (name: string) => ({ keys: [{ name, sha256: hashOf(`sk-${name}`) }] });
    await write(named('ann'));
    const errors: unknown[] = [];
    const file = await openKeysFile(path, 1e6, (error) => errors.push(error));
    const isKnown = (name: string) => {
      try {
        return file.clients.of(request(`Bearer sk-${name}`)).name === name;
      } catch {
        return false;
      }
    };
    expect([isKnown('ann'), isKnown('robert')]).toEqual([true, false]);
    await write(named('robert'));
    await file.look();
    expect([isKnown('ann'), isKnown('robert')]).toEqual([false, true]);
    await write({ keys: [] });
    await file.look();
    expect(errors).toEqual([expect.any(FileError)]);
    expect(isKnown('robert')).toBe(true);
    file.close();
  });

  it('has names, hashes and limits', async () => {
    const key = { name: 'ann', sha256: hashOf('sk-ann'), maxConcurrent: 2 };
    expect(await read({ keys: [key] })).toEqual([{ ...key, models: ['*'] }]);
  });

  it.each<[unknown, string]>([
    [{ keys: [] }, '(keys): expected at least one key'],
    [
      { keys: [{ name: 'ann', sha256: 'sk-ann' }] },
      '(keys.0.sha256): expected the SHA-256 of the key, 64 hexadecimal digits',
    ],
    [{ keys: [{ name: 'a b', sha256: hashOf('') }] }, '(keys.0.name): expected letters'],
    [
      { keys: [{ name: 'a', sha256: hashOf(''), maxConcurrent: 0 }] },
      '(keys.0.maxConcurrent): expected an integer',
    ],
  ])('is refused as %j', async (content, message) => {
    await expect(read(content)).rejects.toThrow(FileError);
    await expect(read(content)).rejects.toThrow(message);
    await expect(read(content)).rejects.not.toThrow('sk-ann'); // a key in the wrong place is not shown
  });
});
