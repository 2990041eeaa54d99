import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { s3Server } from '../../distribution/s3-server.fixture.js';
import { filesOf, textOf } from '../../distribution/toy-engine.fixture.js';
import { openStore } from './open-store.js';

let server: Server;
const signatures: (string | undefined)[] = [];
beforeAll(async () => {
  const { answer } = s3Server();
  server = createServer((request, response) => {
    signatures.push(request.headers.authorization);
    void answer(request, response);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
});
afterAll(() => server.close());
afterEach(() => vi.unstubAllEnvs());

it('opens a bucket with the keys and the endpoint of the environment, and signs what it sends', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'us');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  vi.stubEnv('AWS_REGION', 'eu-north-1');
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const store = openStore('s3://bucket/work');
  expect(await store.create('cell/ab/abc', filesOf({ 'result.json': '1' }))).toBe(true);
  expect(await store.create('cell/ab/abc', filesOf({ 'result.json': '2' }))).toBe(false);
  expect(textOf(await store.get('cell/ab/abc'))).toBe('1');
  for (const signature of signatures)
    expect(signature).toMatch(/^AWS4-HMAC-SHA256 Credential=us\/\d{8}\/eu-north-1\/s3\/aws4_request/);
});

it('refuses what is no store, and a bucket without keys', async () => {
  expect(() => openStore('http://nowhere')).toThrow('store: expected folder:PATH or s3://BUCKET/PREFIX');
  vi.stubEnv('AWS_ACCESS_KEY_ID', '');
  await expect(openStore('s3://bucket/x').has('cell')).rejects.toThrow('s3: needs AWS_ACCESS_KEY_ID');
  expect(openStore('folder:/some/where').url).toBe('folder:/some/where');
  expect(openStore('folder:///some/where').url).toBe('folder:/some/where');
  expect(openStore('/some/where').url).toBe('folder:/some/where');
});
